//! A real browser shows the fallback first, then what fills the hole.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    process::{self, Stdio},
    time::Duration,
};

use axum::{
    Router,
    extract::{Query, Request},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use tokio::{
    process::{Child, Command},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};
use with_after::{
    AfterLayer,
    prerender::{CspNonce, Site, suspense},
    redirect,
};

use crate::support::{pages::Gate, server::axum};

/// Tells the server, where the page is, what it shows.
const TELL: &str = "const tell = when => fetch(`/tell?when=${when}&shows=` + \
    encodeURIComponent(document.querySelector('main').textContent.replace(/\\s+/g, ' ').trim()));\
    addEventListener('load', () => tell('loaded'));\
    tell('parsed');";

const POLICY: &str = "default-src 'self'; script-src 'self' 'nonce-R4nd0m'";

#[tokio::test]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
async fn a_browser_shows_the_fallback_first_and_then_the_content_under_a_policy() {
    let Some(browser) = installed() else {
        println!("skipped: no Chromium is installed; `apt-get install chromium` brings one");
        return;
    };
    let gate = Gate::closed();
    let (address, mut told) = start(&gate).await;
    let profile = Profile::new("fallback");
    let mut browser = open(&browser, &profile, &format!("http://{address}/"));
    assert_eq!(next(&mut told).await, "parsed: one… row two…");
    gate.open(2);
    assert_eq!(next(&mut told).await, "loaded: first row second");
    browser.kill().await.expect("it runs");
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
async fn a_browser_follows_a_redirect_in_a_hole() {
    let Some(browser) = installed() else {
        println!("skipped: no Chromium is installed; `apt-get install chromium` brings one");
        return;
    };
    let (address, mut told) = start(&Gate::closed()).await;
    let profile = Profile::new("redirect");
    let mut browser = open(&browser, &profile, &format!("http://{address}/moved"));
    while next(&mut told).await != "loaded: there" {}
    browser.kill().await.expect("it runs");
}

fn open(browser: &Path, profile: &Profile, url: &str) -> Child {
    Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", profile.0.display()))
        // Stays until it is killed, whatever the page does.
        .arg("--remote-debugging-port=0")
        .arg(url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it is installed")
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

fn installed() -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut candidates = env::split_paths(&paths).flat_map(|folder| names.map(|n| folder.join(n)));
    candidates.find(|candidate| candidate.is_file())
}

struct Profile(PathBuf);

impl Profile {
    fn new(name: &str) -> Self {
        Self(env::temp_dir().join(format!("with-after-browser-{name}-{}", process::id())))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
