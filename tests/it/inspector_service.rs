//! The inspector as a service: what it tells, what it keeps to itself, and that it ends in time.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{Router, middleware::Next, routing::get};
use http::{Method, header::COOKIE};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use with_after::{
    AfterLayer, after,
    inspector::{Inspector, JobFuture, JobSource, ListedJob},
    platform::InProcess,
    prerender::{Revalidation, Site},
    serve, task,
};

use crate::{
    serve_support::{AGES, Running, patiently},
    support::{
        client::{Client, get as fetch, raw, read_until, request},
        platform::finish,
        server::{Version, listen},
        within,
    },
};

/// A server that is observed by the inspector which is mounted in it.
async fn mounted(inspector: &Inspector) -> (Running, SocketAddr, InProcess) {
    let platform = InProcess::new();
    platform.observe(inspector.clone());
    let app = Router::new()
        .route("/task", get(|| async { after(|| ()) }))
        .nest_service("/_after", inspector.service())
        .layer(axum::middleware::from_fn(async |request, next: Next| {
            task("of a middleware").schedule(|| ());
            next.run(request).await
        }));
    let app = AfterLayer::with_platform(platform.clone()).layer(app);
    let (server, address) = Running::start(app).await;
    (server, address, platform)
}

/// The stream of one watcher.
struct Watching {
    body: Incoming,
    read: String,
}

impl Watching {
    async fn start(address: SocketAddr, path: &str, known: Option<&str>) -> Self {
        let mut client = Client::connect(address, Version::Http1).await;
        let mut request = request(Method::GET, path);
        if let Some(known) = known {
            request.headers_mut().insert("last-event-id", known.parse().expect("a header"));
        }
        let response = client.send(request).await.expect("it answers");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { body: response.into_body(), read: String::new() }
    }

    /// Reads one message: its id, and what it holds. `None` if the stream has ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let message: String = self.read.drain(..end + 2).collect();
                let field = |name| message.lines().find_map(|line| line.strip_prefix(name));
                let id = field("id: ").expect("it has an id").to_owned();
                let value = serde_json::from_str(field("data: ").expect("it has data"));
                let value = value.expect("it is JSON");
                return Some((id, value));
            }
            let frame = within(self.body.frame()).await?.expect("it does not fail");
            let data = frame.into_data().expect("it has no trailers");
            self.read.push_str(std::str::from_utf8(&data).expect("it is text"));
        }
    }

    /// Reads until a message has a row that is wanted.
    async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let (_, message) = self.next().await.expect("it goes on");
            let rows = message["rows"].as_array().expect("it is a list");
            if let Some(row) = rows.iter().find(|row| wanted(row)) {
                return row.clone();
            }
        }
    }
}

fn ended(row: &Value) -> bool {
    let tasks = row["tasks"].as_array().expect("it is a list");
    !row["ended"].is_null() && tasks.iter().all(|task| !task["ended"].is_null())
}

#[tokio::test]
async fn a_watcher_is_told_each_request_and_none_of_the_inspectors_own() {
    let inspector = Inspector::new();
    let (server, address, _) = mounted(&inspector).await;
    for path in ["/_after/", "/_after/app.js", "/_after/none"] {
        fetch(address, path).await;
    }
    let mut watching = Watching::start(address, "/_after/events", None).await;
    let (id, first) = watching.next().await.expect("it begins");
    assert_eq!((&first["snapshot"], &first["rows"]), (&json!(true), &json!([])));
    assert_eq!(first["overview"]["totals"]["requests"], 0);
    assert_eq!(first["overview"]["totals"]["pending"], 0);

    fetch(address, "/task?token=secret").await;
    let row = watching.until(|row| row["path"] == "/task" && ended(row)).await;
    assert_eq!(
        (&row["method"], &row["status"], &row["end"]),
        (&json!("GET"), &json!(200), &json!("completed"))
    );
    assert_eq!(row["tasks"][0]["name"], "of a middleware");
    assert!(!row.to_string().contains("secret"), "{row}");
    drop(watching);

    // One that comes back is told only what it does not know.
    let mut again = Watching::start(address, "/_after/events", Some(&id)).await;
    let (_, message) = again.next().await.expect("it goes on");
    assert_eq!(message["snapshot"], false);
    assert_eq!(message["rows"].as_array().map(Vec::len), Some(1));
    let mut stranger = Watching::start(address, "/_after/events", Some("7-9")).await;
    assert_eq!(stranger.next().await.expect("it begins").1["snapshot"], true);
    drop((again, stranger));
    server.end().await;
}

