//! What clients and caches are told of a page.

use std::time::Duration;

use axum::{Router, routing::post};
use http::{
    Method, StatusCode,
    header::{CACHE_CONTROL, CONTENT_LENGTH, ETAG},
};
use with_after::{AfterLayer, cookies, prerender::Site, revalidate_tag};

use crate::support::{
    client::{Client, get},
    pages::{Counted, Visitor, request, with_header},
    server::{Version, axum},
};

async fn cached() -> Visitor {
    let site = Site::builder()
        .page("/", async || "home")
        .page("/aged", async || "aged")
        .revalidate_after(Duration::from_mins(1))
        .page("/personal", async || {
            cookies().await;
            "personal"
        })
        .build()
        .await
        .expect("it builds");
    Visitor::new(&site)
}

#[tokio::test]
async fn a_client_that_has_the_page_is_told_so_by_304() {
    let visitor = cached().await;
    let first = visitor.send(request(Method::GET, "/")).await;
    let etag = first.headers[ETAG].to_str().expect("text").to_owned();
    let weak = format!("\"other\" , W/{etag}");
    for tags in [&*etag, &weak, "*"] {
        let second = visitor.send(with_header("/", "if-none-match", tags)).await;
        assert_eq!((second.status, &*second.text), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(second.headers[ETAG], etag);
        assert_eq!(second.headers[CACHE_CONTROL], first.headers[CACHE_CONTROL]);
    }
    let mut lines = with_header("/", "if-none-match", "\"other\"");
    lines.headers_mut().append("if-none-match", etag.parse().expect("a header's value"));
    assert_eq!(visitor.send(lines).await.status, StatusCode::NOT_MODIFIED, "on the second line");
    let other = visitor.send(with_header("/", "if-none-match", "\"other\"")).await;
    assert_eq!((other.status, &*other.text), (StatusCode::OK, "home"));
}

#[tokio::test]
async fn another_text_has_another_etag_and_the_same_text_the_same() {
    let etag = async |visitor: &Visitor, path| {
        visitor.send(request(Method::GET, path)).await.headers[ETAG].clone()
    };
    let (one, two) = (cached().await, cached().await);
    assert_eq!(etag(&one, "/").await, etag(&two, "/").await);
    assert_ne!(etag(&one, "/").await, etag(&one, "/aged").await);

    let counted = Counted::default();
    let site = Site::builder().page("/", counted.page()).tags(["etag"]).build().await;
    let visitor = Visitor::new(&site.expect("it builds"));
    let old = etag(&visitor, "/").await;
    revalidate_tag("etag").expect("no component renders");
    assert_ne!(etag(&visitor, "/").await, old);
}

#[tokio::test]
async fn shared_caches_are_told_the_age_and_nothing_personal() {
    let visitor = cached().await;
    for (path, expected) in [
        ("/", "public, max-age=0, s-maxage=31536000, stale-while-revalidate=0"),
        ("/aged", "public, max-age=0, s-maxage=60, stale-while-revalidate=31535940"),
        ("/personal", "private, no-store"),
    ] {
        let visited = visitor.send(request(Method::GET, path)).await;
        assert_eq!(visited.headers[CACHE_CONTROL], expected, "{path}");
        assert_eq!(visited.headers.contains_key(ETAG), path != "/personal");
    }
}

#[tokio::test]
async fn head_gets_the_head_of_get_and_no_body() {
    let visitor = cached().await;
    for path in ["/", "/aged", "/personal", "/unknown"] {
        let get = visitor.send(request(Method::GET, path)).await;
        let head = visitor.send(request(Method::HEAD, path)).await;
        assert_eq!((head.status, &head.headers), (get.status, &get.headers), "{path}");
        assert_eq!(head.text, "");
    }
    let home = visitor.send(request(Method::HEAD, "/")).await;
    assert_eq!(home.headers[CONTENT_LENGTH], "4");
}

#[tokio::test]
async fn other_methods_are_refused_and_unknown_paths_are_404() {
    let visitor = cached().await;
    let refused = visitor.send(request(Method::POST, "/")).await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.headers["allow"], "GET, HEAD");
    for path in ["/unknown", "/aged/", "//", "/aged/more"] {
        assert_eq!(visitor.send(request(Method::GET, path)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_site_is_a_router_to_which_other_routes_can_be_added() {
    let list = [[("slug", "a b")]];
    let site = Site::builder()
        .page("/", async || "home")
        .page("/é", async || "accents")
        .page_with(
            "/blog/{slug}",
            async |params: with_after::prerender::Params| {
                format!("post {}", params.get("slug").expect("the path has it"))
            },
            list,
        )
        .build()
        .await
        .expect("it builds");
    let app = Router::new().route("/", post(async || "posted")).merge(site);
    let address = axum(app.layer(AfterLayer::new())).await;

    for (path, text) in
        [("/", "home"), ("/%C3%A9", "accents"), ("/blog/a%20b", "post a b"), ("/blog/c", "post c")]
    {
        let received = get(address, path).await;
        assert_eq!((received.status, &*received.body), (200, text.as_bytes()));
    }
    assert_eq!(get(address, "/unknown").await.status, 404);
    let mut client = Client::connect(address, Version::Http1).await;
    let fetch = async |client: &mut Client, method| {
        let request = crate::support::client::request(method, "/");
        client.fetch(request).await.expect("a whole response comes")
    };
    assert_eq!(fetch(&mut client, Method::POST).await.body, "posted");
    let head = fetch(&mut client, Method::HEAD).await;
    assert_eq!(
        (&*head.body, &head.headers[CONTENT_LENGTH]),
        (&b""[..], &"4".parse().expect("a value"))
    );
}
