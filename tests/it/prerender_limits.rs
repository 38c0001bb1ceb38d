//! Nothing of a site grows without a limit, and no work is done twice.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::Router;
use http::{
    Method,
    header::{CACHE_CONTROL, RETRY_AFTER},
};
use with_after::{
    AfterLayer, after, cookies,
    prerender::{Params, Site, suspense},
    revalidate_path,
};

use crate::support::{
    client::get,
    pages::{Counted, Gate, Visitor, request, with_header},
    server::axum,
    within,
};

const NO_LIST: [[(&str, &str); 1]; 0] = [];

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
