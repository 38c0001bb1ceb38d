//! A site among the routes of an application.

use axum::{Router, routing::post};
use http::{Method, header::LOCATION};
use with_after::{
    AfterLayer, not_found,
    prerender::{Params, Site},
    serve,
};

use crate::support::{
    client::{Client, get, request},
    pages::{self, Visitor},
    server::{Version, axum, listen},
};

const NO_LIST: [[(&str, &str); 1]; 0] = [];

async fn value(params: Params) -> String {
    let pairs: Vec<_> = params.iter().map(|(name, value)| format!("{name}={value};")).collect();
    pairs.concat()
}

async fn site() -> Site {
    Site::builder()
        .page("/", async || "home")
        .page("/about", async || "about")
        .page("/é", async || "accents")
        .page_with("/blog/{slug}", value, [[("slug", "a b")]])
        .page_with("/docs/{*path}", value, [[("path", "guide/start")]])
        .page("/docs", async || "docs")
        .page_with("/docs/{page}", value, NO_LIST)
        .page_with("/docs/{book}/index", value, NO_LIST)
        .redirect_trailing_slash()
        .not_found_page(async || "not here")
        .build()
        .await
        .expect("it builds")
}

const PATHS: [(&str, u16, &str); 13] = [
    ("/", 200, "home"),
    ("/%61bout", 200, "about"),
    ("/%C3%A9", 200, "accents"),
    ("/%c3%a9", 200, "accents"),
    ("/%62log/a%20b", 200, "slug=a b;"),
    ("/docs", 200, "docs"),
    ("/docs/one", 200, "page=one;"),
    ("/docs/one/index", 200, "book=one;"),
    ("/docs/guide/start", 200, "path=guide/start;"),
    ("/docs/a/b%20/c/d", 200, "path=a/b /c/d;"),
    ("/docs/a%2Fb/c", 404, "not here"),
    ("/docs//a", 404, "not here"),
    ("/unknown", 404, "not here"),
];

#[tokio::test]
async fn a_router_takes_every_spelling_that_the_service_takes() {
    let site = site().await;
    let visitor = Visitor::new(&site);
    let address = axum(Router::from(site).layer(AfterLayer::new())).await;
    for (path, status, text) in PATHS {
        let visited = visitor.send(pages::request(Method::GET, path)).await;
        assert_eq!((visited.status.as_u16(), &*visited.text), (status, text), "{path}");
        let received = get(address, path).await;
        assert_eq!((received.status, &*received.body), (status, text.as_bytes()), "{path}");
    }
}

#[tokio::test]
async fn a_site_is_served_without_a_router() {
    let (listener, address) = listen().await;
    let app = AfterLayer::new().layer(site().await);
    let server = tokio::spawn(async move { serve(listener, app).await });
    for (path, status, text) in PATHS {
        let received = get(address, path).await;
        assert_eq!((received.status, &*received.body), (status, text.as_bytes()), "{path}");
    }
    server.abort();
}

#[tokio::test]
async fn a_slash_at_the_end_is_redirected_within_the_site_if_that_is_wanted() {
    let app = Router::new().nest("/nested", Router::from(site().await)).layer(AfterLayer::new());
    let nested = axum(app).await;
    let visitor = Visitor::new(&site().await);
    for (path, to) in [
        ("/about/", "../about"),
        ("/about/?a=b&c", "../about?a=b&c"),
        ("/blog/x/", "../x"),
        ("/blog/a:b/", "../a:b"),
        ("/docs/a/b/", "../b"),
    ] {
        let visited = visitor.send(pages::request(Method::GET, path)).await;
        assert_eq!(
            (visited.status.as_u16(), visited.headers[LOCATION].as_bytes()),
            (308, to.as_bytes())
        );
        let received = get(nested, &format!("/nested{path}")).await;
        assert_eq!((received.status, received.headers[LOCATION].as_bytes()), (308, to.as_bytes()));
    }
    for path in ["/unknown/", "/about//", "//evil.example/"] {
        let visited = visitor.send(pages::request(Method::GET, path)).await;
        assert_eq!(visited.status, 404, "{path}");
    }
    let plain = Site::builder().page("/about", async || "about").build().await;
    let visitor = Visitor::new(&plain.expect("it builds"));
    assert_eq!(visitor.send(pages::request(Method::GET, "/about/")).await.status, 404);
}

#[tokio::test]
async fn routes_of_the_application_win_and_its_fallback_is_set_after_the_merge() {
    let app = Router::new()
        .route("/about", post(async || "posted"))
        .merge(site().await)
        .fallback(async || "the application's")
        .layer(AfterLayer::new());
    let address = axum(app).await;
    let mut client = Client::connect(address, Version::Http1).await;
    let posted = client.fetch(request(Method::POST, "/about")).await.expect("a response");
    assert_eq!(posted.body, "posted");
    assert_eq!(get(address, "/about").await.body, "about");
    assert_eq!(get(address, "/unknown").await.body, "the application's");
}

#[tokio::test]
async fn catch_alls_are_described_and_listed_with_care() {
    let error = Site::builder()
        .page("/a/{*rest}", async || "no parameters")
        .page_with("/b/{*rest}/c", value, NO_LIST)
        .page_with("/c/{*rest}", value, [[("rest", "a//b")]])
        .page_with("/d/{*rest}", value, [[("rest", "")]])
        .page_with("/e/{*}", value, NO_LIST)
        .page_with("/f/{*one}", value, NO_LIST)
        .page_with("/f/{*two}", value, NO_LIST)
        .build()
        .await
        .expect_err("nothing is right");
    let text = error.to_string();
    for fault in [
        "add it by `page_with`",
        "`{*rest}` takes the rest of the path: nothing can follow it",
        "`rest` cannot be \"a//b\": it is empty",
        "`rest` cannot be \"\": it is empty",
        "`{*}` is no parameter",
        "`/f/{*two}`",
    ] {
        assert!(text.contains(fault), "{fault} is not in {text}");
    }
}

#[tokio::test]
async fn refused_parameters_are_404_without_a_render() {
    let page = async |params: Params| match params.get("slug") {
        Some("listed") => Ok("listed"),
        Some(other) => panic!("{other} was rendered"),
        None => Err(not_found()),
    };
    let site = Site::builder().page_with("/{slug}", page, [[("slug", "listed")]]).only_listed();
    let address = axum(Router::from(site.build().await.expect("it builds"))).await;
    assert_eq!(get(address, "/listed").await.body, "listed");
    assert_eq!(get(address, "/l%69sted").await.body, "listed");
    assert_eq!(get(address, "/other").await.status, 404);
}