#[tokio::test]
async fn headers_cookies_and_queries_are_shown_only_if_the_application_says_so() {
    let shown =
        Inspector::builder().show_query().show_header("x-request-id".parse().expect("a name"));
    for (inspector, says) in [(Inspector::new(), false), (shown.build(), true)] {
        let (server, address, _) = mounted(&inspector).await;
        let mut wanted = request(Method::GET, "/task?q=query");
        wanted.headers_mut().insert("x-request-id", "header".parse().expect("a header"));
        wanted.headers_mut().insert(COOKIE, "name=cookie".parse().expect("a header"));
        let mut client = Client::connect(address, Version::Http1).await;
        client.fetch(wanted).await.expect("it answers");
        let mut watching = Watching::start(address, "/_after/events", None).await;
        let row = watching.until(ended).await.to_string();
        assert_eq!((row.contains("query"), row.contains("header")), (says, says), "{row}");
        assert!(!row.contains("cookie"), "{row}");
        drop((watching, client));
        server.end().await;
    }
}

#[tokio::test]
async fn a_stop_waits_for_no_watcher() {
    let (listener, address) = listen().await;
    let inspector = Inspector::new();
    let app = Router::new().nest_service("/_after", inspector.service()).layer(AfterLayer::new());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = serve(listener, app)
        .observe(inspector)
        .shutdown_on(async { drop(stopped.await) })
        .drain_within(AGES);
    let served = tokio::spawn(serving.into_future());
    let mut watching = Watching::start(address, "/_after/events", None).await;
    watching.next().await.expect("it begins");
    stop.send(()).expect("the server runs");
    let report = within(served).await.expect("it does not panic").expect("it serves");
    assert!(report.is_complete());
    let mut last = json!(null);
    while let Some((_, message)) = watching.next().await {
        last = message;
    }
    assert_eq!(last["overview"]["draining"], true);
}

#[tokio::test]
async fn a_watcher_that_never_reads_costs_nobody_else_anything() {
    let inspector = Inspector::new();
    let (server, address, platform) = mounted(&inspector).await;
    let mut deaf = Vec::new();
    for _ in 0..50 {
        deaf.push(raw(address, "GET /_after/events HTTP/1.1\r\nhost: localhost\r\n\r\n").await);
    }
    let mut client = Client::connect(address, Version::Http1).await;
    for _ in 0..3_000 {
        patiently(client.fetch(request(Method::GET, "/task"))).await.expect("it answers");
    }
    let mut watching = Watching::start(address, "/_after/events", None).await;
    let (_, message) = watching.next().await.expect("it begins");
    let rows = message["rows"].as_array().map_or(0, Vec::len);
    // Those of the watchers have taken places for a moment.
    assert!((940..=1_000).contains(&rows), "{rows} rows");
    drop((deaf, watching, client));
    assert!(platform.drain(Duration::from_secs(20)).await.is_complete());
    server.end().await;
}

#[tokio::test]
async fn one_who_lags_is_told_so_and_begins_anew() {
    let inspector = Inspector::builder().max_requests(500).build();
    let platform = InProcess::new();
    platform.observe(inspector.clone());
    let address = inspector.listen("127.0.0.1:0").await.expect("a port is free");
    let mut watching = Watching::start(address, "/events", None).await;
    let layer = AfterLayer::with_platform(platform);
    finish(layer.clone(), |_| std::future::ready(())).await;
    watching.until(ended).await;
    // All within one turn of this thread, on which the stream runs too.
    for _ in 0..600 {
        finish(layer.clone(), |_| std::future::ready(())).await;
    }
    let message = loop {
        let (_, message) = watching.next().await.expect("it goes on");
        if message["lagged"] == true {
            break message;
        }
    };
    assert_eq!(message["snapshot"], true);
    assert_eq!(message["rows"].as_array().map(Vec::len), Some(200));
}

#[tokio::test]
async fn what_is_kept_is_limited_by_number_and_by_bytes() {
    let few = Inspector::builder().max_requests(3).build();
    let small = Inspector::builder().max_bytes(4_000).build();
    let platform = InProcess::new();
    platform.observe(few.clone());
    platform.observe(small.clone());
    let layer = AfterLayer::with_platform(platform.clone());
    for _ in 0..10 {
        finish(layer.clone(), |_| {
            task("n".repeat(100_000)).schedule(|| Err::<(), _>("e".repeat(100_000)));
            std::future::ready(())
        })
        .await;
    }
    assert!(platform.drain(Duration::from_secs(20)).await.is_complete());
    for (inspector, kept) in [(few, 3..=3), (small, 1..=5)] {
        let address = inspector.listen("127.0.0.1:0").await.expect("a port is free");
        let mut watching = Watching::start(address, "/events", None).await;
        let (_, message) = watching.next().await.expect("it begins");
        let rows = message["rows"].as_array().expect("it is a list");
        assert!(kept.contains(&rows.len()), "{} rows", rows.len());
        assert!(message.to_string().len() < 20_000, "{}", message.to_string().len());
        assert_eq!(message["overview"]["totals"]["failed"], 10);
    }
}

