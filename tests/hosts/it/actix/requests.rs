//! What handlers and tasks see of their request, and limits.

use std::{
    future::pending,
    sync::{LazyLock, Mutex},
    time::Duration,
};

use actix_web::web::{self, Data};
use http::Method;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use with_after::{
    AfterError, Scope, after, cookies, headers, task, try_after, try_headers, with_after,
};

use super::{Options, start, start_with};
use crate::support::{Client, Report, get, request, within};

#[tokio::test]
async fn requests_of_one_connection_share_nothing() {
    static SEEN: Mutex<Vec<[String; 2]>> = Mutex::new(Vec::new());

    #[with_after(route)]
    async fn visit(report: Data<Report>) -> String {
        let visitor = headers().await["visitor"].to_str().expect("it is text").to_owned();
        let cookies = cookies().await;
        let before =
            cookies.get("visits").map_or(0, |cookie| cookie.value().parse().expect("a number"));
        cookies.set(("visits", (before + 1).to_string())).expect("a handler writes cookies");
        after(async move {
            let visitor = headers().await["visitor"].to_str().expect("it is text").to_owned();
            let visits = with_after::cookies().await.get("visits").expect("it was written");
            SEEN.lock().expect("nobody panics").push([visitor, visits.value().to_owned()]);
        });
        report.schedule();
        visitor
    }

    let mut server = start(|app| {
        app.route("/", web::get().to(visit));
    });
    let mut client = Client::connect(server.address).await;
    for (visitor, visits) in [("ada", None), ("bob", Some("7")), ("cyd", None)] {
        let mut request = request(Method::GET, "/");
        request.headers_mut().insert("visitor", visitor.parse().expect("it is a value"));
        if let Some(visits) = visits {
            let cookie = format!("visits={visits}").parse().expect("it is a value");
            request.headers_mut().insert("cookie", cookie);
        }
        let response = client.fetch(request).await;
        assert_eq!(response.body(), visitor);
        let expected = if visits.is_some() { "visits=8; Path=/" } else { "visits=1; Path=/" };
        assert_eq!(response.headers()["set-cookie"], expected);
        server.outcomes.next().await;
    }
    let report = server.platform.drain(Duration::from_secs(20)).await;
    assert!(report.is_complete(), "{report}");
    let expected = [["ada", "1"], ["bob", "8"], ["cyd", "1"]];
    assert_eq!(*SEEN.lock().expect("nobody panics"), expected);
}

#[tokio::test]
async fn request_data_is_refused_in_the_tasks_of_a_component() {
    static REFUSED: Mutex<Option<String>> = Mutex::new(None);

    fn read_later() {
        let error = try_headers().expect_err("the request is gone");
        *REFUSED.lock().expect("nobody panics") = Some(error.to_string());
    }

    #[with_after(component)]
    async fn page(report: Data<Report>) -> &'static str {
        after(read_later);
        report.schedule();
        "page"
    }

    let mut server = start(|app| {
        app.route("/page", web::get().to(page));
    });
    assert_eq!(get(server.address, "/page").await.body(), "page");
    server.outcomes.next().await;
    assert!(server.platform.drain(Duration::from_secs(20)).await.is_complete());
    let refused = REFUSED.lock().expect("nobody panics").take().expect("it ran");
    assert!(refused.contains("component `page`") && refused.contains("GET /page"), "{refused}");
}

/// actix-web's handlers are not `Send`, nor is what they spawn locally; tasks have to be.
#[tokio::test]
async fn a_locally_spawned_future_carries_its_scope() {
    #[with_after(route)]
    async fn spawning(report: Data<Report>) -> &'static str {
        let scope = Scope::current().expect("a handler has a scope");
        let not_send = std::rc::Rc::new(());
        let spawned = actix_web::rt::spawn(scope.run(async move {
            report.schedule();
            drop(not_send);
        }));
        spawned.await.expect("it does not panic");
        "spawned"
    }

    let mut server = start(|app| {
        app.route("/", web::get().to(spawning));
    });
    get(server.address, "/").await;
    assert_eq!(server.outcomes.next().await.0, Some(200));
}

#[tokio::test]
async fn limits_and_the_failure_hook_are_those_of_the_middleware() {
    type Failures = (UnboundedSender<String>, tokio::sync::Mutex<UnboundedReceiver<String>>);
    static FAILURES: LazyLock<Failures> = LazyLock::new(|| {
        let (sender, receiver) = unbounded_channel();
        (sender, tokio::sync::Mutex::new(receiver))
    });

    #[with_after(route, max_duration = "1ms")]
    async fn short() -> &'static str {
        after(pending::<()>());
        ""
    }

    #[with_after(route)]
    async fn default() -> &'static str {
        task("default").schedule(pending::<()>());
        ""
    }

    #[with_after(route)]
    async fn failing() -> &'static str {
        task("failing").schedule(async { Err::<(), _>("no disk") });
        ""
    }

    let middleware = |middleware: with_after::actix::AfterMiddleware| {
        middleware.max_duration(Duration::from_millis(2)).on_failure(|failure| {
            let cause = format!("{} {}", failure.name(), failure.cause());
            FAILURES.0.send(cause).expect("the test listens");
        })
    };
    let options = Options { middleware: Some(middleware), ..Options::default() };
    let routes = |app: &mut web::ServiceConfig| {
        app.route("/short", web::get().to(short))
            .route("/default", web::get().to(default))
            .route("/failing", web::get().to(failing));
    };
    let server = start_with(routes, &options);
    let mut failures = FAILURES.1.lock().await;
    for (path, expected) in [
        ("/short", "short timed out after 1ms"),
        ("/default", "default timed out after 2ms"),
        ("/failing", "failing failed: no disk"),
    ] {
        assert_eq!(get(server.address, path).await.status(), 200);
        let failure = within(failures.recv()).await.expect("the hook holds the other half");
        assert!(failure.starts_with(expected.trim_end_matches("ms")), "{failure}");
    }
}

#[tokio::test]
async fn without_the_middleware_request_data_is_refused_outside_of_functions_with_the_attribute() {
    fn schedule() -> Result<(), AfterError> {
        try_after(|| ())
    }

    let app = || {
        actix_web::App::new().route(
            "/",
            web::get().to(async || schedule().expect_err("there is no scope").to_string()),
        )
    };
    let server = actix_web::HttpServer::new(app).workers(1).disable_signals();
    let server = server.bind("127.0.0.1:0").expect("a port is free");
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    let body = get(address, "/").await;
    assert!(body.body().starts_with(b"`after` was called outside"), "{:?}", body.body());
}
