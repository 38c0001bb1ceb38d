//! What clients send.

use std::fmt::Write as _;

/// Which headers a client sends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Headers {
    /// Those of a service that calls another one.
    Plain,
    /// Those of a browser: 13, of about 800 bytes.
    Browser,
}

impl Headers {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Plain, Self::Browser];

    /// Returns what reports and command lines call them.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Browser => "browser",
        }
    }

    /// Returns names and values.
    #[must_use]
    pub fn list(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Plain => &PLAIN,
            Self::Browser => &BROWSER,
        }
    }

    /// Returns a request of `path` as it is sent.
    #[must_use]
    pub fn request(self, path: &str) -> String {
        let mut request = format!("GET {path} HTTP/1.1\r\n");
        for (name, value) in self.list() {
            // Writing to a string does not fail.
            let _ = write!(request, "{name}: {value}\r\n");
        }
        request + "\r\n"
    }
}

const PLAIN: [(&str, &str); 3] =
    [("host", "localhost:3000"), ("user-agent", "orders/1.4"), ("accept", "application/json")];

const BROWSER: [(&str, &str); 13] = [
    ("host", "shop.example.com"),
    ("connection", "keep-alive"),
    ("sec-ch-ua", r#""Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99""#),
    ("sec-ch-ua-mobile", "?0"),
    ("sec-ch-ua-platform", r#""Linux""#),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/142.0.0.0 Safari/537.36",
    ),
    ("accept", "application/json, text/plain, */*"),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "cors"),
    ("referer", "https://shop.example.com/orders?page=2&sort=date"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.9,de;q=0.8"),
    (
        "cookie",
        "session=5f2c1a9e7b3d4c8f9a0b1c2d3e4f5a6b; theme=dark; consent=necessary; \
         _ga=GA1.1.1234567890.1763830000; csrftoken=Zk3q9Vt2Lw8Xy1Bn5Mc7Rd4Sf6Gh0Jp; \
         last_seen=2026-11-22T18%3A40%3A12Z; cart=3",
    ),
];
