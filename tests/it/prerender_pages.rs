//! What a page may be made of.

use askama::Template;
use axum::response::Html;
use http::{Method, StatusCode, header::LOCATION};
use with_after::{
    Interrupt, cookies, not_found, permanent_redirect,
    prerender::{PageReport, Site, suspense},
    redirect, with_after,
};

use crate::support::pages::{Visitor, request, with_header};

#[derive(Template)]
#[template(source = "<p>{{ name }}</p>{{ hole }}", ext = "html")]
struct Hello<H: std::fmt::Display> {
    name: &'static str,
    hole: H,
}

#[with_after(component)]
async fn visitor() -> maud::Markup {
    let name = cookies().await.get("name").map(|cookie| cookie.value().to_owned());
    maud::html! { b { (name.unwrap_or_default()) } }
}

async fn site() -> Site {
    Site::builder()
        .page("/str", async || "<i>&str</i>")
        .page("/string", async || String::from("<i>String</i>"))
        .page("/html", async || Html("<i>Html</i>"))
        .page("/maud", async || maud::html! { i { "<maud>" (suspense("…", visitor)) } })
        .page("/askama", async || Hello { name: "<askama>", hole: suspense("…", visitor) })
        .page("/result", async || Ok::<_, std::fmt::Error>(Html(String::from("<i>Ok</i>"))))
        .page("/moved", async || Err::<&str, _>(permanent_redirect("/str")))
        .page("/away", async || -> Result<maud::Markup, Interrupt> { Err(redirect("/str")) })
        .page("/gone", async || Err::<&str, _>(not_found()))
        .page("/personal", async || {
            cookies().await;
            Err::<&str, _>(redirect("/login"))
        })
        .build()
        .await
        .expect("it builds")
}

#[tokio::test]
async fn text_of_every_kind_is_sent_as_html() {
    let visitor = Visitor::new(&site().await);
    for (path, text) in [
        ("/str", "<i>&str</i>"),
        ("/string", "<i>String</i>"),
        ("/html", "<i>Html</i>"),
        ("/result", "<i>Ok</i>"),
    ] {
        let visited = visitor.send(request(Method::GET, path)).await;
        assert_eq!((visited.status, &*visited.text), (StatusCode::OK, text));
        assert_eq!(visited.headers["content-type"], "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn maud_and_askama_make_pages_with_holes_however_they_escape() {
    let visitor = Visitor::new(&site().await);
    for (path, text) in [
        ("/maud", "<i>&lt;maud&gt;<b>&lt;Ada&gt;</b></i>"),
        ("/askama", "<p>&#60;askama&#62;</p><b>&lt;Ada&gt;</b>"),
    ] {
        let mut request = with_header(path, "cookie", "name=<Ada>");
        request.headers_mut().insert("prefer", "in-order".parse().expect("a value"));
        assert_eq!(visitor.send(request).await.text, text);
    }
}

#[tokio::test]
async fn interrupts_of_static_and_dynamic_pages_are_responses() {
    let site = site().await;
    let visitor = Visitor::new(&site);
    for (path, status, location) in [
        ("/moved", 308, Some("/str")),
        ("/away", 307, Some("/str")),
        ("/gone", 404, None),
        ("/personal", 307, Some("/login")),
    ] {
        let visited = visitor.send(request(Method::GET, path)).await;
        assert_eq!(visited.status.as_u16(), status);
        let found = visited.headers.get(LOCATION).map(|to| to.to_str().expect("text"));
        assert_eq!(found, location);
    }
    let page = |path| site.report().pages().iter().find(move |page| page.path() == path);
    assert!(page("/moved").is_some_and(PageReport::is_static));
    assert!(page("/personal").is_some_and(|page| !page.is_static()));
}

#[tokio::test]
async fn a_display_that_fails_is_a_failed_render_and_no_panic() {
    struct Broken;

    impl std::fmt::Display for Broken {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            Err(std::fmt::Error)
        }
    }

    let error = Site::builder().page("/", async || Broken).build().await.expect_err("it fails");
    assert!(error.to_string().contains("the render failed: its `Display` failed"), "{error}");
}
