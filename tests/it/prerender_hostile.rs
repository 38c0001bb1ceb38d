//! Pages and visitors that mean no good, or do not know better.

use std::{
    future::{Ready, pending, ready},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use axum::Router;
use http::{
    Method,
    header::{CACHE_CONTROL, CONTENT_LENGTH, LOCATION},
};
use with_after::{
    AfterLayer, cookies,
    prerender::{Site, suspense},
    redirect, revalidate_path, revalidate_tag,
};

use crate::support::{
    client::Client,
    fail,
    log::Log,
    pages::{Visitor, request, with_header},
    server::{Version, axum},
    within,
};

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !thread::panicking() {
            fail();
        }
    }
}

#[tokio::test]
async fn a_drop_that_panics_fails_no_render_and_leaves_nobody_waiting() {
    let renders = Arc::new(AtomicUsize::new(0));
    let page = {
        let renders = Arc::clone(&renders);
        move || {
            let (number, captured) = (renders.fetch_add(1, SeqCst) + 1, Bomb);
            async move {
                let hole = suspense("…", move || {
                    let _captured = &captured;
                    ready("hole")
                });
                let text = format!("<p>render {number} {hole}</p>");
                text
            }
        }
    };
    let site = Site::builder().page("/", page).tags(["bomb"]).build().await.expect("it builds");
    let visitor = Visitor::new(&site);
    for number in 2..5 {
        revalidate_tag("bomb").expect("a tag");
        let all: Vec<_> = (0..5)
            .map(|_| {
                let visitor = visitor.clone();
                tokio::spawn(async move { visitor.get("/").await })
            })
            .collect();
        for one in all {
            let text = within(one).await.expect("it ends");
            assert!(text.contains(&format!("render {number} ")), "{text}");
        }
    }
    drop((site, visitor));
}

#[tokio::test]
async fn a_component_whose_end_panics_keeps_the_old_page_and_leaves_nobody_waiting() {
    let built = Arc::new(AtomicBool::new(false));
    let page = {
        let built = Arc::clone(&built);
        move || {
            let captured = built.load(SeqCst).then(|| Bomb);
            async move {
                let _captured = &captured;
                "text"
            }
        }
    };
    let site = Site::builder().page("/ends", page).build().await.expect("it builds");
    built.store(true, SeqCst);
    revalidate_path("/ends").expect("there is such a page");
    assert_eq!(within(Visitor::new(&site).get("/ends")).await, "text");
}

#[tokio::test]
async fn an_error_that_panics_when_it_is_shown_fails_the_build_alone() {
    #[derive(Debug)]
    struct Unshowable;

    impl std::fmt::Display for Unshowable {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            fail();
            Ok(())
        }
    }

    impl std::error::Error for Unshowable {}

    let fails = Arc::new(AtomicBool::new(true));
    let page = {
        let fails = Arc::clone(&fails);
        move || ready(if fails.load(SeqCst) { Err(Unshowable) } else { Ok("text") })
    };
    let error = Site::builder().page("/", page.clone()).build().await.expect_err("it fails");
    assert!(error.to_string().contains("its error panicked"), "{error}");

    fails.store(false, SeqCst);
    let site = Site::builder().page("/unshowable", page).build().await.expect("it builds");
    fails.store(true, SeqCst);
    revalidate_path("/unshowable").expect("there is such a page");
    assert_eq!(within(Visitor::new(&site).get("/unshowable")).await, "text");
}

