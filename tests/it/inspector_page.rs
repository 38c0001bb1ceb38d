//! A real browser shows what runs, as it runs, and nothing that it is not to show.

use std::{io, net::SocketAddr};

use axum::{Router, body::Body, response::IntoResponse, routing::get};
use http::{Method, StatusCode};
use serde_json::json;
use with_after::{
    AfterLayer, End, inspector::Inspector, outcome, platform::InProcess, task, with_after,
};

use crate::{
    serve_support::{AGES, Running},
    support::{
        browser::{Browser, installed},
        client::{Client, get as fetch, request},
        pages::Gate,
        server::Version,
    },
};

/// A shop that an inspector observes, which listens on a port of its own.
struct Shop {
    server: Running,
    address: SocketAddr,
    inspector: SocketAddr,
    platform: InProcess,
    gate: Gate,
}

impl Shop {
    async fn open() -> Self {
        let inspector = Inspector::new();
        let platform = InProcess::new();
        platform.observe(inspector.clone());
        let gate = Gate::closed();
        let app = Router::new()
            .route("/order", get(order))
            .route("/stock", get(stock))
            .route("/gated", get(gated(&gate)))
            .fallback(hostile);
        let layer = AfterLayer::with_platform(platform.clone());
        let (server, address) = Running::start(layer.layer(app)).await;
        let inspector = inspector.listen("127.0.0.1:0").await.expect("a port is free");
        Self { server, address, inspector, platform, gate }
    }

    async fn watch(&self, name: &str) -> Option<Browser> {
        let browser = installed()?;
        let url = format!("http://{}/", self.inspector);
        Some(Browser::open(&browser, name, &url).await)
    }

    async fn get(&self, path: &str) {
        fetch(self.address, path).await;
    }
}

#[with_after(route)]
async fn order() -> &'static str {
    task("receipt").schedule(async {
        task("audit").schedule(|| assert_eq!(outcome().map(|it| it.end()), Some(End::Completed)));
    });
    "ordered"
}

#[with_after(route)]
async fn stock() -> StatusCode {
    task("alert").schedule(|| Err::<(), _>(io::Error::other(Outer(io::Error::other("no route")))));
    StatusCode::INTERNAL_SERVER_ERROR
}

#[derive(Debug)]
struct Outer(io::Error);

impl std::fmt::Display for Outer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the pager does not answer")
    }
}

impl std::error::Error for Outer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn gated(gate: &Gate) -> impl Fn() -> std::future::Ready<&'static str> + Clone + use<> {
    let gate = gate.clone();
    move || {
        let gate = gate.clone();
        task("slow mail").schedule(async move { gate.pass().await });
        std::future::ready("soon")
    }
}

const MARKUP: &str =
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";

async fn hostile() -> impl IntoResponse {
    task(MARKUP).schedule(|| Err::<(), _>(MARKUP));
    (StatusCode::OK, Body::empty())
}

/// The texts of the lines of the timeline.
const LINES: &str = "[...document.querySelectorAll('#rows .line')].map(line => line.ariaLabel)";

