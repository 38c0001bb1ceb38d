//! When a static page is rendered again, how often, and who waits for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use http::Method;
use tokio::time::advance;
use with_after::{Cause, after, cookies, prerender::Site, revalidate_path, revalidate_tag};

use crate::support::{
    log::Log,
    pages::{Counted, Gate, Visitor, request},
    within,
};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(start_paused = true)]
async fn a_page_that_is_too_old_is_served_at_once_and_rendered_once_behind_it() {
    let (counted, gate) = (Counted::default(), Gate::closed());
    gate.open(1);
    let site = Site::builder().page("/", counted.gated(&gate)).revalidate_after(MINUTE);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    advance(Duration::from_millis(59_999)).await;
    assert_eq!(visitor.get("/").await, "render 1");
    assert_eq!(visitor.platform().pending(), 0, "it is not too old");

    advance(Duration::from_millis(1)).await;
    for _ in 0..10 {
        assert_eq!(visitor.get("/").await, "render 1");
        tokio::task::yield_now().await;
    }
    assert_eq!((counted.renders(), counted.tasks()), (2, 1), "the render waits at the gate");
    assert_eq!(visitor.platform().pending(), 2, "a drain waits for the render, and for its task");
    gate.open(1);
    visitor.drain().await;
    assert_eq!(visitor.get("/").await, "render 2");
    assert_eq!((counted.renders(), counted.tasks()), (2, 2));

    advance(MINUTE).await;
    gate.open(1);
    assert_eq!(visitor.get("/").await, "render 2");
    visitor.drain().await;
    assert_eq!(visitor.get("/").await, "render 3");
}

#[tokio::test]
async fn a_page_revalidated_by_tag_is_waited_for_by_all_and_rendered_once() {
    let (counted, gate) = (Counted::default(), Gate::closed());
    gate.open(1);
    let site = Site::builder().page("/", counted.gated(&gate)).tags(["one", "by_tag"]);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    revalidate_tag("by_tag").expect("no component renders");
    let all: Vec<_> = (0..20)
        .map(|_| {
            let visitor = visitor.clone();
            tokio::spawn(async move { visitor.get("/").await })
        })
        .collect();
    counted.began(2).await;
    gate.open(10);
    for one in all {
        assert_eq!(within(one).await.expect("it ends"), "render 2");
    }
    visitor.drain().await;
    assert_eq!((counted.renders(), counted.tasks()), (2, 2));
}

#[tokio::test]
async fn a_path_revalidates_its_own_page_and_no_other() {
    let (one, other) = (Counted::default(), Counted::default());
    let site = Site::builder().page("/path/é", one.page()).page("/path/other", other.page());
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    revalidate_path("/path/%c3%a9").expect("no component renders");
    assert_eq!(visitor.get("/path/%C3%A9").await, "render 2");
    assert_eq!(visitor.get("/path/other").await, "render 1");
}

#[tokio::test]
async fn the_path_of_a_description_revalidates_all_its_pages() {
    let counted = Counted::default();
    let list = [[("id", "a")], [("id", "b")]];
    let site = Site::builder().page_with("/all/{id}", counted.page_with(), list);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    assert_eq!(visitor.get("/all/on-demand").await, "render 3");
    revalidate_path("/all/{id}").expect("no component renders");
    assert_eq!(visitor.get("/all/a").await, "render 4");
    assert_eq!(visitor.get("/all/b").await, "render 5");
    assert_eq!(visitor.get("/all/on-demand").await, "render 6");
    revalidate_path("/all/on-demand").expect("no component renders");
    assert_eq!(visitor.get("/all/on-demand").await, "render 7");
    assert_eq!(visitor.get("/all/a").await, "render 4");
}

#[tokio::test]
async fn what_is_revalidated_during_a_render_is_rendered_once_more() {
    let (counted, gate) = (Counted::default(), Gate::closed());
    gate.open(1);
    let site = Site::builder().page("/", counted.gated(&gate)).tags(["during"]);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    revalidate_tag("during").expect("no component renders");
    let first = {
        let visitor = visitor.clone();
        tokio::spawn(async move { visitor.get("/").await })
    };
    counted.began(2).await;
    // What that render has read may be old.
    revalidate_tag("during").expect("no component renders");
    let second = {
        let visitor = visitor.clone();
        tokio::spawn(async move { visitor.get("/").await })
    };
    tokio::task::yield_now().await;
    assert_eq!(counted.renders(), 2, "one at a time");
    gate.open(2);
    assert_eq!(within(first).await.expect("it ends"), "render 2");
    assert_eq!(within(second).await.expect("it ends"), "render 3");
}

