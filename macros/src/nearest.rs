//! Finds what the user most likely meant.

/// What other frameworks, and plain English, call our kinds and keys.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("action", "server_fn"),
    ("api", "route"),
    ("deadline", "max_duration"),
    ("duration", "max_duration"),
    ("handler", "route"),
    ("layer", "middleware"),
    ("layout", "component"),
    ("page", "component"),
    ("path", "crate"),
    ("proxy", "middleware"),
    ("timeout", "max_duration"),
];

/// The word of `known` that is closest to `word`, unless it resembles none.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let meant = OTHER_WORDS
        .iter()
        .find(|(other, _)| *other == word)
        .and_then(|(_, ours)| known.iter().find(|name| *name == ours));
    meant.copied().or_else(|| {
        let closest = known.iter().min_by_key(|name| distance(word, name))?;
        let limit = (closest.chars().count() / 2).max(1);
        (distance(word, closest) <= limit).then_some(*closest)
    })
}

/// How many letters must be added, removed or replaced to turn `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    // `row[j]`: the distance between what was read of `a` and the first `j` letters of `b`.
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for j in 0..b.len() {
            let replaced = diagonal + usize::from(letter != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("route", "route"), 0);
        assert_eq!(distance("rout", "route"), 1);
        assert_eq!(distance("mddlewear", "middleware"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn far_words_have_no_nearest() {
        assert_eq!(nearest("routes", &["component", "route"]), Some("route"));
        assert_eq!(nearest("page", &["component", "route"]), Some("component"));
        assert_eq!(nearest("xyzzy", &["component", "route"]), None);
    }
}