#[tokio::test]
async fn a_task_that_runs_for_long_is_known_when_its_request_is_forgotten() {
    let inspector = Inspector::builder().max_requests(1).build();
    let platform = InProcess::new();
    platform.observe(inspector.clone());
    let layer = AfterLayer::with_platform(platform.clone());
    finish(layer.clone(), |_| {
        task("endless").schedule(std::future::pending::<()>());
        std::future::ready(())
    })
    .await;
    for _ in 0..5 {
        finish(layer.clone(), |_| std::future::ready(())).await;
    }
    tokio::task::yield_now().await;
    let address = inspector.listen("127.0.0.1:0").await.expect("a port is free");
    let mut watching = Watching::start(address, "/events", None).await;
    let (_, message) = watching.next().await.expect("it begins");
    let live = &message["overview"]["live_tasks"];
    assert_eq!((&live[0]["name"], &live[0]["of"]), (&json!("endless"), &json!("GET /")));
    assert_eq!(message["overview"]["totals"]["running"], 1);
    assert_eq!(platform.drain(Duration::ZERO).await.abandoned().len(), 1);
}

#[tokio::test]
async fn a_long_task_is_known_after_thousands_of_other_requests() {
    let inspector = Inspector::builder().max_requests(100).build();
    let platform = InProcess::new();
    platform.observe(inspector.clone());
    let layer = AfterLayer::with_platform(platform.clone());
    finish(layer.clone(), |_| {
        for number in 0..200 {
            task(format!("endless {number}")).schedule(std::future::pending::<()>());
        }
        std::future::ready(())
    })
    .await;
    for _ in 0..5_000 {
        finish(layer.clone(), |_| std::future::ready(())).await;
    }
    tokio::task::yield_now().await;
    let address = inspector.listen("127.0.0.1:0").await.expect("a port is free");
    let mut watching = Watching::start(address, "/events", None).await;
    let (_, message) = watching.next().await.expect("it begins");
    assert_eq!(message["overview"]["live_tasks"][0]["name"], "endless 0");
    // So many of one request are known by name.
    assert_eq!(message["overview"]["live_tasks"].as_array().map(Vec::len), Some(64));
    assert_eq!(message["overview"]["totals"]["running"], 200);
    assert_eq!(message["rows"].as_array().map(Vec::len), Some(100));
    assert_eq!(platform.drain(Duration::ZERO).await.abandoned().len(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_happens_on_several_threads_is_told_in_its_order() {
    const THREADS: u64 = 8;
    const REQUESTS: u64 = 500;

    // Requests on some threads, and their tasks on others.
    let tasks = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let tasks = tasks.expect("threads are to be had");
    let inspector = Inspector::new();
    let platform = InProcess::on(tasks.handle().clone());
    platform.observe(inspector.clone());
    let layer = AfterLayer::with_platform(platform.clone());
    let threads = (0..THREADS).map(|_| {
        let layer = layer.clone();
        tokio::spawn(async move {
            for _ in 0..REQUESTS {
                finish(layer.clone(), |_| {
                    after(|| after(|| ()));
                    std::future::ready(())
                })
                .await;
            }
        })
    });
    for thread in threads.collect::<Vec<_>>() {
        thread.await.expect("it does not panic");
    }
    assert!(platform.drain(Duration::from_secs(20)).await.is_complete());

    let address = inspector.listen("127.0.0.1:0").await.expect("a port is free");
    let mut watching = Watching::start(address, "/events", None).await;
    let (_, message) = watching.next().await.expect("it begins");
    let totals = &message["overview"]["totals"];
    let count = |name: &str| totals[name].as_u64().expect("it is a number");
    assert_eq!(
        (count("requests"), count("completed")),
        (THREADS * REQUESTS, 2 * THREADS * REQUESTS)
    );
    for nothing in ["in_flight", "pending", "running", "failed"] {
        assert_eq!(count(nothing), 0, "{nothing}");
    }
    let rows = message["rows"].as_array().expect("it is a list");
    assert_eq!(rows.len(), 1_000);
    for row in rows {
        assert!(ended(row), "{row}");
        let told = row["tasks"].as_array().expect("it is a list");
        assert_eq!(told.len(), 2, "{row}");
        assert_eq!(told[1]["parent"], told[0]["id"], "{row}");
    }
    tasks.shutdown_background();
}

#[tokio::test]
async fn a_port_of_its_own_is_for_this_machine_alone() {
    let inspector = Inspector::new();
    for address in ["0.0.0.0:0", "[::]:0"] {
        let error = inspector.listen(address).await.expect_err("others could see it");
        assert!(error.to_string().contains("loopback"), "{error}");
    }
    let address = inspector.listen("127.0.0.1:0").await.expect("a port is free");
    for (host, status) in [("localhost", "200"), ("127.0.0.1:1", "200"), ("evil.example", "421")] {
        let request = format!("GET / HTTP/1.1\r\nhost: {host}\r\n\r\n");
        let mut stream = raw(address, request).await;
        let answer = read_until(&mut stream, "\r\n\r\n").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
    }
    let mut nameless = raw(address, "GET / HTTP/1.0\r\n\r\n").await;
    assert!(read_until(&mut nameless, "\r\n\r\n").await.contains(" 421 "));
    nameless.shutdown().await.expect("it is open");
}

#[tokio::test]
async fn the_page_allows_nothing_from_elsewhere_and_is_found_without_a_slash() {
    let (server, address, _) = mounted(&Inspector::new()).await;
    let redirect = fetch(address, "/_after").await;
    assert_eq!(
        (redirect.status, &redirect.headers["location"]),
        (307, &"./_after/".parse().expect("a header"))
    );
    let page = fetch(address, "/_after/").await;
    assert_eq!(page.status, 200);
    let policy = page.headers["content-security-policy"].to_str().expect("it is text");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
    let html = String::from_utf8(page.body.into()).expect("it is text");
    assert!(!html.contains("//"), "something comes from elsewhere, or is a comment");
    assert_eq!(fetch(address, "/_after/none.js").await.status, 404);
    assert_eq!(fetch(address, "/_after/jobs").await.status, 404);
    server.end().await;
}

#[tokio::test]
async fn renders_and_revalidations_are_told() {
    let inspector = Inspector::new();
    let page = || async {
        after(|| ());
        "text"
    };
    let site = Site::builder().observe(inspector.clone()).page("/inspected", page);
    let site = site.build().await.expect("it builds");
    Revalidation::path("/inspected").apply().expect("it is there");
    let address = inspector.listen("127.0.0.1:0").await.expect("a port is free");
    let mut watching = Watching::start(address, "/events", None).await;
    let (_, message) = watching.next().await.expect("it begins");
    assert_eq!(
        (&message["rows"][0]["what"], &message["rows"][0]["path"]),
        (&json!("render"), &json!("/inspected"))
    );
    assert_eq!(message["revalidations"][0]["pages"], "path /inspected");
    assert_eq!(message["overview"]["totals"]["requests"], 0);
    drop(site);
}

#[derive(Clone, Default)]
struct Queue {
    retried: Arc<AtomicUsize>,
}

impl JobSource for Queue {
    fn list(&self, state: Option<&str>, _: u32) -> JobFuture<'_, Vec<ListedJob>> {
        let job = ListedJob::new(7, "mail", "default", state.unwrap_or("retryable"));
        Box::pin(async { Ok(vec![job.attempts(1, 25).error(1, 0, "no route")]) })
    }

    fn retry(&self, _: i64) -> JobFuture<'_, ()> {
        self.retried.fetch_add(1, SeqCst);
        Box::pin(async { Ok(()) })
    }

    fn cancel(&self, id: i64) -> JobFuture<'_, ()> {
        Box::pin(async move { Err(format!("there is no job {id}")) })
    }
}

