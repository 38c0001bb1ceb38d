//! How long `#[cache]` keeps a value, and who shares it.

use std::sync::{Arc, Weak};

use axum::{Router, body::Body, middleware::Next, middleware::from_fn, routing::get};
use bytes::Bytes;
use futures_util::{FutureExt as _, future::BoxFuture, stream};
use http::{Method, Request};
use tokio::sync::mpsc;
use with_after::{
    AfterLayer, Scope, after, cache,
    prerender::{Site, suspense},
    run, with_after,
};

use crate::support::{
    client::{Client, request},
    log::Log,
    pages::Visitor,
    platform::{Recording, finish},
    server::{Version, axum},
    within,
};

/// The value that each call gets: which run it is.
#[cache(skip(log))]
async fn load(log: &Log, place: &'static str) -> usize {
    log.add(place);
    log.entries().len()
}

#[tokio::test]
async fn a_request_shares_its_memo_with_its_layers_tasks_spawned_tasks_and_body() {
    let log = Log::default();
    let (sender, mut values) = mpsc::unbounded_channel();
    let (in_middleware, in_handler) = ((log.clone(), sender.clone()), (log.clone(), sender));
    let handler = async move || {
        let (log, sender) = in_handler;
        let (task_log, task_sender) = (log.clone(), sender.clone());
        after(async move {
            task_sender.send(load(&task_log, "it").await).expect("the test listens");
            after(async move {
                task_sender.send(load(&task_log, "it").await).expect("the test listens");
            });
        });
        let scope = Scope::current().expect("the layer opened it");
        let spawned_log = log.clone();
        let spawned = scope.run(async move { load(&spawned_log, "it").await });
        sender.send(tokio::spawn(spawned).await.expect("it ends")).expect("the test listens");
        Body::from_stream(stream::once(async move {
            sender.send(load(&log, "it").await).expect("the test listens");
            Ok::<_, std::convert::Infallible>(Bytes::from_static(b"body"))
        }))
    };
    let middleware = move |request: Request<Body>, next: Next| {
        let (log, sender) = in_middleware.clone();
        async move {
            sender.send(load(&log, "it").await).expect("the test listens");
            next.run(request).await
        }
    };
    let app = Router::new().route("/", get(handler)).layer(from_fn(middleware));
    let address = axum(app.layer(AfterLayer::new())).await;

    let mut client = Client::connect(address, Version::Http1).await;
    for run in 1..=2 {
        client.fetch(request(Method::GET, "/")).await.expect("a whole response comes");
        for _ in ["middleware", "spawned", "body", "task", "nested task"] {
            assert_eq!(within(values.recv()).await, Some(run), "each request has its own");
        }
    }
    assert_eq!(log.entries(), ["it"; 2]);
}

#[tokio::test]
async fn a_value_is_shared_in_every_kind_with_and_without_the_layer() {
    macro_rules! handlers {
        ($($kind:ident)*) => {[$({
            #[with_after($kind)]
            async fn $kind(log: Log) {
                load(&log, stringify!($kind)).await;
                load(&log, stringify!($kind)).await;
                after(async move { load(&log, stringify!($kind)).await; });
            }
            |log| $kind(log).boxed()
        }),*]};
    }

    let (log, platform) = (Log::default(), Recording::default());
    let handlers: [fn(Log) -> BoxFuture<'static, ()>; 5] =
        handlers![component metadata route server_fn middleware];
    for handler in handlers {
        finish(platform.layer(), |_| handler(log.clone())).await;
    }
    platform.drain().await;
    let kinds = ["component", "metadata", "route", "server_fn", "middleware"];
    assert_eq!(log.entries(), kinds);
    assert_eq!(platform.ended.entries().len(), 5);

    let log = Log::default();
    for handler in handlers {
        run(handler(log.clone())).await;
    }
    assert_eq!(log.entries(), kinds);
}

#[tokio::test]
async fn outside_of_a_scope_each_call_runs() {
    #[cache(skip(log))]
    fn load_sync(log: &Log) -> usize {
        log.add("sync");
        log.entries().len()
    }

    let log = Log::default();
    assert_eq!((load(&log, "async").await, load(&log, "async").await), (1, 2));
    assert_eq!((load_sync(&log), load_sync(&log)), (3, 4));
}

#[tokio::test]
async fn what_is_kept_is_dropped_when_the_last_task_has_ended() {
    #[cache]
    fn value() -> Arc<()> {
        Arc::new(())
    }

    let platform = Recording::default();
    let mut kept = Weak::new();
    let (seen, mut in_task) = mpsc::unbounded_channel();
    finish(platform.layer(), |_| {
        kept = Arc::downgrade(&value());
        let weak = Weak::clone(&kept);
        after(move || seen.send(weak.strong_count()).expect("the test listens"));
        std::future::ready(())
    })
    .await;
    platform.drain().await;
    assert_eq!(within(in_task.recv()).await, Some(1), "the memo has it");
    assert_eq!(kept.strong_count(), 0);
}

#[tokio::test]
async fn each_render_of_a_static_page_has_a_memo_that_its_tasks_share() {
    let log = Log::default();
    let page_log = log.clone();
    let page = move || {
        let log = page_log.clone();
        async move {
            let number = load(&log, "page").await;
            after(async move { assert_eq!(load(&log, "page").await, number) });
            format!("render {number}")
        }
    };
    let site = Site::builder().page("/", page).build().await.expect("its task does not fail");
    let visitor = Visitor::new(&site);
    assert_eq!(visitor.get("/").await, "render 1");
    assert_eq!(visitor.get("/").await, "render 1");
    assert_eq!(log.entries(), ["page"]);
}

#[tokio::test]
async fn the_holes_of_a_page_share_the_memo_of_their_request_and_not_the_shells() {
    let log = Log::default();
    let page_log = log.clone();
    let page = move || {
        let log = page_log.clone();
        async move {
            let shell = load(&log, "it").await;
            let hole = |log: Log| async move { format!(" hole {}", load(&log, "it").await) };
            let (first, second) = (log.clone(), log);
            let holes = [
                suspense("…", move || hole(first.clone())).to_string(),
                suspense("…", move || hole(second.clone())).to_string(),
            ];
            format!("shell {shell} {}", holes.concat())
        }
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let visitor = Visitor::new(&site);
    for number in [2, 3] {
        let text = visitor.get("/").await;
        assert!(text.starts_with("shell 1"), "{text}");
        assert_eq!(text.matches(&format!("hole {number}")).count(), 2, "{text}");
    }
    assert_eq!(log.entries(), ["it"; 3]);
}
