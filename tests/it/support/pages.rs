//! Pages that are counted, and visitors of a site.

use std::{
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use with_after::{
    AfterLayer, after,
    middleware::ResponseBody,
    platform::InProcess,
    prerender::{PageBody, Params, Site},
};

use super::within;

/// A page whose text is the number of its render, and which schedules a task.
#[derive(Clone, Default)]
pub(crate) struct Counted {
    renders: Arc<AtomicUsize>,
    tasks: Arc<AtomicUsize>,
}

impl Counted {
    pub(crate) fn page(&self) -> impl Fn() -> Ready<String> + Clone + Send + Sync + 'static {
        let counted = self.clone();
        move || ready(counted.render())
    }

    pub(crate) fn page_with(&self) -> impl Fn(Params) -> Ready<String> + Send + Sync + 'static {
        let counted = self.clone();
        move |_| ready(counted.render())
    }

    /// The same, but each render waits for `gate`.
    pub(crate) fn gated(
        &self,
        gate: &Gate,
    ) -> impl Fn() -> BoxFuture<'static, String> + Send + Sync + 'static {
        let (counted, gate) = (self.clone(), gate.clone());
        move || {
            let (counted, gate) = (counted.clone(), gate.clone());
            Box::pin(async move {
                let text = counted.render();
                gate.pass().await;
                text
            })
        }
    }

    /// Counts a render and schedules its task; returns the page.
    pub(crate) fn render(&self) -> String {
        let number = self.count();
        let tasks = Arc::clone(&self.tasks);
        after(move || {
            tasks.fetch_add(1, SeqCst);
        });
        format!("render {number}")
    }

    /// Counts a render that schedules nothing; returns its number.
    pub(crate) fn count(&self) -> usize {
        self.renders.fetch_add(1, SeqCst) + 1
    }

    pub(crate) fn renders(&self) -> usize {
        self.renders.load(SeqCst)
    }

    /// Waits until `count` renders have begun.
    pub(crate) async fn began(&self, count: usize) {
        within(async {
            while self.renders() < count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    pub(crate) fn tasks(&self) -> usize {
        self.tasks.load(SeqCst)
    }
}

/// Lets through whom the test lets through.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets `count` more through.
    pub(crate) fn open(&self, count: usize) {
        self.0.add_permits(count);
    }

    pub(crate) async fn pass(&self) {
        self.0.acquire().await.expect("nobody closes it for good").forget();
    }
}

/// Asks a site, under a layer with a platform of its own.
#[derive(Clone)]
pub(crate) struct Visitor {
    site: Site,
    platform: InProcess,
    layer: AfterLayer,
}

/// A whole response.
#[derive(Debug)]
pub(crate) struct Visited {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Visitor {
    pub(crate) fn new(site: &Site) -> Self {
        let platform = InProcess::new();
        let layer = AfterLayer::with_platform(platform.clone());
        Self { site: site.clone(), platform, layer }
    }

    pub(crate) fn change_layer(self, change: impl FnOnce(AfterLayer) -> AfterLayer) -> Self {
        Self { layer: change(self.layer), ..self }
    }

    /// Returns the text of the page at `path`.
    pub(crate) async fn get(&self, path: &str) -> String {
        self.send(request(Method::GET, path)).await.text
    }

    pub(crate) async fn send(&self, request: Request<()>) -> Visited {
        let (head, body) = self.open(request).await.into_parts();
        let bytes = within(body.collect()).await.expect("a page never fails").to_bytes();
        let text = String::from_utf8(bytes.into()).expect("pages are text");
        Visited { status: head.status, headers: head.headers, text }
    }

    /// Returns the response as its head is there.
    pub(crate) async fn open(
        &self,
        request: Request<()>,
    ) -> http::Response<ResponseBody<PageBody>> {
        let service = self.layer.layer(self.site.clone());
        within(service.oneshot(request)).await.expect("a site never fails")
    }

    /// Waits until all work has ended.
    pub(crate) async fn drain(&self) {
        let report = self.platform.drain(Duration::from_secs(5)).await;
        assert!(report.is_complete(), "{report}");
    }

    pub(crate) fn platform(&self) -> &InProcess {
        &self.platform
    }
}

/// Reads the next part of a page.
pub(crate) async fn part(body: &mut ResponseBody<PageBody>) -> Option<String> {
    let frame = within(body.frame()).await?.expect("a page never fails");
    let data = frame.into_data().expect("a page has no trailers");
    Some(String::from_utf8(data.into()).expect("pages are text"))
}

pub(crate) fn request(method: Method, path: &str) -> Request<()> {
    Request::builder().method(method).uri(path).body(()).expect("the path is valid")
}

pub(crate) fn with_header(path: &str, name: &'static str, value: &str) -> Request<()> {
    let mut request = request(Method::GET, path);
    request.headers_mut().insert(name, value.parse().expect("a header's value"));
    request
}
