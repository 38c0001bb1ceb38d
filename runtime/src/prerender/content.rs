//! The text of a page, and the holes in it.
//!
//! A template shows a hole as a **mark**: a word without any character that HTML escapes, so that
//! it survives every template engine. When the page is rendered its text is cut at the marks.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, LazyLock},
};

use bytes::Bytes;

use super::suspense::Hole;

/// A part of a page.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(Bytes),
    Hole(Arc<Hole>),
}

/// Begins a mark. It differs from process to process, so that no text holds one by accident or
/// intent.
static MARK: LazyLock<String> =
    LazyLock::new(|| format!("with-after-{:016x}-", RandomState::new().hash_one("hole")));

/// Ends a mark: no digit, and no letter that a template might change.
const MARK_END: char = '-';

/// Returns the mark of the render's hole number `index`.
pub(super) fn mark(index: usize) -> String {
    format!("{}{index}{MARK_END}", *MARK)
}

/// Cuts `text` at the marks of `holes`.
pub(super) fn cut(text: String, holes: &[Arc<Hole>]) -> Vec<Piece> {
    if holes.is_empty() {
        return vec![Piece::Text(text.into())];
    }
    let text = Bytes::from(text);
    let mut pieces = Vec::with_capacity(2 * holes.len() + 1);
    let mut from = 0;
    for (begin, end, hole) in marks(&text, holes) {
        pieces.push(Piece::Text(text.slice(from..begin)));
        pieces.push(Piece::Hole(hole));
        from = end;
    }
    pieces.push(Piece::Text(text.slice(from..)));
    pieces
}

fn marks(text: &Bytes, holes: &[Arc<Hole>]) -> Vec<(usize, usize, Arc<Hole>)> {
    // The bytes were a `String`.
    let text = std::str::from_utf8(text).unwrap_or_default();
    let begins = text.match_indices(MARK.as_str());
    let marks = begins.filter_map(|(begin, mark)| {
        let (index, _) = text[begin + mark.len()..].split_once(MARK_END)?;
        let hole = holes.get(index.parse::<usize>().ok()?)?;
        Some((begin, begin + mark.len() + index.len() + MARK_END.len_utf8(), Arc::clone(hole)))
    });
    marks.collect()
}
