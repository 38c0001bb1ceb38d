//! Pages that are no HTML, or say more than their text.

use std::future::ready;

use http::{
    HeaderName, HeaderValue, Method, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, SET_COOKIE, VARY},
};
use with_after::{
    cookies,
    prerender::{Content, Site},
};

use crate::support::pages::{Visitor, request, with_header};

const COOKIE: HeaderValue = HeaderValue::from_static("a=b");

#[tokio::test]
async fn pages_of_any_type_are_kept_with_their_etag() {
    let image: &[u8] = &[0x89, b'P', b'N', b'G', 0, 0xff];
    let site = Site::builder()
        .page("/sitemap.xml", async || Content::xml("<urlset/>"))
        .page("/robots.txt", async || Content::text("User-agent: *\n"))
        .page("/posts.json", async || Ok::<_, std::fmt::Error>(Content::json("[]")))
        .page("/rss", async || Content::new("application/rss+xml", "<rss/>"))
        .page("/icon.png", move || ready(Content::new("image/png", image)))
        .page("/html", async || Content::html("<p>"))
        .build()
        .await
        .expect("it builds");
    assert!(site.report().pages().iter().all(with_after::prerender::PageReport::is_static));
    let visitor = Visitor::new(&site);
    for (path, kind, text) in [
        ("/sitemap.xml", "application/xml", "<urlset/>"),
        ("/robots.txt", "text/plain; charset=utf-8", "User-agent: *\n"),
        ("/posts.json", "application/json", "[]"),
        ("/rss", "application/rss+xml", "<rss/>"),
        ("/html", "text/html; charset=utf-8", "<p>"),
    ] {
        let visited = visitor.send(request(Method::GET, path)).await;
        assert_eq!((visited.status, &*visited.text), (StatusCode::OK, text));
        assert_eq!(visited.headers[CONTENT_TYPE], kind);
        let etag = visited.headers[ETAG].to_str().expect("text");
        let again = visitor.send(with_header(path, "if-none-match", etag)).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    }
    let head = visitor.send(request(Method::HEAD, "/icon.png")).await;
    assert_eq!(head.headers[CONTENT_LENGTH], "6");
    assert_eq!(head.headers[CONTENT_TYPE], "image/png");
}

#[tokio::test]
async fn a_page_has_the_status_and_the_headers_that_it_says() {
    let modified = HeaderValue::from_static("Wed, 01 Jan 2025 00:00:00 GMT");
    let page = {
        let modified = modified.clone();
        move || {
            let link = HeaderName::from_static("link");
            let content = Content::html("text")
                .header(LAST_MODIFIED, modified.clone())
                .header(link.clone(), HeaderValue::from_static("</a>; rel=preload"))
                .header(link, HeaderValue::from_static("</b>; rel=preload"))
                .header(CACHE_CONTROL, HeaderValue::from_static("public, max-age=5"))
                .header(VARY, HeaderValue::from_static("accept"));
            ready(content)
        }
    };
    let site = Site::builder()
        .page("/", page)
        .page("/teapot", async || Content::text("short").status(StatusCode::IM_A_TEAPOT))
        .page("/down", async || Content::text("down").status(StatusCode::SERVICE_UNAVAILABLE))
        .page("/typed", async || {
            Content::html("x").header(CONTENT_TYPE, HeaderValue::from_static("text/x-other"))
        })
        .build()
        .await
        .expect("it builds");
    let visitor = Visitor::new(&site);
    let visited = visitor.send(request(Method::GET, "/")).await;
    assert_eq!(visited.headers[LAST_MODIFIED], modified);
    assert_eq!(visited.headers.get_all("link").iter().count(), 2);
    assert_eq!(visited.headers[CACHE_CONTROL], "public, max-age=5");
    assert_eq!(visited.headers.get_all(CACHE_CONTROL).iter().count(), 1);
    let etag = visited.headers[ETAG].to_str().expect("text");
    let again = visitor.send(with_header("/", "if-none-match", etag)).await;
    assert_eq!(
        (again.status.as_u16(), &again.headers[CACHE_CONTROL]),
        (304, &visited.headers[CACHE_CONTROL])
    );

    for (path, status, caching) in
        [("/teapot", 418, "public, max-age=0, s-maxage=60"), ("/down", 503, "private, no-store")]
    {
        let visited = visitor.send(request(Method::GET, path)).await;
        assert_eq!(
            (visited.status.as_u16(), &visited.headers[CACHE_CONTROL]),
            (status, &HeaderValue::from_static(caching))
        );
    }
    assert_eq!(
        visitor.send(request(Method::GET, "/typed")).await.headers[CONTENT_TYPE],
        "text/x-other"
    );
}

#[tokio::test]
async fn content_that_would_break_the_response_is_a_failed_render() {
    for (fault, make) in [
        ("the site's to send", (|| Content::text("").header(CONTENT_LENGTH, COOKIE)) as fn() -> _),
        ("the site's to send", || Content::text("").header(ETAG, COOKIE)),
        ("no header's value", || Content::new("text/\n", "")),
        ("has no body", || Content::text("").status(StatusCode::NO_CONTENT)),
        ("has no body", || Content::text("").status(StatusCode::NOT_MODIFIED)),
        ("everybody would get", || Content::text("").header(SET_COOKIE, COOKIE)),
    ] {
        let built = Site::builder().page("/", move || ready(make())).build().await;
        let error = built.expect_err(fault);
        assert!(error.is_render() && error.to_string().contains(fault), "{error}");
    }
}

#[tokio::test]
async fn a_dynamic_page_may_say_all_that_of_its_one_response() {
    let page = async || {
        cookies().await;
        Content::json("{}").status(StatusCode::CREATED).header(SET_COOKIE, COOKIE)
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let visited = Visitor::new(&site).send(request(Method::GET, "/")).await;
    assert_eq!(visited.status, StatusCode::CREATED);
    assert_eq!(visited.headers[CONTENT_TYPE], "application/json");
    assert_eq!(visited.headers[SET_COOKIE], "a=b");
    assert_eq!(visited.headers[CACHE_CONTROL], "private, no-store");
    assert!(!visited.headers.contains_key(ETAG));
}
