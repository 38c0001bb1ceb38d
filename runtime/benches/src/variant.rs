//! The applications that are compared.

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

use axum::{Extension, Json, Router, routing::get};
use serde::Serialize;
use tower_layer::Identity;
use with_after::{AfterLayer, after, with_after};

use crate::{
    hand_written::{AfterResponse, HandWrittenLayer},
    pages,
};

/// One application.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Variant {
    /// What reports and command lines call it.
    pub name: &'static str,
    /// How it is served.
    pub host: Host,
    /// Makes it.
    pub app: fn() -> Router,
}

/// How an application is served.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Host {
    /// By `axum::serve`.
    Axum,
    /// By `with_after::serve`.
    Serve,
    /// By `with_after::serve`, with the layer around the router instead of on its routes.
    ServeAround,
    /// By `with_after::serve`, with the layer around the site itself, and no router.
    Site,
    /// As `ServeAround`, with an inspector.
    #[cfg(feature = "inspector")]
    Inspected,
    /// The same, with somebody who looks at it.
    #[cfg(feature = "inspector")]
    Watched,
}

/// All of them; the first is what the others are compared with.
pub const VARIANTS: &[Variant] = &[
    on_axum("bare", || route(get(bare))),
    on_axum("spawn-1", || route(get(spawn::<1>))),
    on_axum("spawn-10", || route(get(spawn::<10>))),
    on_axum("hand-written-0", || route(get(bare)).layer(HandWrittenLayer::default())),
    on_axum("hand-written-1", || route(get(push::<1>)).layer(HandWrittenLayer::default())),
    on_axum("hand-written-10", || route(get(push::<10>)).layer(HandWrittenLayer::default())),
    on_axum("empty-layer", || route(get(bare)).layer(Identity::new())),
    on_axum("layer-0", || route(get(bare)).layer(AfterLayer::new())),
    on_axum("layer-1", || route(get(schedule::<1>)).layer(AfterLayer::new())),
    on_axum("layer-2", || route(get(schedule::<2>)).layer(AfterLayer::new())),
    on_axum("layer-10", || route(get(schedule::<10>)).layer(AfterLayer::new())),
    on_axum("layer-annotated-1", || route(get(annotated)).layer(AfterLayer::new())),
    on_axum("layer-nested", || route(get(page)).layer(AfterLayer::new())),
    flushed("serve-bare", || route(get(bare))),
    flushed("serve-layer-0", || route(get(bare)).layer(AfterLayer::new())),
    flushed("serve-layer-1", || route(get(schedule::<1>)).layer(AfterLayer::new())),
    flushed("serve-layer-10", || route(get(schedule::<10>)).layer(AfterLayer::new())),
    around("serve-around-0", || route(get(bare))),
    around("serve-around-1", || route(get(schedule::<1>))),
];

/// The pages of a site, beside the handler `bare` and each other.
pub const PAGES: &[Variant] = &[
    flushed("page-static", || pages::router(pages::fixed).layer(AfterLayer::new())),
    around("page-static-around", || pages::router(pages::fixed)),
    Variant { name: "page-alone", host: Host::Site, app: || pages::router(pages::fixed) },
    flushed("page-dynamic", || pages::router(pages::dynamic).layer(AfterLayer::new())),
    flushed("page-hole", || pages::router(pages::holed).layer(AfterLayer::new())),
];

impl Variant {
    /// Returns the variant called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let all = VARIANTS.iter().chain(PAGES);
        #[cfg(feature = "inspector")]
        let all = all.chain(crate::inspected::INSPECTED);
        all.copied().find(|variant| variant.name == name)
    }
}

const fn on_axum(name: &'static str, app: fn() -> Router) -> Variant {
    Variant { name, host: Host::Axum, app }
}

const fn flushed(name: &'static str, app: fn() -> Router) -> Variant {
    Variant { name, host: Host::Serve, app }
}

const fn around(name: &'static str, app: fn() -> Router) -> Variant {
    Variant { name, host: Host::ServeAround, app }
}

pub(crate) fn route(handler: axum::routing::MethodRouter) -> Router {
    Router::new().route("/order", handler)
}

#[derive(Serialize)]
pub(crate) struct Order {
    id: u64,
    item: &'static str,
    quantity: u32,
    paid: bool,
}

const ORDER: Order = Order { id: 4711, item: "a dozen eggs", quantity: 12, paid: true };

/// The answer. Its first call leaves something on the heap, as code of a service does that is called
/// for the first time: without it the buffer of the connection would border on the top of the heap
/// in `bare` alone, where it is allocated and freed with 145 instructions less.
pub(crate) fn order() -> Json<Order> {
    static KEPT: LazyLock<Vec<u64>> = LazyLock::new(|| vec![ORDER.id; 512]);
    Json(Order { id: KEPT[0], ..ORDER })
}

/// What a task does: next to nothing.
static RECORDED: AtomicU64 = AtomicU64::new(0);

#[expect(clippy::unused_async, reason = "a task is a future")]
async fn record(id: u64) {
    RECORDED.fetch_add(id, Ordering::Relaxed);
}

async fn bare() -> Json<Order> {
    order()
}

async fn spawn<const TASKS: usize>() -> Json<Order> {
    for _ in 0..TASKS {
        drop(tokio::spawn(record(ORDER.id)));
    }
    order()
}

async fn push<const TASKS: usize>(Extension(queue): Extension<AfterResponse>) -> Json<Order> {
    for _ in 0..TASKS {
        queue.push(|_| record(ORDER.id));
    }
    order()
}

async fn schedule<const TASKS: usize>() -> Json<Order> {
    for _ in 0..TASKS {
        after(record(ORDER.id));
    }
    order()
}

#[with_after]
async fn annotated() -> Json<Order> {
    after(record(ORDER.id));
    order()
}

/// A component that renders another one; each schedules a task that schedules a task.
#[with_after(component)]
async fn page() -> Json<Order> {
    after(async { after(record(ORDER.id)) });
    part().await;
    order()
}

#[with_after(component)]
async fn part() {
    after(async { after(record(ORDER.id)) });
}
