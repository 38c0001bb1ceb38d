//! What failed, or was not there, is soon tried again; and nothing old comes back.

use std::{
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use http::{Method, header::CACHE_CONTROL};
use tokio::time::advance;
use with_after::{
    Interrupt, not_found,
    prerender::{Content, Params, Site},
    redirect, revalidate_path, revalidate_tag,
};

use crate::support::{
    log::Log,
    pages::{Counted, Gate, Visitor, request},
    traces::Traces,
    within,
};

const NO_LIST: [[(&str, &str); 1]; 0] = [];
const DAY: Duration = Duration::from_hours(24);

type Failing = Ready<Result<String, &'static str>>;

/// A page that fails when told to.
fn failing(fails: &Arc<AtomicBool>, counted: &Counted) -> impl Fn() -> Failing + use<> {
    let (fails, counted) = (Arc::clone(fails), counted.clone());
    move || {
        let text = format!("render {}", counted.count());
        ready(if fails.load(SeqCst) { Err("no database") } else { Ok(text) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_revalidation_that_fails_is_tried_again_after_growing_pauses_and_not_after_the_age() {
    let (fails, counted, log) = (Arc::default(), Counted::default(), Log::default());
    let hook = log.clone();
    let site = Site::builder()
        .page("/heals", failing(&fails, &counted))
        .revalidate_after(DAY)
        .tags(["heals"])
        .on_failure(move |failure| hook.add(failure.to_string()));
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    fails.store(true, SeqCst);
    revalidate_tag("heals").expect("no component renders");
    assert_eq!(visitor.get("/heals").await, "render 1", "the old page is better than none");
    assert_eq!(log.entries().len(), 1, "the hook is told");
    assert!(log.entries()[0].contains("the render of `/heals` failed: no database"));

    for (pause, renders) in [(1, 3), (2, 4), (4, 5), (8, 6), (16, 7), (30, 8), (30, 9)] {
        advance(Duration::from_millis(pause * 1_000 - 1)).await;
        visitor.get("/heals").await;
        visitor.drain().await;
        assert_eq!(counted.renders(), renders - 1, "not before {pause} s");
        advance(Duration::from_millis(1)).await;
        visitor.get("/heals").await;
        visitor.drain().await;
        assert_eq!(counted.renders(), renders, "after {pause} s");
    }
    fails.store(false, SeqCst);
    advance(Duration::from_secs(30)).await;
    visitor.get("/heals").await;
    visitor.drain().await;
    assert_eq!(visitor.get("/heals").await, "render 10");

    fails.store(true, SeqCst);
    revalidate_path("/heals").expect("no component renders");
    visitor.get("/heals").await;
    advance(Duration::from_secs(1)).await;
    visitor.get("/heals").await;
    visitor.drain().await;
    assert_eq!(counted.renders(), 12, "the pauses begin anew");
}

#[tokio::test(start_paused = true)]
async fn no_pause_is_longer_than_the_age() {
    let (fails, counted) = (Arc::default(), Counted::default());
    let site = Site::builder()
        .page("/", failing(&fails, &counted))
        .revalidate_after(Duration::from_millis(500));
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    fails.store(true, SeqCst);
    for renders in 2..8 {
        advance(Duration::from_millis(500)).await;
        visitor.get("/").await;
        visitor.drain().await;
        assert_eq!(counted.renders(), renders);
    }
}

#[tokio::test]
async fn a_render_that_lands_after_its_page_was_dropped_overwrites_no_newer_one() {
    let (value, gate) = (Arc::new(AtomicUsize::new(1)), Gate::closed());
    let page = {
        let (value, gate) = (Arc::clone(&value), gate.clone());
        move |params: Params| {
            let (value, gate) = (Arc::clone(&value), gate.clone());
            async move {
                let value = value.load(SeqCst);
                if params.get("slug") == Some("slow") && value == 2 {
                    gate.pass().await;
                }
                format!("value {value} {}", "x".repeat(8 * 1024))
            }
        }
    };
    let site = Site::builder()
        .param_cache(32 * 1024)
        .page_with("/{slug}", page, NO_LIST)
        .build()
        .await
        .expect("it builds");
    let visitor = Visitor::new(&site);
    assert!(visitor.get("/slow").await.starts_with("value 1"));
    value.store(2, SeqCst);
    revalidate_path("/slow").expect("no component renders");
    let late = {
        let visitor = visitor.clone();
        tokio::spawn(async move { visitor.get("/slow").await })
    };
    while visitor.platform().pending() == 0 {
        tokio::task::yield_now().await;
    }
    // Drops the page while it is rendered, and has it rendered again in the meantime.
    for number in 0..20 {
        visitor.get(&format!("/{number}")).await;
    }
    value.store(3, SeqCst);
    revalidate_path("/slow").expect("no component renders");
    assert!(visitor.get("/slow").await.starts_with("value 3"));
    gate.open(1);
    assert!(within(late).await.expect("it ends").starts_with("value 2"), "asked before");
    visitor.drain().await;
    assert!(visitor.get("/slow").await.starts_with("value 3"), "the late one is not kept");
}

/// A page that knows a slug when told to.
fn knowing(known: &Arc<AtomicBool>, counted: &Counted) -> impl Fn(Params) -> Knowing + use<> {
    let (known, counted) = (Arc::clone(known), counted.clone());
    move |_| {
        let number = counted.count();
        ready(if known.load(SeqCst) { Ok(format!("render {number}")) } else { Err(not_found()) })
    }
}

type Knowing = Ready<Result<String, Interrupt>>;

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_asked_for_again_within_a_minute_here_and_in_shared_caches() {
    let (known, counted) = (Arc::default(), Counted::default());
    let listed = [[("slug", "listed")]];
    let site = Site::builder().page_with("/{slug}", knowing(&known, &counted), listed);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    for path in ["/listed", "/other"] {
        for _ in 0..3 {
            let visited = visitor.send(request(Method::GET, path)).await;
            assert_eq!(visited.status, 404);
            assert_eq!(visited.headers[CACHE_CONTROL], "public, max-age=0, s-maxage=60");
        }
    }
    assert_eq!(counted.renders(), 2, "it is remembered");
    advance(Duration::from_mins(1)).await;
    for _ in 0..3 {
        assert_eq!(visitor.send(request(Method::GET, "/other")).await.status, 404);
    }
    assert_eq!(counted.renders(), 3, "it is remembered anew");
    known.store(true, SeqCst);
    advance(Duration::from_mins(1)).await;
    assert_eq!(visitor.get("/other").await, "render 4");
    visitor.get("/listed").await;
    visitor.drain().await;
    assert_eq!(visitor.get("/listed").await, "render 5");
    advance(DAY).await;
    assert_eq!(visitor.get("/other").await, "render 4", "what is there stays");
}

#[tokio::test]
async fn what_is_not_there_takes_no_place_of_a_page_that_is() {
    let counted = Counted::default();
    let page = {
        let counted = counted.clone();
        move |params: Params| {
            let text = format!("render {}", counted.count());
            let there = params.get("slug").is_some_and(|slug| slug.starts_with("there"));
            ready(if there { Ok(text) } else { Err(not_found()) })
        }
    };
    let site = Site::builder().param_cache(64 * 1024).page_with("/{slug}", page, NO_LIST);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    let there: Vec<_> = (0..40).map(|number| format!("/there-{number}")).collect();
    for path in &there {
        visitor.get(path).await;
    }
    for number in 0..10_000 {
        visitor.get(&format!("/stranger-{number}")).await;
    }
    let renders = counted.renders();
    for path in &there {
        visitor.get(path).await;
    }
    assert_eq!(counted.renders(), renders, "all are kept");
}

#[tokio::test]
async fn a_redirect_that_nobody_could_follow_is_a_failed_render_and_is_not_kept() {
    let error = Site::builder()
        .page("/", async || Err::<&str, _>(redirect("/a\r\nset-cookie: b")))
        .build()
        .await
        .expect_err("no header can carry it");
    assert!(error.is_render() && error.to_string().contains("a control character"), "{error}");

    let tries = Arc::new(AtomicUsize::new(0));
    let page = {
        let tries = Arc::clone(&tries);
        move |_| {
            let first = tries.fetch_add(1, SeqCst) == 0;
            ready(if first { Err(redirect("/\n")) } else { Ok("text") })
        }
    };
    let site = Site::builder().page_with("/{slug}", page, NO_LIST).build().await;
    let visitor = Visitor::new(&site.expect("it builds"));
    let visited = visitor.send(request(Method::GET, "/x")).await;
    assert_eq!((visited.status.as_u16(), &visited.headers[CACHE_CONTROL]), (500, &PRIVATE));
    assert_eq!(visitor.get("/x").await, "text");
}

const PRIVATE: http::HeaderValue = http::HeaderValue::from_static("private, no-store");

#[tokio::test]
async fn a_page_larger_than_the_cache_is_told_once() {
    let (traces, _guard) = Traces::collect();
    let page = |_| ready(Content::text("x".repeat(80 * 1024)));
    let site = Site::builder().param_cache(64 * 1024).page_with("/{slug}", page, NO_LIST);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    for path in ["/a", "/b", "/a"] {
        visitor.get(path).await;
    }
    let events = traces.events(tracing::Level::WARN);
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].text.contains("larger than all of `param_cache`"), "{events:?}");
}
