//! A compact copy of a request's head.

use std::{cell::Cell, mem};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

/// The method, path and headers of a request, copied into one block.
///
/// A clone of the headers would be no cheaper, and would keep the connection's whole read buffer
/// alive for as long as a task waits.
#[derive(Debug)]
pub(crate) struct Head {
    route_len: usize,
    /// Method and path, then for each header [`ENTRY_HEAD`] bytes, its name and its value.
    block: Vec<u8>,
}

/// The length of the name (two bytes), whether the value is sensitive (one), nothing (one), the
/// length of the value (four).
const ENTRY_HEAD: usize = 8;

/// What a header takes on average, so that the block seldom grows.
const ENTRY: usize = 64;

/// The capacity up to which a block is kept for the next request.
const SPARE_MAX: usize = 1024;

thread_local! {
    /// The block of a request that has ended: most end on the thread where the next one begins.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Head {
    pub(crate) fn copy(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let (method, path) = (method.as_str(), uri.path());
        let route_len = method.len() + 1 + path.len();
        let mut block = SPARE.try_with(Cell::take).unwrap_or_default();
        block.clear();
        block.reserve(route_len + ENTRY * headers.len());
        block.extend_from_slice(method.as_bytes());
        block.push(b' ');
        block.extend_from_slice(path.as_bytes());
        for (name, value) in headers {
            let name = name.as_str();
            // The http crate allows names below 64 KiB; and no server reads a value of 4 GiB.
            let name_len = u16::try_from(name.len()).unwrap_or(u16::MAX);
            let value_len = u32::try_from(value.len()).unwrap_or(u32::MAX);
            let lengths = u64::from(value_len) << 32 | u64::from(name_len);
            let entry = lengths | u64::from(value.is_sensitive()) << 16;
            block.extend_from_slice(&entry.to_le_bytes());
            block.extend_from_slice(name.as_bytes());
            block.extend_from_slice(value.as_bytes());
        }
        Self { route_len, block }
    }

    /// Returns method and path, as messages show a request.
    pub(crate) fn route(&self) -> String {
        String::from_utf8_lossy(&self.block[..self.route_len]).into_owned()
    }

    /// Rebuilds the headers, in an allocation of their own.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut block = Bytes::copy_from_slice(&self.block[self.route_len..]);
        let mut headers = HeaderMap::new();
        while !block.is_empty() {
            let entry = block.split_to(ENTRY_HEAD);
            let name = block.split_to(read_length(&entry[..2]));
            let value = block.split_to(read_length(&entry[4..]));
            // Both were taken from a header, so neither conversion can fail.
            let (Ok(name), Ok(mut value)) =
                (HeaderName::from_bytes(&name), HeaderValue::from_maybe_shared(value))
            else {
                continue;
            };
            value.set_sensitive(entry[2] != 0);
            headers.append(name, value);
        }
        headers
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        if self.block.capacity() <= SPARE_MAX {
            let block = mem::take(&mut self.block);
            // Fails while the thread ends.
            let _ = SPARE.try_with(|spare| spare.set(block));
        }
    }
}

fn read_length(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |len, byte| len << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, COOKIE};

    use super::*;

    #[test]
    fn headers_survive_the_copy_in_order_with_repeats_and_sensitivity() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1"));
        headers.append("x-empty", HeaderValue::from_static(""));
        headers.append(COOKIE, HeaderValue::from_bytes(b"b=\xff").expect("opaque is allowed"));
        let mut secret = HeaderValue::from_static("Bearer x");
        secret.set_sensitive(true);
        headers.append(AUTHORIZATION, secret);

        let head = Head::copy(&Method::GET, &Uri::from_static("/a?b=c"), &headers);

        assert_eq!(head.headers(), headers);
        assert!(head.headers()[AUTHORIZATION].is_sensitive());
        assert!(!head.headers()[COOKIE].is_sensitive());
        assert_eq!(head.route(), "GET /a");
    }
}