#[tokio::test]
async fn the_tasks_of_a_revalidation_wait_for_their_own_render_and_not_for_the_stale_response() {
    let (log, gate) = (Log::default(), Gate::closed());
    gate.open(1);
    let page = {
        let (log, gate) = (log.clone(), gate.clone());
        move || {
            let (log, gate) = (log.clone(), gate.clone());
            async move {
                let in_task = log.clone();
                after(move || in_task.add("task"));
                gate.pass().await;
                log.add("rendered");
                "text"
            }
        }
    };
    let site = Site::builder().page("/", page).revalidate_after(Duration::ZERO);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    visitor.get("/").await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.entries(), ["rendered", "task"], "the stale response is over, the render not");
    gate.open(1);
    visitor.drain().await;
    assert_eq!(log.entries(), ["rendered", "task", "rendered", "task"]);
}

#[tokio::test]
async fn a_client_that_goes_away_cuts_no_render_for_which_others_wait() {
    let (counted, gate) = (Counted::default(), Gate::closed());
    let list: [[(&str, &str); 1]; 0] = [];
    let gated = counted.gated(&gate);
    let site = Site::builder().page_with("/{id}", move |_| gated(), list);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    let ask = || {
        let visitor = visitor.clone();
        tokio::spawn(async move { visitor.get("/x").await })
    };
    let (gone, stays) = (ask(), ask());
    counted.began(1).await;
    gone.abort();
    assert!(gone.await.is_err_and(|error| error.is_cancelled()));
    gate.open(1);
    assert_eq!(within(stays).await.expect("it ends"), "render 1");
    assert_eq!(counted.renders(), 1);
}

/// A page that fails when told to.
fn failing(fails: &Arc<AtomicBool>, counted: &Counted) -> impl Fn() -> Failing + use<> {
    let (fails, counted) = (Arc::clone(fails), counted.clone());
    move || {
        let text = counted.render();
        std::future::ready(if fails.load(SeqCst) { Err("no database") } else { Ok(text) })
    }
}

type Failing = std::future::Ready<Result<String, &'static str>>;

#[tokio::test(start_paused = true)]
async fn a_failed_revalidation_keeps_the_page_is_reported_and_tried_again_at_the_next_age() {
    let (fails, counted, log) = (Arc::default(), Counted::default(), Log::default());
    let hook = log.clone();
    let site = Site::builder()
        .page("/", failing(&fails, &counted))
        .revalidate_after(MINUTE)
        .on_failure(move |failure| {
            assert!(matches!(failure.cause(), Cause::Error(_)));
            hook.add(failure.to_string());
        });
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    fails.store(true, SeqCst);
    advance(MINUTE).await;
    assert_eq!(visitor.get("/").await, "render 1");
    visitor.drain().await;
    let entries = log.entries();
    assert_eq!(entries.len(), 1);
    assert!(entries[0].contains("render /") && entries[0].contains("prerender_revalidation.rs:"));
    assert!(entries[0].contains("the render of `/` failed: no database"), "{entries:?}");

    assert_eq!(visitor.get("/").await, "render 1");
    visitor.drain().await;
    assert_eq!(counted.renders(), 2, "not before the next age");
    fails.store(false, SeqCst);
    advance(MINUTE).await;
    assert_eq!(visitor.get("/").await, "render 1");
    visitor.drain().await;
    assert_eq!(visitor.get("/").await, "render 3");
    assert_eq!(counted.tasks(), 3, "those of the failed render ran too");
}

