//! The text of a page, and the holes in it.
//!
//! A template shows a hole as a **mark**: a word without any character that HTML escapes, so that
//! it survives every template engine. When the page is rendered its text is cut at the marks.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;

use super::Hole;

/// A part of a page.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(Bytes),
    Hole(Arc<Hole>),
}

/// The holes of one render.
#[derive(Debug)]
pub(super) struct Holes {
    /// Begins each mark of this render, and of no other; empty as long as there is none.
    prefix: String,
    holes: Vec<Arc<Hole>>,
}

/// Begins every mark. It differs from process to process, so that no text holds one by accident or
/// intent.
static MARK: LazyLock<String> =
    LazyLock::new(|| format!("with-after-{:016x}-", RandomState::new().hash_one("hole")));

/// Ends a mark: no digit, and no letter that a template might change.
const MARK_END: char = '-';

impl Holes {
    pub(super) fn new() -> Self {
        Self { prefix: String::new(), holes: Vec::new() }
    }

    /// Adds a hole, and returns its mark.
    pub(super) fn leave(&mut self, hole: Arc<Hole>) -> String {
        static RENDERS: AtomicU64 = AtomicU64::new(0);
        if self.holes.is_empty() {
            // Nothing but the number itself is handed from thread to thread.
            let render = RENDERS.fetch_add(1, Ordering::Relaxed);
            self.prefix = format!("{}{render}-", *MARK);
        }
        self.holes.push(hole);
        format!("{}{}{MARK_END}", self.prefix, self.holes.len() - 1)
    }

    /// Cuts `text` at the marks; an error says why there is one that is not of this render.
    pub(super) fn cut(&self, text: Vec<u8>) -> Result<Vec<Piece>, &'static str> {
        if self.holes.is_empty() {
            // Such a text has no mark but one that was kept from another render.
            let marked = std::str::from_utf8(&text).is_ok_and(|text| text.contains(&**MARK));
            let piece = Piece::Text(Bytes::from(text.into_boxed_slice()));
            return if marked { Err(FOREIGN) } else { Ok(vec![piece]) };
        }
        let text = String::from_utf8(text).map_err(|_| "a page with holes is UTF-8")?;
        let text = Bytes::from(text.into_boxed_str().into_boxed_bytes());
        let mut pieces = Vec::with_capacity(2 * self.holes.len() + 1);
        let mut from = 0;
        // It was a `String`.
        for (begin, _) in std::str::from_utf8(&text).unwrap_or_default().match_indices(&**MARK) {
            let (end, hole) = self.hole_at(&text[begin..]).ok_or(FOREIGN)?;
            pieces.push(Piece::Text(text.slice(from..begin)));
            pieces.push(Piece::Hole(hole));
            from = begin + end;
        }
        pieces.push(Piece::Text(text.slice(from..)));
        Ok(pieces)
    }

    /// Reads the mark at the beginning of `text`; returns its length, and the hole.
    fn hole_at(&self, text: &[u8]) -> Option<(usize, Arc<Hole>)> {
        let rest = text.strip_prefix(self.prefix.as_bytes())?;
        let digits = rest.iter().position(|byte| *byte == MARK_END as u8)?;
        let index: usize = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let hole = self.holes.get(index)?;
        Some((self.prefix.len() + digits + MARK_END.len_utf8(), Arc::clone(hole)))
    }
}

const FOREIGN: &str =
    "it holds a hole of another render: make each hole in the component that displays it";
