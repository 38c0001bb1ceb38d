//! Each message in the sources has its entry in `guide::troubleshooting`.

use std::{
    fs,
    iter::Peekable,
    path::{Path, PathBuf},
    str::Chars,
};

/// What is no message, or none that anybody gets: the beginnings of such texts.
const OTHERS: [&str; 33] = [
    // Invariants.
    "a table's key is its type",
    "an expansion never calls it",
    "code in a span does not panic",
    "it is there until the drop",
    "it is not zero",
    "nobody asks a vacant scope",
    "the request carries it",
    // Of loom's models.
    "a response was left behind",
    "the connection's own response waits",
    "the next flush returns the other's",
    "the wake-up is lost",
    "its name is a number",
    // Reports and displays, and headers.
    "redirect to {to}",
    "drained in {elapsed",
    "`{}` ({}), scheduled",
    "{count} page{s} in",
    "static {path}",
    "{completed} completed,",
    "default-src 'none';",
    "public, max-age=0",
    "task `{}` ({}) {}",
    "{text} more",
    "the workers have stopped",
    // River's own words, and statements.
    "Stuck job rescued",
    "WITH released AS",
    "UPDATE river_job",
    "INSERT INTO river_notification",
    "' = held.value",
    "had a NUL character",
    "\\n `{path}`",
    "\\n and {more}",
    // Parts of messages that are listed.
    "{separator}its error panicked",
    "failed: its error panicked",
];

#[test]
fn each_message_has_its_entry() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("runtime/src/guide/troubleshooting.md"));
    let page = one_line(&page.expect("it is readable"));
    let mut sources = Vec::new();
    for folder in ["runtime/src", "runtime/jobs/src"] {
        collect(&root.join(folder), &mut sources);
    }
    let (mut found, mut missing) = (0, Vec::new());
    for path in sources {
        let text = fs::read_to_string(&path).expect("it is readable");
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
        for message in texts(&text).iter().map(|text| one_line(text)) {
            let is_other = OTHERS.iter().any(|other| message.starts_with(other));
            if is_other || message.split(' ').count() < 4 {
                continue;
            }
            found += 1;
            let part = longest_part(&message);
            if !page.contains(part) {
                missing.push(format!("{}: {part}", path.display()));
            }
        }
    }
    assert!(found > 90, "only {found} messages were found");
    assert!(missing.is_empty(), "the page has no entry for:\n{}", missing.join("\n"));
}

#[test]
fn texts_are_found_where_they_are_messages() {
    let source = "// \"a comment with four words\"\n#![expect(x, reason = \"not this text here\")]\n\
                  let a = \"one `#[cache]` \\\n    two\"; let b = '\"'; let c = r#\"raw \"text\"\"#;";
    assert_eq!(texts(source), ["one `#[cache]` two", "raw \"text\""]);
    assert_eq!(longest_part("`{name}` at {place}: it is gone {x}"), ": it is gone");
    assert_eq!(longest_part("as in `/{{name}}/` only"), "as in `/{name}/` only");
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it is readable").path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
}

/// Returns the string literals of `source` that stand neither in comments nor in attributes.
fn texts(source: &str) -> Vec<String> {
    let (mut texts, mut chars) = (Vec::new(), source.chars().peekable());
    // How many brackets are open of the attribute that is read.
    let (mut attribute, mut before) = (0, ' ');
    while let Some(char) = chars.next() {
        match char {
            '/' if chars.peek() == Some(&'/') => {
                chars.by_ref().find(|char| *char == '\n');
            }
            '\'' => skip_char(&mut chars),
            'r' if !before.is_alphanumeric() && matches!(chars.peek(), Some('"' | '#')) => {
                texts.extend(raw_text(&mut chars));
            }
            '"' => {
                let text = text(&mut chars);
                if attribute == 0 {
                    texts.push(text);
                }
            }
            '[' if attribute > 0 || before == '#' => attribute += 1,
            ']' if attribute > 0 => attribute -= 1,
            _ => {}
        }
        // An inner attribute, `#![..]`, is one too.
        if (before, char) != ('#', '!') {
            before = char;
        }
    }
    texts
}

/// Skips what follows the quote of a character, and nothing of a lifetime.
fn skip_char(chars: &mut Peekable<Chars<'_>>) {
    let mut ahead = chars.clone();
    let escaped = ahead.next() == Some('\\') && ahead.next().is_some();
    if ahead.next() == Some('\'') {
        chars.nth(if escaped { 2 } else { 1 });
    }
}

fn text(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(char) = chars.next() {
        match (char, char == '\\') {
            ('"', _) => break,
            (_, true) => match chars.next() {
                Some('\n') => while chars.next_if(|char| char.is_whitespace()).is_some() {},
                Some('"') => text.push('"'),
                Some(other) => text.extend(['\\', other]),
                None => break,
            },
            _ => text.push(char),
        }
    }
    text
}

fn raw_text(chars: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut hashes = String::new();
    while chars.next_if_eq(&'#').is_some() {
        hashes.push('#');
    }
    chars.next_if_eq(&'"')?;
    let (end, mut text) = (format!("\"{hashes}"), String::new());
    while !text.ends_with(&end) {
        text.push(chars.next()?);
    }
    text.truncate(text.len() - end.len());
    Some(text)
}

/// Returns the longest part of a message between what differs, without the way to the page itself.
fn longest_part(message: &str) -> &str {
    let message = message.split(" (see with_after::guide").next().unwrap_or_default();
    // Leaked in a test.
    let message: &str = Box::leak(message.replace("{{", "\u{1}").replace("}}", "\u{2}").into());
    let parts = message.split('{').map(|part| part.split_once('}').map_or(part, |(_, part)| part));
    let longest = parts.map(str::trim).max_by_key(|part| part.len()).unwrap_or_default();
    Box::leak(longest.replace('\u{1}', "{").replace('\u{2}', "}").into())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
