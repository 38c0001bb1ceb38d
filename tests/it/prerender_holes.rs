//! Holes in pages: what is sent when, and what runs for whom.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::BoxFuture;
use http::Method;
use tracing::Level;
use with_after::{
    Interrupt, after, cookies, not_found, outcome,
    prerender::{CspNonce, Site, suspense},
};

use crate::support::{
    fail,
    log::Log,
    pages::{Counted, Gate, Visitor, part, request, with_header},
    traces::Traces,
};

/// A component that returns `text` when its gate lets it.
fn gated(
    gate: &Gate,
    text: &'static str,
) -> impl Fn() -> BoxFuture<'static, &'static str> + Clone + Send + Sync + 'static + use<> {
    let gate = gate.clone();
    move || {
        let gate = gate.clone();
        Box::pin(async move {
            gate.pass().await;
            text
        })
    }
}

/// Returns how the response calls its holes, but for their numbers.
fn nonce(shell: &str) -> String {
    let (_, from) = shell.split_once("id=\"").expect("there is a hole");
    from.split_once("-1\"").expect("it is the first").0.to_owned()
}

fn in_order(path: &str) -> http::Request<()> {
    with_header(path, "prefer", "respond-async, in-order")
}

/// A static page with two holes.
async fn two_holes() -> (Visitor, [Gate; 2]) {
    let gates = [Gate::closed(), Gate::closed()];
    let [one, two] = gates.clone();
    let page = move || {
        let (one, two) = (gated(&one, "<b>one</b>"), gated(&two, "<b>two</b>"));
        let (one, two) = (suspense("<i>1…</i>", one), suspense("<i>2…</i>", two));
        std::future::ready(format!("<html><body><p>{one}</p><p>{two}</p></body></html>"))
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    assert_eq!(site.report().pages()[0].holes().len(), 2);
    (Visitor::new(&site), gates)
}

#[tokio::test]
async fn the_shell_comes_first_and_each_hole_when_it_is_ready() {
    let (visitor, [one, two]) = two_holes().await;
    let response = visitor.open(request(Method::GET, "/")).await;
    assert_eq!(response.headers()["cache-control"], "private, no-store");
    assert!(!response.headers().contains_key("etag"));
    let mut body = response.into_body();
    let shell = part(&mut body).await.expect("the shell");
    let id = nonce(&shell);
    assert_eq!(
        shell,
        format!(
            "<html><body><p><template id=\"{id}-1\"></template><i>1…</i><!--{id}-1--></p>\
             <p><template id=\"{id}-2\"></template><i>2…</i><!--{id}-2--></p>"
        )
    );
    two.open(1);
    let filled = part(&mut body).await.expect("the second hole");
    let begin = format!("<template data-hole=\"{id}-2\"><b>two</b></template><script>");
    assert!(filled.starts_with(&begin), "{filled}");
    one.open(1);
    let filled = part(&mut body).await.expect("the first hole");
    let begin = format!("<template data-hole=\"{id}-1\"><b>one</b></template><script>");
    assert!(filled.starts_with(&begin), "{filled}");
    assert!(filled.ends_with("</script></body></html>"), "{filled}");
    assert_eq!(part(&mut body).await, None);
}

#[tokio::test]
async fn a_client_that_asks_gets_all_in_order_and_no_script() {
    let (visitor, [one, two]) = two_holes().await;
    let response = visitor.open(in_order("/")).await;
    assert_eq!(response.headers()["preference-applied"], "in-order");
    assert_eq!(response.headers()["vary"], "prefer");
    let mut body = response.into_body();
    assert_eq!(part(&mut body).await.as_deref(), Some("<html><body><p>"));
    // It is ready first, and waits for its place.
    two.open(1);
    one.open(1);
    for expected in ["<b>one</b>", "</p><p>", "<b>two</b>", "</p></body></html>"] {
        assert_eq!(part(&mut body).await.as_deref(), Some(expected));
    }
    assert_eq!(part(&mut body).await, None);
}

#[tokio::test]
async fn a_preference_is_known_in_any_case() {
    let page = async || format!("<p>{}</p>", suspense("…", async || "text"));
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let visitor = Visitor::new(&site);
    for preference in ["In-Order", "respond-async,IN-ORDER; a=b", "wait=10, in-order"] {
        let visited = visitor.send(with_header("/", "prefer", preference)).await;
        assert_eq!(visited.text, "<p>text</p>", "{preference}");
        assert_eq!(visited.headers["preference-applied"], "in-order");
    }
    let visited = visitor.send(with_header("/", "prefer", "in-order-not")).await;
    assert!(visited.text.contains("<script>"), "{}", visited.text);
}

#[tokio::test]
async fn holes_in_holes_are_filled_after_them_or_in_their_place() {
    async fn outer() -> String {
        format!("<u>{}</u>", suspense("inner…", async || "inner"))
    }

    let page = async || format!("<p>{}</p>", suspense("outer…", outer));
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let visitor = Visitor::new(&site);
    assert_eq!(visitor.send(in_order("/")).await.text, "<p><u>inner</u></p>");

    let text = visitor.get("/").await;
    let id = nonce(&text);
    let places = [
        format!("<p><template id=\"{id}-1\"></template>outer…<!--{id}-1--></p>"),
        format!("<template data-hole=\"{id}-1\"><u><template id=\"{id}-2\"></template>inner…"),
        format!("<template data-hole=\"{id}-2\">inner</template>"),
    ]
    .map(|part| text.find(&part).unwrap_or_else(|| panic!("{part} is not in {text}")));
    assert!(places.is_sorted(), "{places:?} {text}");
}

#[tokio::test(start_paused = true)]
async fn a_hole_that_fails_panics_or_hangs_shows_the_error_fallback_and_spares_the_others() {
    let (traces, _guard) = Traces::collect();
    let page = async || {
        let error = suspense("…", async || Err::<&str, _>("no database"));
        let interrupt = suspense("…", async || -> Result<&str, Interrupt> { Err(not_found()) });
        let panic = suspense("…", async || {
            tokio::task::yield_now().await;
            fail();
            ""
        });
        let call = suspense("…", || {
            fail();
            std::future::ready("")
        });
        let hang = suspense("…", std::future::pending::<&str>);
        let good = suspense("…", async || "good");
        format!("{error},{interrupt},{panic},{call},{hang},{good}.")
    };
    let site = Site::builder()
        .error_fallback("<i>!</i>")
        .max_duration(Duration::from_secs(2))
        .page("/", page)
        .build()
        .await;
    let visitor = Visitor::new(&site.expect("it builds"));
    let text = visitor.send(in_order("/")).await.text;
    assert_eq!(text, "<i>!</i>,<i>!</i>,<i>!</i>,<i>!</i>,<i>!</i>,good.");
    let events = traces.events(Level::ERROR);
    assert_eq!(events.len(), 5);
    for event in &events {
        assert!(event.text.contains("prerender_holes.rs:"), "{event:?}");
    }
    let caused = |cause| events.iter().filter(|event| event.text.contains(cause)).count();
    assert_eq!((caused("no database"), caused("panicked"), caused("after 2s")), (1, 2, 1));

    let text = visitor.get("/").await;
    assert_eq!(text.matches("><i>!</i></template>").count(), 5, "{text}");
}

#[tokio::test]
async fn what_a_hole_schedules_runs_after_the_response_and_the_shells_tasks_do_not_run_again() {
    let (log, shell, gate) = (Log::default(), Counted::default(), Gate::closed());
    let page = {
        let (log, shell, gate) = (log.clone(), shell.clone(), gate.clone());
        move || {
            let (log, gate) = (log.clone(), gate.clone());
            let hole = suspense("…", move || {
                let (log, gate) = (log.clone(), gate.clone());
                async move {
                    let visitor = cookies().await.get("visitor").map(|cookie| cookie.to_string());
                    let task = log.clone();
                    after(move || task.add(format!("{:?}", outcome().map(|o| o.status()))));
                    gate.pass().await;
                    log.add("filled");
                    visitor.unwrap_or_default()
                }
            });
            std::future::ready(format!("{} {hole}", shell.render()))
        }
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let visitor = Visitor::new(&site);
    for _ in 0..2 {
        gate.open(1);
        let mut request = with_header("/", "cookie", "visitor=Ada");
        request.headers_mut().insert("prefer", "in-order".parse().expect("a value"));
        assert_eq!(visitor.send(request).await.text, "render 1 visitor=Ada");
        visitor.drain().await;
    }
    let once = ["filled", "Some(Some(200))"];
    assert_eq!(log.entries(), [once, once].concat());
    assert_eq!((shell.renders(), shell.tasks()), (1, 1));
}

#[tokio::test]
async fn a_client_that_goes_away_drops_its_holes_and_their_tasks_run() {
    let log = Log::default();
    let page = {
        let log = log.clone();
        move || {
            let log = log.clone();
            std::future::ready(suspense("…", move || {
                let log = log.clone();
                async move {
                    after(move || log.add(format!("{:?}", outcome().map(|o| o.end()))));
                    std::future::pending::<&str>().await
                }
            }))
        }
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let visitor = Visitor::new(&site);
    let mut body = visitor.open(request(Method::GET, "/")).await.into_body();
    part(&mut body).await.expect("the shell");
    let waits = tokio::time::timeout(Duration::from_millis(20), part(&mut body)).await;
    assert!(waits.is_err(), "the hole is never filled");
    drop(body);
    visitor.drain().await;
    assert_eq!(log.entries(), ["Some(Aborted)"]);
}

#[tokio::test]
async fn holes_of_a_dynamic_page_are_streamed_too() {
    let page = async || {
        let name = cookies().await.get("name").map_or(String::new(), |c| c.value().to_owned());
        let hole = suspense("…", move || {
            let name = name.clone();
            async move { format!("Hello, {name}!") }
        });
        format!("<p>{hole}</p>")
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    assert!(!site.report().pages()[0].is_static());
    let visitor = Visitor::new(&site);
    let text = visitor.send(with_header("/", "cookie", "name=Ada")).await.text;
    assert!(text.contains("-1--></p><template data-hole="), "{text}");
    assert!(text.contains(">Hello, Ada!</template>"), "{text}");
}

#[tokio::test]
async fn the_script_carries_the_nonce_of_the_request() {
    let site = Site::builder().page("/", async || suspense("…", async || "text")).build().await;
    let visitor = Visitor::new(&site.expect("it builds"));
    let mut request = request(Method::GET, "/");
    request.extensions_mut().insert(CspNonce::new("R4nd0m+/="));
    let text = visitor.send(request).await.text;
    assert!(text.contains("<script nonce=\"R4nd0m+/=\">"), "{text}");
}

#[test]
#[should_panic(expected = "is not base64")]
fn a_nonce_that_leaves_its_attribute_is_refused() {
    drop(CspNonce::new("\"><script>"));
}

#[tokio::test]
async fn head_renders_no_hole() {
    let counted = Arc::new(Mutex::new(0));
    let page = {
        let counted = Arc::clone(&counted);
        move || {
            let counted = Arc::clone(&counted);
            std::future::ready(suspense("…", move || {
                *counted.lock().expect("whole") += 1;
                std::future::ready("text")
            }))
        }
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let visitor = Visitor::new(&site);
    let visited = visitor.send(request(Method::HEAD, "/")).await;
    assert_eq!((visited.status.as_u16(), &*visited.text), (200, ""));
    assert_eq!(*counted.lock().expect("whole"), 0);
}

#[tokio::test]
async fn a_hole_outside_of_a_render_or_in_a_fallback_shows_its_fallback() {
    assert_eq!(suspense("<i>…</i>", async || "text").to_string(), "<i>…</i>");

    let page = async || {
        let inner = suspense("inner…", async || "never");
        suspense(inner, async || "outer")
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let text = Visitor::new(&site).get("/").await;
    assert!(text.contains("></template>inner…<!--"), "{text}");
    assert!(!text.contains("never"), "{text}");
}