#[tokio::test(flavor = "multi_thread")]
async fn rows_appear_are_updated_and_end() {
    let shop = Shop::open().await;
    let Some(mut page) = shop.watch("rows").await else { return };
    page.until("document.querySelector('#shown').textContent === 'no request has come so far'")
        .await;

    shop.get("/gated?token=secret").await;
    page.until(&format!("{LINES}.some(it => it.startsWith('task slow mail, runs'))")).await;
    let row = page.text(&format!("{LINES}[0]")).await;
    assert!(row.starts_with("GET /gated 200, completed"), "{row}");

    page.eval("document.querySelector('#rows .row').marked = true").await;
    shop.gate.open(1);
    page.until(&format!("{LINES}.some(it => it.startsWith('task slow mail, completed'))")).await;
    assert_eq!(page.eval("document.querySelector('#rows .row').marked").await, json!(true));

    shop.get("/order").await;
    page.until(&format!("{LINES}.some(it => it.startsWith('task audit, completed'))")).await;
    let nested = "document.querySelector('#rows .nested .label').textContent";
    assert_eq!(page.text(nested).await, "auditroute");
    let all = page.text("document.documentElement.innerHTML").await;
    assert!(!all.contains("secret"), "{all}");
    assert_eq!(page.complaints, [""; 0]);
    drop(page);
    shop.server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_task_shows_its_chain_and_is_found_by_filters() {
    let shop = Shop::open().await;
    let Some(mut page) = shop.watch("failed").await else { return };
    shop.get("/stock").await;
    shop.get("/order").await;
    page.until(&format!("{LINES}.some(it => it.startsWith('task alert, failed'))")).await;

    let failed = "[...document.querySelectorAll('#rows .line')].find(it => it.ariaLabel.startsWith('task alert'))";
    page.eval(&format!("{failed}.focus()")).await;
    let chain = "[...document.querySelectorAll('#details li')].map(it => it.textContent).join('|')";
    assert_eq!(page.text(chain).await, "the pager does not answer|no route");
    let details = page.text("document.querySelector('#details').textContent").await;
    assert!(details.contains("tests/it/inspector_page.rs:"), "{details}");
    assert!(details.contains("outcomecompleted, status 500"), "{details}");
    page.eval("document.activeElement.blur()").await;

    let shows = |path: &str| {
        format!(
            "document.querySelectorAll('#rows .row').length === 1 && {LINES}[0].includes('{path}')"
        )
    };
    page.eval("document.querySelector('[name=failed]').click()").await;
    page.until(&shows("/stock")).await;
    page.eval("document.querySelector('#filters [type=reset]').click()").await;
    page.until("document.querySelectorAll('#rows .row').length === 2").await;
    for (field, text, path) in
        [("search", "NO ROUTE", "/stock"), ("name", "audit", "/order"), ("path", "/sto", "/stock")]
    {
        page.eval(&format!(
            "{{ const field = document.querySelector('[name={field}]'); field.value = '{text}'; \
             field.dispatchEvent(new Event('input', {{ bubbles: true }})); }}"
        ))
        .await;
        page.until(&shows(path)).await;
        page.eval("document.querySelector('#filters [type=reset]').click()").await;
        page.until("document.querySelectorAll('#rows .row').length === 2").await;
    }

    shop.get("/gated").await;
    let choose = "document.querySelector('[name=kind]').value = '-'; \
        document.querySelector('#filters').dispatchEvent(new Event('input'))";
    page.eval(choose).await;
    page.until(&shows("/gated")).await;
    page.eval("document.querySelector('#filters [type=reset]').click()").await;
    page.until("document.querySelectorAll('#rows .row').length === 3").await;
    // The task of that one goes on, the others are over.
    let slow = "document.querySelector('[name=limit]').value = '3000'; \
        document.querySelector('[name=slow]').click()";
    page.eval(slow).await;
    page.until(&shows("/gated")).await;

    page.eval("location.hash = 'overview'").await;
    page.until("document.querySelector('#failures').innerText.includes('the pager does not answer: no route')").await;
    assert_eq!(page.complaints, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_paths_names_and_errors_is_text() {
    let shop = Shop::open().await;
    let Some(mut page) = shop.watch("markup").await else { return };
    let mut client = Client::connect(shop.address, Version::Http1).await;
    let hostile = request(Method::GET, "/%3Cimg%20src=x%3E\"'&lt;svg/onload=alert(1)&gt;");
    client.fetch(hostile).await.expect("it answers");
    page.until(&format!("{LINES}.some(it => it.includes('onerror') && it.includes('failed'))"))
        .await;
    page.eval("document.querySelectorAll('#rows .line')[1].focus()").await;
    let error = page.text("document.querySelector('#details li').textContent").await;
    assert_eq!(error, MARKUP);
    for hash in ["overview", "pages", "jobs", "timeline", "<img src=x>"] {
        page.eval(&format!("location.hash = '{hash}'")).await;
        page.until("performance.now() > 0").await;
    }
    assert_eq!(
        page.eval("document.querySelectorAll('main img, main svg, body script').length").await,
        json!(0)
    );
    assert_eq!(page.text("document.title").await, "Inspector – with-after");
    assert_eq!(page.complaints, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_page_forbids_what_is_not_its_own() {
    let shop = Shop::open().await;
    let Some(mut page) = shop.watch("policy").await else { return };
    page.until("document.readyState === 'complete'").await;
    page.eval(
        "{ const script = document.createElement('script'); script.textContent = \"document.title = 'owned'\"; \
         document.body.append(script); const image = document.createElement('img'); \
         image.src = 'http://127.0.0.1:9/x.png'; document.body.append(image); \
         document.body.setAttribute('style', 'color: red'); }",
    )
    .await;
    page.until("document.title").await;
    let evaluated = page.eval(
        "(() => { try { return setTimeout(\"document.title = 'owned'\") } catch { return 0 } })()",
    );
    evaluated.await;
    let outside =
        format!("fetch('http://{}/order').then(() => 'reached', () => 'refused')", shop.address);
    assert_eq!(page.text(&outside).await, "refused");
    assert_eq!(page.text("document.title").await, "Inspector – with-after");
    assert!(page.complaints.len() >= 4, "{:?}", page.complaints);
    let all = page
        .complaints
        .iter()
        .all(|it| it.contains("Content Security Policy") || it.contains("Fetch API"));
    assert!(all, "{:?}", page.complaints);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_leave_a_page_of_bounded_size() {
    let shop = Shop::open().await;
    let Some(mut page) = shop.watch("many").await else { return };
    page.until("document.querySelector('#connection').dataset.state === 'live'").await;
    page.eval(
        "window.longest = 0; window.last = performance.now(); \
         (function beat() { longest = Math.max(longest, performance.now() - last); last = performance.now(); setTimeout(beat, 10) })()",
    )
    .await;
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let mut client = Client::connect(shop.address, Version::Http1).await;
        clients.spawn(async move {
            for _ in 0..1_000 {
                client.fetch(request(Method::GET, "/order")).await.expect("it answers");
            }
        });
    }
    clients.join_all().await;
    page.until("document.querySelector('#shown').textContent.match(/of [0-9]+/)").await;
    page.eval("location.hash = 'overview'").await;
    page.until("document.querySelector('#totals dd').textContent.startsWith('10000')").await;
    page.eval("location.hash = 'timeline'").await;
    page.until("document.querySelectorAll('#rows .row').length === 50").await;
    let elements = page.eval("document.querySelectorAll('*').length").await;
    assert!(elements.as_u64().is_some_and(|count| count < 3_000), "{elements} elements");
    assert_eq!(page.complaints, [""; 0]);
    // Not how long it takes, which hangs on the machine, but that it takes no time without end.
    let longest = page.eval("longest").await;
    assert!(longest.as_f64().is_some_and(|millis| millis < 5_000.0), "{longest} ms without a turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_is_reached_by_keys() {
    let shop = Shop::open().await;
    let Some(mut page) = shop.watch("keys").await else { return };
    shop.get("/stock").await;
    shop.get("/order").await;
    page.until(&format!("{LINES}.some(it => it.startsWith('task audit, completed'))")).await;

    let focused = "(document.activeElement.ariaLabel || document.activeElement.name || document.activeElement.textContent).trim()";
    let mut walked = Vec::new();
    for _ in 0..20 {
        page.press("Tab").await;
        let at = page.text(focused).await;
        let in_list = at.starts_with("GET");
        walked.push(at);
        if in_list {
            break;
        }
    }
    let expected = [
        "To the content",
        "Timeline",
        "Overview",
        "Pages",
        "Pause",
        "search",
        "path",
        "name",
        "kind",
        "failed",
        "slow",
        "slow in milliseconds",
        "Clear",
    ];
    assert_eq!(walked[..walked.len() - 1], expected);
    assert!(walked.last().is_some_and(|it| it.starts_with("GET /order")), "{walked:?}");

    page.press("ArrowDown").await;
    assert!(page.text(focused).await.starts_with("task receipt"));
    assert!(page.text("document.querySelector('#details').textContent").await.contains("receipt"));
    page.press("End").await;
    assert!(page.text(focused).await.starts_with("task alert, failed"));

    // What comes meanwhile takes no focus away.
    shop.get("/order").await;
    page.until("document.querySelector('#shown').textContent.includes('newer ones wait')").await;
    assert!(page.text(focused).await.starts_with("task alert, failed"));
    page.press("Home").await;
    assert!(page.text(focused).await.starts_with("GET /order"));
    page.press("Escape").await;
    page.until("document.querySelectorAll('#rows .row').length === 3").await;

    page.eval("document.querySelector('#pause').focus()").await;
    page.press("Enter").await;
    shop.get("/order").await;
    page.until("document.querySelector('#connection').textContent === 'paused'").await;
    assert_eq!(page.eval("document.querySelectorAll('#rows .row').length").await, json!(3));
    page.press("Enter").await;
    page.until("document.querySelectorAll('#rows .row').length === 4").await;
}

/// Keeps drawings back, and counts the orders that the page hears of.
const HOLD_DRAWINGS: &str = "
    window.drawings = [];
    window.heard = 0;
    const draw = requestAnimationFrame.bind(window);
    window.requestAnimationFrame = drawing => drawings.push(drawing);
    const parse = JSON.parse;
    JSON.parse = text => {
        const message = parse(text);
        heard += message.rows.filter(row => row.path === '/order').length;
        return message;
    };
    // One that was asked for before comes first.
    new Promise(draw)";

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_between_two_drawings_does_not_move_the_list_under_the_focus() {
    let shop = Shop::open().await;
    let Some(mut page) = shop.watch("held").await else { return };
    shop.get("/stock").await;
    page.until(&format!("{LINES}.some(it => it.startsWith('task alert, failed'))")).await;

    page.eval(HOLD_DRAWINGS).await;
    page.eval("document.querySelector('#rows .line').focus()").await;
    shop.get("/order").await;
    page.until("heard > 0 && drawings.length > 0").await;
    page.eval("drawings.splice(0).forEach(drawing => drawing())").await;
    let shown = page.text("document.querySelector('#shown').textContent").await;
    assert_eq!(shown, "1 to 1 of 2; newer ones wait until you leave the list");
    let first = page.text(&format!("{LINES}[0]")).await;
    assert!(first.starts_with("GET /stock"), "{first}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_colours_for_the_day_and_for_the_night_and_fits_a_phone() {
    let shop = Shop::open().await;
    let Some(mut page) = shop.watch("looks").await else { return };
    shop.get("/stock").await;
    shop.get("/order").await;
    shop.get("/gated").await;
    page.until(&format!("{LINES}.length >= 7")).await;
    let ground = "getComputedStyle(document.body).backgroundColor";
    page.look("light", 1000, 600).await;
    assert_eq!(page.text(ground).await, "rgb(255, 255, 255)");
    keep("inspector-light", &page.picture().await);
    page.look("dark", 1000, 600).await;
    assert_eq!(page.text(ground).await, "rgb(22, 25, 29)");
    keep("inspector-dark", &page.picture().await);
    page.look("dark", 360, 700).await;
    for hash in ["timeline", "overview", "pages"] {
        page.eval(&format!("location.hash = '{hash}'")).await;
        page.until(&format!("!document.getElementById('{hash}').hidden")).await;
        let wide = page.eval("document.documentElement.scrollWidth").await;
        assert_eq!(wide, json!(360), "{hash} is wider than the phone");
        keep(&format!("inspector-phone-{hash}"), &page.picture().await);
    }
}

/// Keeps a picture for whoever wants to look: in the folder that `WITH_AFTER_PICTURES` names.
fn keep(name: &str, picture: &str) {
    if let Some(folder) = std::env::var_os("WITH_AFTER_PICTURES") {
        let file = std::path::Path::new(&folder).join(format!("{name}.png.base64"));
        std::fs::write(file, picture).expect("the folder is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_a_shutdown_is_seen_on_a_port_of_its_own() {
    let shop = Shop::open().await;
    let Some(mut page) = shop.watch("drain").await else { return };
    page.eval("location.hash = 'overview'").await;
    shop.get("/gated").await;
    page.until("document.querySelector('#live').innerText.includes('slow mail')").await;
    let platform = shop.platform.clone();
    let draining = tokio::spawn(async move { platform.drain(AGES).await });
    page.until("document.querySelector('#notice').textContent.startsWith('The server stops')")
        .await;
    page.until("document.querySelector('#holding-heading').innerText.startsWith('This holds')")
        .await;
    assert_eq!(page.eval("document.querySelector('#notice').hidden").await, json!(false));
    shop.gate.open(1);
    assert!(draining.await.expect("it does not panic").is_complete());
    page.until(
        "document.querySelector('#notice').textContent === \
         'The server has stopped: 1 completed, 0 failed, 0 abandoned.'",
    )
    .await;
}