#[tokio::test]
async fn jobs_are_listed_and_changed_only_where_that_is_allowed_and_meant() {
    for allowed in [false, true] {
        let builder = Inspector::builder();
        let builder = if allowed { builder.allow_job_control() } else { builder };
        let (inspector, queue) = (builder.build(), Queue::default());
        inspector.jobs(queue.clone());
        let address = inspector.listen("127.0.0.1:0").await.expect("a port is free");
        let listed = fetch(address, "/jobs?state=running").await;
        let listed: Value = serde_json::from_slice(&listed.body).expect("it is JSON");
        assert_eq!((&listed[0]["id"], &listed[0]["state"]), (&json!(7), &json!("running")));

        let mut client = Client::connect(address, Version::Http1).await;
        let mut status = async |method, path, meant| {
            let mut request = request(method, path);
            if meant {
                request
                    .headers_mut()
                    .insert("x-with-after-inspector", "page".parse().expect("a header"));
            }
            client.fetch(request).await.expect("it answers").status
        };
        assert_eq!(status(Method::POST, "/jobs/7/retry", false).await, 403);
        assert_eq!(status(Method::GET, "/jobs/7/retry", true).await, 405);
        assert_eq!(queue.retried.load(SeqCst), 0);
        let (retried, failed) = if allowed { (204, 502) } else { (403, 403) };
        assert_eq!(status(Method::POST, "/jobs/7/retry", true).await, retried);
        assert_eq!(status(Method::POST, "/jobs/8/cancel", true).await, failed);
        assert_eq!(queue.retried.load(SeqCst), usize::from(allowed));
    }
}
