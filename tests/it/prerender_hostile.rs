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
    header::{CACHE_CONTROL, CONTENT_LENGTH, LOCATION, RETRY_AFTER},
};
use with_after::{
    AfterLayer, after, cookies,
    prerender::{Params, Site, suspense},
    redirect, revalidate_path, revalidate_tag,
};

use crate::support::{
    client::{Client, get},
    fail,
    log::Log,
    pages::{Counted, Gate, Visitor, request, with_header},
    server::{Version, axum},
    within,
};

const NO_LIST: [[(&str, &str); 1]; 0] = [];

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
async fn one_limit_of_tasks_holds_at_build_and_at_revalidation_and_its_error_is_short() {
    let (count, ran) = (Arc::new(AtomicUsize::new(1_000)), Arc::new(AtomicUsize::new(0)));
    let page = {
        let (count, ran) = (Arc::clone(&count), Arc::clone(&ran));
        move || {
            for _ in 0..count.load(SeqCst) {
                let ran = Arc::clone(&ran);
                after(move || {
                    ran.fetch_add(1, SeqCst);
                });
            }
            ready("text")
        }
    };
    let site = Site::builder().page("/many", page.clone()).build().await.expect("it builds");
    assert_eq!(ran.swap(0, SeqCst), 1_000);
    count.store(10_000, SeqCst);
    revalidate_path("/many").expect("there is such a page");
    let visitor = Visitor::new(&site);
    visitor.get("/many").await;
    visitor.drain().await;
    assert_eq!(ran.swap(0, SeqCst), 1_000);

    let error = Site::builder().page("/many", page).build().await.expect_err("9,000 are refused");
    assert!(error.is_task());
    assert_eq!(ran.load(SeqCst), 1_000);
    let text = error.to_string();
    assert!(text.len() < 50_000 && text.contains("and 8950 more"), "{}: {text:.500}", text.len());
}

#[tokio::test]
async fn a_hole_that_contains_itself_ends() {
    fn endless() -> with_after::prerender::Suspense {
        suspense("…", async || format!("<i>{}</i>", endless()))
    }

    fn doubling() -> with_after::prerender::Suspense {
        suspense("…", async || format!("<i>{}{}</i>", doubling(), doubling()))
    }

    let (endless, doubling) =
        (async || format!("<p>{}</p>", endless()), async || format!("<p>{}</p>", doubling()));
    let site = Site::builder()
        .error_fallback("!")
        .page("/endless", endless)
        .page("/doubling", doubling)
        .on_failure(|_| ())
        .build()
        .await
        .expect("it builds");
    let visitor = Visitor::new(&site);
    let in_order = |path| with_header(path, "prefer", "in-order");
    let text = visitor.send(in_order("/endless")).await.text;
    assert_eq!(text, format!("<p>{}!{}</p>", "<i>".repeat(16), "</i>".repeat(16)));
    let text = visitor.get("/endless").await;
    assert_eq!(text.matches("<script>").count(), 17);
    let text = visitor.send(in_order("/doubling")).await.text;
    assert!(text.matches("<i>").count() <= 10_000, "{}", text.len());
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

#[tokio::test]
async fn a_new_slug_of_a_dynamic_page_works_once() {
    let work = Counted::default();
    let page = {
        let work = work.clone();
        move |params: Params| {
            let text = work.render();
            async move {
                cookies().await;
                format!("{text} {}", params.get("slug").unwrap_or_default())
            }
        }
    };
    let site = Site::builder().page_with("/{slug}", page, [[("slug", "listed")]]);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    assert_eq!(work.renders(), 1, "the build tries it");
    assert_eq!(visitor.get("/a").await, "render 2 a");
    assert_eq!(visitor.get("/b").await, "render 3 b");
    assert_eq!(visitor.get("/listed").await, "render 4 listed");
}

#[tokio::test]
async fn no_more_pages_are_rendered_side_by_side_than_may_be() {
    let (counted, gate) = (Counted::default(), Gate::closed());
    let gated = counted.gated(&gate);
    let site = Site::builder()
        .max_renders(2)
        .page_with("/{id}", move |_| gated(), NO_LIST)
        .build()
        .await
        .expect("it builds");
    let visitor = Visitor::new(&site);
    let ask = |number: usize| {
        let visitor = visitor.clone();
        tokio::spawn(async move { visitor.send(request(Method::GET, &format!("/{number}"))).await })
    };
    // Two run, and thirty wait for their turn.
    let admitted: Vec<_> = (0..32).map(ask).collect();
    counted.began(2).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(counted.renders(), 2);
    let refused = within(ask(32)).await.expect("it ends");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.headers[RETRY_AFTER], "1");
    assert_eq!(refused.headers[CACHE_CONTROL], "private, no-store");
    gate.open(33);
    for one in admitted {
        assert_eq!(within(one).await.expect("it ends").status, 200);
    }
    visitor.drain().await;
    assert_eq!(within(ask(32)).await.expect("it ends").status, 200, "there is room again");
}

#[tokio::test]
async fn a_client_that_leaves_before_its_page_begins_leaves_nothing_behind() {
    let counted = Counted::default();
    let site = Site::builder().page_with("/{id}", counted.page_with(), NO_LIST);
    let site = site.build().await.expect("it builds");
    let mut service = site.clone();
    for number in 0..100 {
        let request = request(Method::GET, &format!("/{number}"));
        drop(tower::Service::call(&mut service, request));
    }
    assert_eq!(Visitor::new(&site).get("/7").await, "render 1");
}

#[tokio::test]
async fn what_holes_keep_counts_as_memory() {
    let counted = Counted::default();
    let page = {
        let counted = counted.clone();
        move |_| {
            counted.count();
            let captured = [7_u8; 8 * 1024];
            let heap = vec![7_u8; 8 * 1024];
            let hole = suspense("…", move || ready(captured.len() + heap.len()));
            ready(format!("<p>{}</p>", hole.holding(8 * 1024)))
        }
    };
    let site = Site::builder().param_cache(64 * 1024).page_with("/{id}", page, NO_LIST);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    for _ in 0..2 {
        for number in 0..10 {
            visitor.get(&format!("/{number}")).await;
        }
    }
    assert_eq!(
        counted.renders(),
        20,
        "three of them fit, so each was dropped before it came again"
    );
}

#[tokio::test]
async fn the_build_uses_all_threads() {
    let gate = Arc::new(std::sync::Barrier::new(2));
    let page = |gate: Arc<std::sync::Barrier>| {
        move || {
            // Blocks its thread until the other page is rendered too.
            gate.wait();
            ready("text")
        }
    };
    let (one, other) = (page(Arc::clone(&gate)), page(gate));
    let built = tokio::task::spawn_blocking(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).enable_all().build().expect("it starts");
        runtime.block_on(async {
            let site = Site::builder().page("/one", one).page("/other", other).build();
            tokio::time::timeout(Duration::from_secs(10), site).await
        })
    });
    within(built).await.expect("it ends").expect("nothing blocks").expect("it builds");
}

#[tokio::test]
async fn many_unknown_slugs_at_once_are_answered() {
    let counted = Counted::default();
    let site = Site::builder().page_with("/{id}", counted.page_with(), NO_LIST);
    let site = site.build().await.expect("it builds");
    let address = axum(Router::from(site).layer(AfterLayer::new())).await;
    for number in 0..50 {
        assert_eq!(get(address, &format!("/{number}")).await.status, 200);
    }
    assert_eq!(counted.renders(), 50);
}
