//! The pages that are compared with a handler, and with each other.

use std::future::ready;

use axum::Router;
use futures_util::FutureExt as _;
use with_after::{
    cookies,
    prerender::{Content, NoPage, OnPage, Site, SiteBuilder, suspense},
};

/// The document of the handlers, byte for byte.
const ORDER: &str = r#"{"id":4711,"item":"a dozen eggs","quantity":12,"paid":true}"#;

/// Builds a site that waits for nothing.
pub(crate) fn site(describe: fn(SiteBuilder<NoPage>) -> SiteBuilder<OnPage>) -> Site {
    let built = describe(Site::builder()).build().now_or_never();
    // All pages are described below.
    built.expect("no page waits").expect("no page fails")
}

pub(crate) fn router(describe: fn(SiteBuilder<NoPage>) -> SiteBuilder<OnPage>) -> Router {
    Router::from(site(describe))
}

pub(crate) fn fixed(site: SiteBuilder<NoPage>) -> SiteBuilder<OnPage> {
    site.page("/order", || ready(Content::json(ORDER)))
}

pub(crate) fn dynamic(site: SiteBuilder<NoPage>) -> SiteBuilder<OnPage> {
    site.page("/order", async || {
        let visitor = visitor().await;
        Content::html(format!("<html><body><p>{visitor}</p></body></html>{{}}"))
    })
}

pub(crate) fn holed(site: SiteBuilder<NoPage>) -> SiteBuilder<OnPage> {
    site.page("/order", async || {
        format!("<html><body><p>{}</p></body></html>", suspense("…", visitor))
    })
}

async fn visitor() -> String {
    let name = cookies().await.get("name").map(|name| name.value().to_owned());
    format!("Hello, {}!", name.as_deref().unwrap_or("stranger"))
}
