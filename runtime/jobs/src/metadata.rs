//! What a job records in its metadata is stored with its end.
//!
//! PostgreSQL refuses a NUL in it. River 0.5 then tries again for ever, and with it the ends of all
//! jobs that it stores together with this one, so none of them ends.

use riverqueue::WorkContext;

/// Takes values with a NUL back, and tells of them.
///
/// River shows what was recorded to nobody but `Debug`, where each entry begins on a line of its
/// own, and line breaks in a text are escaped.
pub(crate) fn refuse_nul(context: &WorkContext) -> Result<(), String> {
    let keys = keys_with_nul(&format!("{context:#?}"));
    let Some(first) = keys.first() else { return Ok(()) };
    let reason = format!(
        "`{first}` of its output or metadata holds a NUL character, which PostgreSQL does not store"
    );
    for key in keys {
        // A text can be written as JSON.
        drop(context.metadata_set(key, "had a NUL character"));
    }
    Err(reason)
}

fn keys_with_nul(shown: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut key = None;
    for line in shown.lines() {
        if let Some(entry) = line.strip_prefix("        \"") {
            key = entry.split_once("\": ").map(|(key, _)| key.to_owned());
        }
        if shows_nul(line) && keys.last() != key.as_ref() {
            keys.extend(key.clone());
        }
    }
    keys
}

/// Returns whether a text in this line holds a NUL, which is always escaped.
fn shows_nul(line: &str) -> bool {
    let mut rest = line;
    while let Some((_, escape)) = rest.split_once('\\') {
        if escape.starts_with('0') {
            return true;
        }
        // What is escaped is ASCII: a backslash among it.
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}
