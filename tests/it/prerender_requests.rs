//! What dynamic pages and holes read of the request, and what stands beside a site.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use with_after::{
    AfterLayer, after, method,
    prerender::{Dynamic, Params, Site, suspense},
    revalidate_tag, uri, with_after,
};

use crate::support::{
    client::{self, Client, get as fetch},
    log::Log,
    pages::{Counted, Visitor, with_header},
    server::{Version, axum},
};

#[with_after(component)]
async fn search() -> String {
    let uri = uri().await;
    let query = Query::<BTreeMap<String, String>>::try_from_uri(&uri);
    let words = query.ok().and_then(|mut query| query.remove("q")).unwrap_or_default();
    format!("{} {} {words}", method().await, uri.path())
}

#[tokio::test]
async fn a_page_that_asks_for_the_query_is_dynamic_and_gets_it() {
    let site = Site::builder().page("/search", search).build().await.expect("it builds");
    let dynamic = site.report().pages()[0].dynamic().and_then(Dynamic::api);
    assert_eq!(dynamic, Some("uri"));
    let visitor = Visitor::new(&site);
    assert_eq!(visitor.get("/search?q=a%20b&x").await, "GET /search a b");
    assert_eq!(visitor.get("/%73earch").await, "GET /%73earch ");
}

#[tokio::test]
async fn a_page_that_asks_for_the_method_is_dynamic() {
    let page = async || method().await.to_string();
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    assert_eq!(site.report().pages()[0].dynamic().and_then(Dynamic::api), Some("method"));
}

#[tokio::test]
async fn a_hole_gets_path_and_query_and_leaves_its_page_static() {
    let page = async |params: Params| {
        let hole = suspense("…", search);
        format!("<body>{} {hole}", params.get("slug").unwrap_or_default())
    };
    let site = Site::builder().page_with("/{slug}", page, [[("slug", "a")]]).require_static();
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    let text = visitor.send(with_header("/a?q=1", "prefer", "in-order")).await.text;
    assert_eq!(text, "<body>a GET /a 1");
}

#[tokio::test]
async fn handlers_and_their_tasks_read_path_query_and_method_too() {
    let log = Log::default();
    let app = {
        let log = log.clone();
        Router::new().route(
            "/{*path}",
            post(async move || {
                after(async move { log.add(format!("{} {}", method().await, uri().await)) });
            }),
        )
    };
    let platform = with_after::platform::InProcess::new();
    let address = axum(app.layer(AfterLayer::with_platform(platform.clone()))).await;
    let mut client = Client::connect(address, Version::Http1).await;
    let request = client::request(http::Method::POST, "/a/%C3%A9?b=c&d");
    client.fetch(request).await.expect("a response comes");
    assert!(platform.drain(std::time::Duration::from_secs(5)).await.is_complete());
    assert_eq!(log.entries(), ["POST /a/%C3%A9?b=c&d"]);
}

struct Db {
    counted: Counted,
}

/// A page that reads the application's state.
#[with_after(component)]
async fn index(db: Arc<Db>) -> String {
    format!("<p>{}</p>", db.counted.count())
}

/// A handler with extractors, beside the pages.
#[with_after(route)]
async fn count(State(db): State<Arc<Db>>, Path(word): Path<String>) -> String {
    format!("{word} {}", db.counted.renders())
}

#[with_after(route)]
async fn revalidate(Path(tag): Path<String>, headers: HeaderMap) -> Result<(), StatusCode> {
    let secret = headers.get("authorization").is_some_and(|given| given == "Bearer s3cret");
    secret.then_some(()).ok_or(StatusCode::UNAUTHORIZED)?;
    revalidate_tag(&tag).map_err(|_| StatusCode::BAD_REQUEST)
}

#[tokio::test]
async fn a_page_captures_state_and_a_handler_with_extractors_stands_beside_it() {
    let db = Arc::new(Db { counted: Counted::default() });
    let page = {
        let db = Arc::clone(&db);
        move || index(Arc::clone(&db))
    };
    let site = Site::builder().page("/", page).tags(["state"]).build().await.expect("it builds");
    let app = Router::new()
        .route("/count/{word}", get(count))
        .route("/revalidate/{tag}", post(revalidate))
        .merge(site)
        .with_state(db);
    let address = axum(app.layer(AfterLayer::new())).await;
    assert_eq!(fetch(address, "/").await.body, "<p>1</p>");
    assert_eq!(fetch(address, "/count/renders").await.body, "renders 1");

    let mut client = Client::connect(address, Version::Http1).await;
    for (secret, status, text) in
        [("Bearer guess", 401, "<p>1</p>"), ("Bearer s3cret", 200, "<p>2</p>")]
    {
        let mut request = client::request(http::Method::POST, "/revalidate/state");
        request.headers_mut().insert("authorization", secret.parse().expect("a value"));
        assert_eq!(client.fetch(request).await.expect("a response").status, status);
        assert_eq!(fetch(address, "/").await.body, text);
    }
}
