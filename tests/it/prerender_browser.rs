//! A real browser shows the fallback first, then what fills the hole.

use std::{collections::HashMap, time::Duration};

use axum::{
    Router,
    extract::{Query, Request},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};
use with_after::{
    AfterLayer,
    prerender::{CspNonce, Site, suspense},
    redirect,
};

use crate::support::{
    browser::{Browser, installed},
    pages::Gate,
    server::axum,
};

/// Tells the server, where the page is, what it shows.
const TELL: &str = "const tell = when => fetch(`/tell?when=${when}&shows=` + \
    encodeURIComponent(document.querySelector('main').textContent.replace(/\\s+/g, ' ').trim()));\
    addEventListener('load', () => tell('loaded'));\
    tell('parsed');";

const POLICY: &str = "default-src 'self'; script-src 'self' 'nonce-R4nd0m'";

#[tokio::test]
async fn a_browser_shows_the_fallback_first_and_then_the_content_under_a_policy() {
    let Some(chromium) = installed() else { return };
    let gate = Gate::closed();
    let (address, mut told) = start(&gate).await;
    let mut browser = Browser::open(&chromium, "fallback", &format!("http://{address}/")).await;
    assert_eq!(next(&mut told).await, "parsed: one… row two…");
    gate.open(2);
    assert_eq!(next(&mut told).await, "loaded: first row second");
    assert_eq!(browser.eval("true").await, true, "it still runs");
}

#[tokio::test]
async fn a_browser_follows_a_redirect_in_a_hole() {
    let Some(chromium) = installed() else { return };
    let (address, mut told) = start(&Gate::closed()).await;
    let mut browser =
        Browser::open(&chromium, "redirect", &format!("http://{address}/moved")).await;
    while next(&mut told).await != "loaded: there" {}
    assert_eq!(browser.eval("true").await, true, "it still runs");
}

async fn next(told: &mut UnboundedReceiver<String>) -> String {
    let next = timeout(Duration::from_mins(1), told.recv()).await;
    next.expect("the browser shows the page").expect("the server runs")
}

async fn start(gate: &Gate) -> (std::net::SocketAddr, UnboundedReceiver<String>) {
    let (sender, told) = unbounded_channel();
    let gate = gate.clone();
    let page = move || {
        let component = |gate: &Gate, text: &'static str| {
            let gate = gate.clone();
            move || {
                let gate = gate.clone();
                async move {
                    gate.pass().await;
                    text
                }
            }
        };
        let first = suspense("one…", component(&gate, "<b>first</b>"));
        // No element but a row may stand here: a hole may.
        let inner = component(&gate, "second");
        let second = suspense("<td>two…</td>", move || {
            let inner = inner.clone();
            async move { format!("<td>{}</td>", suspense("never seen", inner)) }
        });
        std::future::ready(format!(
            "<!DOCTYPE html><html><body><main>{first} <table><tr><td>row </td>{second}</tr></table>\
             </main><script src=/tell.js></script></body></html>"
        ))
    };
    let moved = async || {
        let hole = suspense("…", async || Err::<&str, _>(redirect("/there")));
        format!("<body><p>{hole}</p>")
    };
    let there = async || "<body><main>there</main><script src=/tell.js></script>";
    let site = Site::builder().page("/", page).page("/moved", moved).page("/there", there);
    let site = site.build().await.expect("it builds");
    let tell = move |Query(told): Query<HashMap<String, String>>| {
        let sent = sender.send(format!("{}: {}", told["when"], told["shows"]));
        std::future::ready(sent.is_ok().to_string())
    };
    let script = async || ([("content-type", "text/javascript")], TELL);
    let app = Router::from(site)
        .layer(middleware::from_fn(policy))
        .route("/tell", get(tell))
        .route("/tell.js", get(script));
    (axum(app.layer(AfterLayer::new())).await, told)
}

async fn policy(mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(CspNonce::new("R4nd0m"));
    let mut response = next.run(request).await;
    let policy = POLICY.parse().expect("a header's value");
    response.headers_mut().insert("content-security-policy", policy);
    response
}
