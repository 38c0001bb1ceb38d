//! Texts of strangers, cut to a length.

use std::borrow::Cow;

/// What a path may take.
pub(super) const PATH: usize = 512;

/// What the name of a task, or of a method, may take.
pub(super) const NAME: usize = 128;

/// What each error of a chain may take, and a header's value.
pub(super) const LINE: usize = 512;

/// Returns `text`, but no more of it than `max` bytes and an ellipsis.
pub(super) fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max {
        return Cow::Borrowed(text);
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_text_is_cut_between_its_characters() {
        assert_eq!(cut("éé", 4), "éé");
        assert_eq!(cut("ééé", 3), "é…");
        assert_eq!(cut("é", 0), "…");
    }
}