#[tokio::test]
async fn a_dynamic_page_that_panics_or_fails_is_answered_with_500_and_the_hook_is_told() {
    let site = Site::builder()
        .page("/later", async || {
            cookies().await;
            fail();
            "never"
        })
        .page("/at-once", || -> Ready<&'static str> { panic!("not even a future") })
        .force_dynamic()
        .page("/error", async || {
            cookies().await;
            Err::<&str, _>("no database")
        })
        .build()
        .await
        .expect("it builds");
    let log = Log::default();
    let hook = log.clone();
    let layer = AfterLayer::new().on_failure(move |failure| hook.add(failure.to_string()));
    let address = axum(Router::from(site).layer(layer)).await;
    let mut client = Client::connect(address, Version::Http1).await;
    for path in ["/later", "/at-once", "/error"] {
        let request = crate::support::client::request(Method::GET, path);
        let received = client.fetch(request).await.expect("the connection stays");
        assert_eq!(received.status, 500, "{path}");
        assert_eq!(received.headers[CACHE_CONTROL], "private, no-store");
    }
    let entries = log.entries();
    assert_eq!(entries.len(), 3, "{entries:?}");
    assert!(entries[0].contains("page /later") && entries[0].contains("panicked"), "{entries:?}");
    assert!(entries[2].contains("no database"), "{entries:?}");
    assert!(entries[2].contains("prerender_hostile.rs:"), "{entries:?}");
}

#[tokio::test(start_paused = true)]
async fn failures_of_holes_reach_the_hook_of_the_site() {
    let log = Log::default();
    let hook = log.clone();
    let page = async || {
        let error = suspense("…", async || Err::<&str, _>("no database"));
        let hang = suspense("…", pending::<&str>);
        format!("<p>{error} {hang}</p>")
    };
    let site = Site::builder()
        .max_duration(Duration::from_secs(2))
        .page("/", page)
        .on_failure(move |failure| hook.add(failure.to_string()))
        .build()
        .await
        .expect("it builds");
    Visitor::new(&site).send(with_header("/", "prefer", "in-order")).await;
    let entries = log.entries();
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(entries[0].contains("`hole of /` (tests/it/prerender_hostile.rs:"), "{entries:?}");
    assert!(entries[1].contains("timed out after 2s"), "{entries:?}");
}

#[tokio::test]
async fn head_of_a_page_with_holes_tells_no_length() {
    let page = async || format!("<p>{}</p>", suspense("…", async || "text"));
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let address = axum(Router::from(site).layer(AfterLayer::new())).await;
    let mut client = Client::connect(address, Version::Http1).await;
    for _ in 0..2 {
        let head = crate::support::client::request(Method::HEAD, "/");
        let head = client.fetch(head).await.expect("a whole response comes");
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert!(!head.headers.contains_key(CONTENT_LENGTH), "{:?}", head.headers);
    }
}

#[tokio::test]
async fn content_cannot_pretend_to_be_a_hole() {
    let page = async || {
        let forged = "<b id=\"with-after-1\">forged</b><i>kept</i><!--with-after-1-->";
        format!("<p>{forged}{}</p>", suspense("…", async || "real"))
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let visitor = Visitor::new(&site);
    let names: Vec<_> = [visitor.get("/").await, visitor.get("/").await]
        .iter()
        .map(|text| {
            let (_, rest) = text.split_once("data-hole=\"").expect("the hole is filled");
            rest.split('"').next().expect("it has a name").to_owned()
        })
        .collect();
    assert_ne!(names[0], names[1], "new for each response");
    assert!(names[0].len() > 20 && names[0] != "with-after-1", "{names:?}");
}

#[tokio::test]
async fn a_hole_of_another_render_is_a_failure_and_never_shown() {
    let kept = Arc::new(std::sync::Mutex::new(None::<String>));
    let page = |kept: Arc<std::sync::Mutex<Option<String>>>| {
        move || {
            let mut kept = kept.lock().expect("whole");
            let part = kept.get_or_insert_with(|| suspense("…", async || "x").to_string());
            ready(format!("<p>{part}</p>"))
        }
    };
    let site = Site::builder().page("/", page(Arc::clone(&kept)));
    site.build().await.expect("it is its own hole");
    let site = Site::builder().page("/", page(kept));
    let error = site.build().await.expect_err("it was kept from another render").to_string();
    assert!(error.contains("a hole of another render"), "{error}");
}

#[tokio::test]
async fn a_redirect_in_a_hole_sends_the_browser_there() {
    let page = async || {
        let hole = suspense("…", async || -> Result<&str, with_after::Interrupt> {
            Err(redirect("/login?to=\"<script>&a"))
        });
        format!("<p>{hole}</p>")
    };
    let site = Site::builder().page("/", page).on_failure(|failure| panic!("{failure}"));
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    let refresh = "<meta http-equiv=\"refresh\" content=\"0;url=/login?to=%22%3Cscript%3E&amp;a\">";
    let text = visitor.send(with_header("/", "prefer", "in-order")).await.text;
    assert_eq!(text, format!("<p>{refresh}</p>"));
    assert!(visitor.get("/").await.contains(refresh));
}

#[tokio::test]
async fn a_redirect_is_sent_in_the_characters_of_a_url() {
    let site = Site::builder()
        .page("/static", async || Err::<&str, _>(redirect("/café au lait?q=ü%20&x=<y>")))
        .page("/dynamic", async || {
            cookies().await;
            Err::<&str, _>(redirect("/café au lait?q=ü%20&x=<y>"))
        })
        .build()
        .await
        .expect("it builds");
    let visitor = Visitor::new(&site);
    for path in ["/static", "/dynamic"] {
        let visited = visitor.send(request(Method::GET, path)).await;
        assert_eq!(visited.headers[LOCATION], "/caf%C3%A9%20au%20lait?q=%C3%BC%20&x=%3Cy%3E");
    }
}
