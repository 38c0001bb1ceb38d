//! Cookie headers that no browser sends.

use axum::extract::Request;
use tokio::io::AsyncReadExt as _;
use with_after::{after, cookies, headers};

use crate::support::{
    client::raw,
    log::Log,
    platform::Recording,
    server::{Host, Version, start},
    within,
};

#[tokio::test]
async fn what_can_be_read_is_read_and_nothing_panics() {
    let semicolons = [b';'].repeat(8 * 1024);
    let cases: [(&[&[u8]], &str); 15] = [
        (&[b"a=1; b=2"], "a=1 b=2"),
        (&[b"a=1;b=2"], "a=1 b=2"),
        (&[b"  a = 1 ;\tb=2\t"], "a=1 b=2"),
        (&[b"nothing"], ""),
        (&[b"nothing; a=1; neither"], "a=1"),
        (&[b"=nameless; a=1"], "a=1"),
        (&[b"a="], "a="),
        (&[b"a=b=c; d=1"], "a=b=c d=1"),
        (&[b"a=\"quoted\"; b=2"], "a=\"quoted\" b=2"),
        (&[b"bad=\xff\xfe; a=1"], "a=1"),
        (&[b"\xff=1; a=1; b=\xc3\x28"], "a=1"),
        (&[b"\xc3\xa4=\xc3\xb6"], "\u{e4}=\u{f6}"),
        (&[b"a=1", b"b=\xff", b"c=3"], "a=1 c=3"),
        (&[b""], ""),
        (&[&semicolons], ""),
    ];
    for (lines, expected) in cases {
        assert_eq!(seen(lines).await, [expected; 2], "{:?}", String::from_utf8_lossy(lines[0]));
    }
}

#[tokio::test]
async fn cookies_among_eight_kibibytes_of_semicolons_are_found() {
    let mut line = [b';'].repeat(8 * 1024);
    line[4_000..4_005].copy_from_slice(b";a=1;");
    assert_eq!(seen(&[&line]).await, ["a=1"; 2]);
}

#[tokio::test]
async fn the_first_cookie_of_a_name_counts() {
    assert_eq!(seen(&[b"a=first; b=1; a=second"]).await, ["a=first b=1"; 2]);
    assert_eq!(seen(&[b"a=first", b"a=second; b=1"]).await, ["a=first b=1"; 2]);
    assert_eq!(seen(&[b"a=\xff; a=readable"]).await, ["a=readable"; 2]);
}

#[tokio::test]
async fn thousands_of_cookies_are_read() {
    let line: Vec<_> = (0..2_000).map(|number| format!("c{number:04}={number}")).collect();
    let expected = line.join(" ");
    assert_eq!(seen(&[line.join("; ").as_bytes()]).await, [expected.clone(), expected]);
}

/// Sends the cookie `lines` over a bare socket, and returns what handler and task see.
async fn seen(lines: &[&[u8]]) -> Vec<String> {
    let (platform, log) = (Recording::default(), Log::default());
    let handlers_log = log.clone();
    let address = start((Host::Axum, Version::Http1), platform.layer(), move |_: Request| {
        let log = handlers_log.clone();
        async move {
            log.add(all().await);
            let count = headers().await.get_all("cookie").iter().count();
            after(async move { log.add(all().await) });
            count.to_string()
        }
    })
    .await;
    let mut request = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n".to_vec();
    for line in lines {
        request.extend_from_slice(b"cookie: ");
        request.extend_from_slice(line);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let mut answer = String::new();
    let mut stream = raw(address, request).await;
    within(stream.read_to_string(&mut answer)).await.expect("it is text");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with(&format!("\r\n\r\n{}", lines.len())), "{answer}");
    platform.drain().await;
    log.entries()
}

async fn all() -> String {
    let mut all: Vec<_> = cookies().await.iter().map(|cookie| cookie.to_string()).collect();
    all.sort();
    all.join(" ")
}
