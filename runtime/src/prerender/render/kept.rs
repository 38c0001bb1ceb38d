//! What is kept of a page.

use std::{
    hash::{DefaultHasher, Hasher as _},
    mem::size_of,
};

use bytes::Bytes;
use http::{HeaderValue, StatusCode};

use super::{Dynamic, Piece, Text};
use crate::{error::Caller, prerender::describe::Head};

/// What a render found, and what is kept of the page.
#[derive(Debug)]
pub(crate) enum Kept {
    /// The page is rendered for each request.
    Dynamic(Dynamic),
    /// A redirect, or "not found".
    Interrupt {
        status: StatusCode,
        location: Option<HeaderValue>,
    },
    Whole(Whole),
    /// A page with holes.
    Holed(Box<Text>),
}

/// A page without holes.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) text: Bytes,
    /// Lies behind the text, in the same allocation.
    pub(crate) etag: HeaderValue,
    /// `None` for HTML with the status 200.
    pub(crate) head: Option<Box<Head>>,
}

impl Kept {
    pub(crate) fn text(text: Text) -> Self {
        let head = Some(text.head).filter(|head| !head.is_plain()).map(Box::new);
        match <[Piece; 1]>::try_from(text.pieces) {
            Ok([Piece::Text(text)]) => Self::Whole(Whole::new(text, head)),
            Ok(pieces @ [Piece::Hole(_)]) => Self::holed(head, pieces.into()),
            Err(pieces) => Self::holed(head, pieces),
        }
    }

    /// Keeps HTML that was rendered elsewhere.
    pub(crate) fn html(text: Vec<u8>) -> Self {
        Self::Whole(Whole::new(text.into(), None))
    }

    fn holed(head: Option<Box<Head>>, pieces: Vec<Piece>) -> Self {
        let head = head.map(|head| *head).unwrap_or_default();
        Self::Holed(Box::new(Text { head, pieces }))
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Interrupt { status: StatusCode::NOT_FOUND, .. })
    }

    /// Returns how many bytes it takes, beside its own size.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Dynamic(_) => 0,
            Self::Interrupt { location, .. } => location.as_ref().map_or(0, HeaderValue::len),
            Self::Whole(Whole { text, etag, head }) => {
                text.len() + etag.len() + head.as_ref().map_or(0, |head| head_len(head))
            }
            Self::Holed(text) => {
                let Text { head, pieces } = &**text;
                let pieces = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => size_of::<Piece>() + text.len(),
                    Piece::Hole(hole) => HOLE + hole.fallback.len() + hole.holding,
                });
                head_len(head) + pieces.fold(0, usize::saturating_add)
            }
        }
    }

    /// Returns where the holes of the page are.
    pub(crate) fn holes(&self) -> Vec<Caller> {
        let Self::Holed(text) = self else { return Vec::new() };
        let holes = text.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Hole(hole) => Some(hole.location),
        });
        holes.collect()
    }
}

/// A hole with its piece, the counts of its references and the allocator's share.
const HOLE: usize = 256;

fn head_len(head: &Head) -> usize {
    let headers = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 128);
    size_of::<Text>() + headers.sum::<usize>()
}

impl Whole {
    fn new(text: Bytes, head: Option<Box<Head>>) -> Self {
        let len = text.len();
        let etag = etag(&text);
        // Takes the text as it is: nobody else has it.
        let mut all = Vec::from(text);
        all.reserve_exact(etag.len());
        all.extend_from_slice(etag.as_bytes());
        let all = Bytes::from(all.into_boxed_slice());
        // Digits, letters and quotes make a header.
        let etag = HeaderValue::from_maybe_shared(all.slice(len..));
        let etag = etag.unwrap_or(HeaderValue::from_static("\"\""));
        Self { text: all.slice(..len), etag, head }
    }
}

/// The same text has the same tag in every process of one build.
fn etag(text: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(text);
    format!("\"{:016x}-{:x}\"", hasher.finish(), text.len())
}
