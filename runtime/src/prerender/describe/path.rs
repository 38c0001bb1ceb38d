//! Paths of pages.
//!
//! A path has one **canonical** form, in which every character but `A-Z a-z 0-9 - . _ ~` and the
//! separating slash is percent-encoded. Pages are kept and found under it.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What common file systems take as a name.
pub(crate) const MAX_NAME: usize = 255;

/// The longest segment, in bytes.
const MAX_SEGMENT: usize = 256;

/// No longer path is looked at.
const MAX_PATH: usize = 8 * 1024;

const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns the canonical form of the path in a request, or `None` if no page can have it.
pub(crate) fn canonical(path: &str) -> Option<Cow<'_, str>> {
    let segments = path.strip_prefix('/').filter(|path| path.len() <= MAX_PATH)?;
    // As nearly all paths are.
    if path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte)) {
        return Some(Cow::Borrowed(path));
    }
    let segments: Option<Vec<_>> = segments.split('/').map(|s| Some(encode(&decode(s)?))).collect();
    Some(Cow::Owned(join(segments?.iter())))
}

/// Returns the segments of a canonical path.
pub(crate) fn split(path: &str) -> impl Iterator<Item = &str> + Clone {
    // The root has none.
    path.split('/').skip(if path == "/" { 2 } else { 1 })
}

pub(super) fn join<I: Iterator<Item: AsRef<str>>>(segments: I) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.push_str(segment.as_ref());
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

/// Says what keeps a segment from being served, looked up and written safely.
pub(super) fn check(segment: &str) -> Result<(), &'static str> {
    match segment {
        "" => Err("it is empty"),
        "." | ".." => Err("no browser asks for it"),
        _ if segment.len() > MAX_SEGMENT => Err("it is longer than 256 bytes"),
        _ if segment.contains(char::is_control) => Err("it holds a control character"),
        _ => Ok(()),
    }
}

pub(super) fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, &ENCODED).to_string()
}

pub(super) fn decode(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_canonical_form() {
        for path in ["/caf%C3%A9/a%2Fb", "/caf%c3%a9/%61%2fb", "/café/a%2Fb"] {
            assert_eq!(canonical(path).as_deref(), Some("/caf%C3%A9/a%2Fb"));
        }
        for path in ["/", "//", "/a/", "/a.b-c_d~e"] {
            assert_eq!(canonical(path).as_deref(), Some(path));
        }
        assert_eq!(canonical("/%ff"), None);
        assert_eq!(canonical(&format!("/{}", "a".repeat(MAX_PATH + 1))), None);
    }
}