#[tokio::test(start_paused = true)]
async fn without_an_age_a_failed_revalidation_is_tried_again_after_half_a_minute() {
    let (fails, counted) = (Arc::default(), Counted::default());
    let site = Site::builder().page("/", failing(&fails, &counted)).tags(["fails"]);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    fails.store(true, SeqCst);
    revalidate_tag("fails").expect("no component renders");
    assert_eq!(visitor.get("/").await, "render 1", "the old page is better than none");
    assert_eq!(visitor.get("/").await, "render 1");
    assert_eq!(counted.renders(), 2, "not for each request");
    fails.store(false, SeqCst);
    advance(Duration::from_secs(30)).await;
    assert_eq!(visitor.get("/").await, "render 1");
    visitor.drain().await;
    assert_eq!(visitor.get("/").await, "render 3");
}

#[tokio::test(start_paused = true)]
async fn a_revalidation_that_never_ends_is_cut_and_keeps_the_page() {
    let (counted, gate, log) = (Counted::default(), Gate::closed(), Log::default());
    gate.open(1);
    let hook = log.clone();
    let site = Site::builder()
        .max_duration(Duration::from_secs(2))
        .page("/", counted.gated(&gate))
        .tags(["hangs"])
        .on_failure(move |failure| hook.add(failure.to_string()));
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    revalidate_tag("hangs").expect("no component renders");
    assert_eq!(visitor.get("/").await, "render 1");
    visitor.drain().await;
    assert!(log.entries()[0].contains("timed out after 2s"), "{:?}", log.entries());
}

#[tokio::test]
async fn a_failed_task_of_a_revalidation_is_reported_and_the_new_page_stays() {
    let log = Log::default();
    let built = Arc::new(AtomicBool::new(false));
    let page = {
        let built = Arc::clone(&built);
        move || {
            let fails = built.load(SeqCst);
            after(move || if fails { Err("no mail") } else { Ok(()) });
            std::future::ready(if fails { "new" } else { "old" })
        }
    };
    let site = Site::builder().page("/", page).tags(["task fails"]).build().await;
    built.store(true, SeqCst);
    let hook = log.clone();
    let visitor = Visitor::new(&site.expect("it builds"))
        .change_layer(|layer| layer.on_failure(move |failure| hook.add(failure.to_string())));
    revalidate_tag("task fails").expect("no component renders");
    assert_eq!(visitor.get("/").await, "new");
    visitor.drain().await;
    assert_eq!(visitor.get("/").await, "new");
    assert_eq!(log.entries().len(), 1, "the layer's hook is told, since the site has none");
    assert!(log.entries()[0].contains("no mail"), "{:?}", log.entries());
}

#[tokio::test]
async fn a_page_that_turns_dynamic_is_rendered_for_each_request_until_it_is_revalidated() {
    let dynamic = Arc::new(AtomicBool::new(false));
    let counted = Counted::default();
    let page = {
        let (dynamic, counted) = (Arc::clone(&dynamic), counted.clone());
        move || {
            let (dynamic, counted) = (Arc::clone(&dynamic), counted.clone());
            async move {
                let text = counted.render();
                if dynamic.load(SeqCst) {
                    cookies().await;
                }
                text
            }
        }
    };
    let site = Site::builder().page("/", page).tags(["turns"]).build().await;
    let visitor = Visitor::new(&site.expect("it builds"));
    dynamic.store(true, SeqCst);
    revalidate_tag("turns").expect("no component renders");
    assert_eq!(visitor.get("/").await, "render 3", "the second was abandoned");
    assert_eq!(visitor.get("/").await, "render 4");
    dynamic.store(false, SeqCst);
    revalidate_tag("turns").expect("no component renders");
    assert_eq!(visitor.get("/").await, "render 5");
    assert_eq!(visitor.get("/").await, "render 5");
    visitor.drain().await;
    assert_eq!(counted.tasks(), 4, "all but the abandoned render's");
}

#[tokio::test]
async fn a_head_request_revalidates_as_a_get_does() {
    let counted = Counted::default();
    let site = Site::builder().page("/", counted.page()).tags(["head"]).build().await;
    let visitor = Visitor::new(&site.expect("it builds"));
    revalidate_tag("head").expect("no component renders");
    assert_eq!(visitor.send(request(Method::HEAD, "/")).await.text, "");
    assert_eq!(visitor.get("/").await, "render 2");
}
