//! Paths and parameters that nobody meant.

use http::{Method, StatusCode};
use tower::ServiceExt as _;
use with_after::{
    Interrupt, not_found,
    prerender::{Params, Site},
    revalidate_tag,
};

use crate::support::{
    log::Log,
    pages::{Counted, Visitor, request},
};

const NO_LIST: [[(&str, &str); 1]; 0] = [];

/// A site whose page notes each value that it gets.
async fn noting() -> (Visitor, Log) {
    let log = Log::default();
    let page = {
        let log = log.clone();
        move |params: Params| {
            log.add(params.get("slug").expect("the path has it"));
            std::future::ready("text")
        }
    };
    let site = Site::builder().page_with("/blog/{slug}", page, NO_LIST).build().await;
    (Visitor::new(&site.expect("it builds")), log)
}

#[tokio::test]
async fn values_that_are_no_names_are_404_before_any_render() {
    let (visitor, log) = noting().await;
    let endless = format!("/blog/{}", "a".repeat(10 * 1024));
    let encoded = format!("/blog/{}", "%61".repeat(257));
    for path in [
        "/blog/..",
        "/blog/.",
        "/blog/%2e%2e",
        "/blog/%2E.",
        "/blog/%00",
        "/blog/a%0d%0ab",
        "/blog/%ff%fe",
        "/blog/%C3",
        "/blog/",
        "/blog//x",
        "/blog/a/b",
        "/blog/../../etc/passwd",
        &endless,
        &encoded,
    ] {
        let visited = visitor.send(request(Method::GET, path)).await;
        assert_eq!(visited.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(log.entries(), [""; 0]);
}

#[tokio::test]
async fn a_value_arrives_decoded_and_all_its_spellings_are_one_page() {
    let (visitor, log) = noting().await;
    for path in ["/blog/a%2Fb", "/blog/a%2fb", "/blog/%61%2Fb"] {
        assert_eq!(visitor.get(path).await, "text");
    }
    for path in ["/blog/caf%C3%A9", "/blog/caf%c3%a9", "/blog/%2e%2e%2f", "/blog/100%"] {
        assert_eq!(visitor.get(path).await, "text");
    }
    assert_eq!(log.entries(), ["a/b", "café", "../", "100%"]);
}

#[tokio::test]
async fn unknown_parameters_are_answered_by_the_page_and_kept() {
    let log = Log::default();
    let page = {
        let log = log.clone();
        move |params: Params| {
            log.add(params.get("slug").expect("the path has it"));
            std::future::ready(match params.get("slug") {
                Some("known") => Ok("text"),
                _ => Err::<_, Interrupt>(not_found()),
            })
        }
    };
    let site = Site::builder().page_with("/{slug}", page, NO_LIST).build().await;
    let visitor = Visitor::new(&site.expect("it builds"));
    for _ in 0..3 {
        assert_eq!(visitor.send(request(Method::GET, "/known")).await.status, 200);
        assert_eq!(visitor.send(request(Method::GET, "/unknown")).await.status, 404);
    }
    assert_eq!(log.entries(), ["known", "unknown"]);
}

#[tokio::test]
async fn a_page_that_fails_for_new_parameters_is_500_and_tried_again() {
    let counted = Counted::default();
    let page = {
        let counted = counted.clone();
        move |_| {
            let text = counted.render();
            std::future::ready(if counted.renders() < 2 { Err("no database") } else { Ok(text) })
        }
    };
    let site = Site::builder().page_with("/{slug}", page, NO_LIST).build().await;
    let visitor = Visitor::new(&site.expect("it builds"));
    assert_eq!(visitor.send(request(Method::GET, "/x")).await.status, 500);
    assert_eq!(visitor.get("/x").await, "render 2");
    assert_eq!(visitor.get("/x").await, "render 2");
}

#[tokio::test]
async fn the_pages_of_parameters_take_no_more_memory_than_they_may() {
    let counted = Counted::default();
    let site = Site::builder()
        .param_cache(64 * 1024)
        .page_with("/{slug}", counted.page_with(), [[("slug", "listed")]])
        .tags(["bounded"])
        .build()
        .await
        .expect("it builds");
    let visitor = Visitor::new(&site);
    assert_eq!(visitor.get("/first").await, "render 2");
    assert_eq!(visitor.get("/first").await, "render 2");
    for number in 0..200 {
        visitor.get(&format!("/{number}")).await;
    }
    assert_eq!(counted.renders(), 202);
    assert_eq!(visitor.get("/first").await, "render 203", "it was dropped for others");
    assert_eq!(visitor.get("/listed").await, "render 1", "those of the build stay");

    // As many as are kept are rendered again.
    revalidate_tag("bounded").expect("no component renders");
    for number in 0..200 {
        visitor.get(&format!("/{number}")).await;
    }
    assert!(counted.renders() > 203 + 100, "most were dropped");
}

#[tokio::test]
async fn a_large_page_counts_with_its_size() {
    let counted = Counted::default();
    let page = {
        let counted = counted.clone();
        move |_| std::future::ready(counted.render() + &"x".repeat(40 * 1024))
    };
    let site = Site::builder().param_cache(64 * 1024).page_with("/{slug}", page, NO_LIST);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    for path in ["/a", "/b", "/a", "/b"] {
        visitor.get(path).await;
    }
    assert!(counted.renders() > 2, "both have no room side by side");
}

#[tokio::test]
async fn a_site_is_a_service_without_any_layer() {
    let counted = Counted::default();
    let site = Site::builder().page_with("/{slug}", counted.page_with(), NO_LIST).build().await;
    let site = site.expect("it builds");
    let response = site.oneshot(request(Method::GET, "/x")).await.expect("a site never fails");
    assert_eq!(response.status(), StatusCode::OK);
}
