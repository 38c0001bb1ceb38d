//! A compact copy of a request's head.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

/// The method, path and headers of a request, copied into one block.
///
/// A clone of the headers would be no cheaper, and would keep the connection's whole read buffer
/// alive for as long as a task waits.
#[derive(Debug)]
pub(crate) struct Head {
    method: Method,
    path_len: usize,
    /// The path, then for each header: the lengths, whether it is sensitive, name and value.
    block: Vec<u8>,
}

/// Two lengths of four bytes and one flag.
const ENTRY_HEAD: usize = 9;

impl Head {
    pub(crate) fn copy(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        let path = uri.path();
        let len = headers.iter().fold(path.len(), |len, (name, value)| {
            len + ENTRY_HEAD + name.as_str().len() + value.len()
        });
        let mut block = Vec::with_capacity(len);
        block.extend_from_slice(path.as_bytes());
        for (name, value) in headers {
            block.extend_from_slice(&length(name.as_str().len()));
            block.extend_from_slice(&length(value.len()));
            block.push(u8::from(value.is_sensitive()));
            block.extend_from_slice(name.as_str().as_bytes());
            block.extend_from_slice(value.as_bytes());
        }
        Self { method: method.clone(), path_len: path.len(), block }
    }

    /// Returns method and path, as messages show a request.
    pub(crate) fn route(&self) -> String {
        let path = String::from_utf8_lossy(&self.block[..self.path_len]);
        format!("{} {path}", self.method)
    }

    /// Rebuilds the headers, in an allocation of their own.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut block = Bytes::copy_from_slice(&self.block[self.path_len..]);
        let mut headers = HeaderMap::new();
        while !block.is_empty() {
            let entry = block.split_to(ENTRY_HEAD);
            let name = block.split_to(read_length(&entry[..4]));
            let value = block.split_to(read_length(&entry[4..8]));
            // Both were taken from a header, so neither conversion can fail.
            let (Ok(name), Ok(mut value)) =
                (HeaderName::from_bytes(&name), HeaderValue::from_maybe_shared(value))
            else {
                continue;
            };
            value.set_sensitive(entry[8] != 0);
            headers.append(name, value);
        }
        headers
    }
}

/// A header is never near 4 GiB long: no server reads one into memory.
fn length(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes()
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
