//! A compact copy of a request's head.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, uri::PathAndQuery};

/// The method, path, query and headers of a request, all but the first copied into one block.
///
/// A clone of the headers would be no cheaper, and would keep the connection's whole read buffer
/// alive for as long as a task waits.
#[derive(Debug, Default)]
pub(crate) struct Head {
    method: Method,
    path_len: usize,
    /// The length of the path and of the query behind it, with its question mark.
    target_len: usize,
    /// The path and the query, then for each header [`ENTRY_HEAD`] bytes, its name and its value.
    block: Vec<u8>,
}

/// The length of the name, which the http crate keeps below 64 KiB, in two bytes; whether the value
/// is sensitive, in two; the length of the value in four: no server reads one of 4 GiB.
const ENTRY_HEAD: usize = 8;

const SENSITIVE: u64 = 1 << 16;

/// The capacity that most requests need no more of.
const SMALL: usize = 1024;

impl Head {
    /// Overwrites it by that of another request.
    pub(crate) fn copy(&mut self, method: &Method, uri: &Uri, headers: &HeaderMap) {
        let target = uri.path_and_query().map_or("", PathAndQuery::as_str);
        let block = &mut self.block;
        self.method = method.clone();
        self.path_len = uri.path().len();
        self.target_len = target.len();
        block.clear();
        if block.capacity() == 0 {
            let entry = |(name, value): (&HeaderName, &HeaderValue)| {
                ENTRY_HEAD + name.as_str().len() + value.len()
            };
            block.reserve_exact(target.len() + headers.iter().map(entry).sum::<usize>());
        }
        block.extend_from_slice(target.as_bytes());
        for (name, value) in headers {
            let name = name.as_str();
            let sensitive = if value.is_sensitive() { SENSITIVE } else { 0 };
            let lengths = (value.len() as u64) << 32 | sensitive | name.len() as u64;
            block.extend_from_slice(&lengths.to_le_bytes());
            block.extend_from_slice(name.as_bytes());
            block.extend_from_slice(value.as_bytes());
        }
    }

    /// Returns whether its memory is worth to be kept for another request.
    pub(crate) fn is_small(&self) -> bool {
        self.block.capacity() <= SMALL
    }

    /// Returns method and path, as messages show a request.
    pub(crate) fn route(&self) -> String {
        format!("{} {}", self.method, String::from_utf8_lossy(&self.block[..self.path_len]))
    }

    #[cfg(feature = "observe")]
    pub(crate) fn path(&self) -> &str {
        // It was taken from one.
        std::str::from_utf8(&self.block[..self.path_len]).unwrap_or_default()
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    /// Returns path and query of the request.
    pub(crate) fn uri(&self) -> Uri {
        // They were taken from one; that of a CONNECT has neither.
        Uri::try_from(&self.block[..self.target_len]).unwrap_or_default()
    }

    /// Rebuilds the headers, in an allocation of their own.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut block = Bytes::copy_from_slice(&self.block[self.target_len..]);
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

        let mut head = Head::default();
        head.copy(&Method::POST, &Uri::from_static("/earlier"), &HeaderMap::new());
        head.copy(&Method::GET, &Uri::from_static("/a?b=c"), &headers);

        assert_eq!(head.headers(), headers);
        assert!(head.headers()[AUTHORIZATION].is_sensitive());
        assert!(!head.headers()[COOKIE].is_sensitive());
        assert_eq!(head.route(), "GET /a");
        assert_eq!(head.uri(), "/a?b=c");
    }
}
