//! What a server promises whatever the user's code does: shared by the tests of that code.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use axum::{Router, routing::get};
use http::Method;
use tokio::sync::mpsc::unbounded_channel;
use with_after::{AfterLayer, task};

use crate::{
    serve_support::Running,
    support::{
        client::{Client, request},
        fail,
        log::Log,
        server::Version,
        within,
    },
};

/// Three requests on one connection, each with tasks of every end.
pub(crate) async fn a_server_does_all_it_promises() {
    let (hook, (ended, mut ends)) = (Log::default(), unbounded_channel());
    let hooks_log = hook.clone();
    let handler = async move || {
        let (in_first, in_last) = (ended.clone(), ended);
        task("first").schedule(async move {
            tokio::task::yield_now().await;
            task("nested").schedule(move || in_first.send("nested"));
        });
        task("fails").schedule(|| Err::<(), _>("no disk"));
        task("panics").schedule(fail);
        task("blocks").blocking().schedule(|| ());
        task("replaced").schedule(|| ());
        task("replaced").unique().schedule(|| ());
        task("last").schedule(move || in_last.send("last"));
        "a body"
    };
    let layer = AfterLayer::new().on_failure(move |failure| hooks_log.add(failure.to_string()));
    let app = Router::new().route("/", get(handler)).layer(layer);
    let (server, address) = Running::start(app).await;

    let mut client = Client::connect(address, Version::Http1).await;
    for _ in 0..3 {
        let response = client.fetch(request(Method::GET, "/")).await;
        assert_eq!(response.expect("the connection is kept").body, "a body");
        let mut seen = [within(ends.recv()).await, within(ends.recv()).await];
        seen.sort_unstable();
        assert_eq!(seen, [Some("last"), Some("nested")]);
    }
    let report = within(server.stop()).await;
    assert!(report.is_complete(), "{report}");
    let mut failed = hook.entries();
    failed.sort_unstable();
    let [first, .., last] = &failed[..] else { panic!("the hook heard of nothing") };
    assert!(first.ends_with("failed: no disk"), "{failed:?}");
    assert!(last.ends_with("panicked: a failure that the test wants"), "{failed:?}");
    assert_eq!(failed.len(), 6, "{failed:?}");
}

/// Panics, once or whenever it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Fuse {
    pub(crate) once: bool,
    pub(crate) blown: Arc<AtomicUsize>,
}

impl Fuse {
    pub(crate) fn new(once: bool) -> Self {
        Self { once, blown: Arc::default() }
    }

    pub(crate) fn blow(&self) {
        if self.blown.fetch_add(1, SeqCst) == 0 || !self.once {
            fail();
        }
    }

    pub(crate) fn blown(&self) -> usize {
        self.blown.load(SeqCst)
    }
}
