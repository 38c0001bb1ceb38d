//! Tasks run after each kind of response, and see how it ended.

use std::{
    convert::Infallible,
    io,
    sync::{Arc, LazyLock},
    time::Duration,
};

use actix_web::{
    Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::{ErrorForbidden, ErrorImATeapot},
    get,
    middleware::{Next, from_fn},
    web::{self, Data},
};
use bytes::Bytes;
use futures_util::stream;
use http::Method;
use tokio::{io::AsyncReadExt as _, sync::Notify};
use with_after::{End, Interrupt, after, cookies, not_found, redirect, with_after};

use super::start;
use crate::support::{Client, Log, Report, ask, get, read_until, request, within};

const BIG: usize = 64 << 20;

#[get("/text")]
#[with_after(route)]
async fn text(report: Data<Report>) -> &'static str {
    report.schedule();
    "hello"
}

#[with_after(route)]
async fn empty(report: Data<Report>) -> HttpResponse {
    report.schedule();
    HttpResponse::NoContent().finish()
}

#[with_after(route)]
async fn stream_of_two(report: Data<Report>) -> HttpResponse {
    report.schedule();
    let chunks = ["one", "two"].map(|chunk| Ok::<_, Infallible>(Bytes::from(chunk)));
    HttpResponse::Ok().streaming(stream::iter(chunks))
}

#[with_after(route)]
async fn broken_stream(report: Data<Report>) -> HttpResponse {
    report.schedule();
    let chunks = [Ok(Bytes::from("one")), Err(io::Error::other("no more"))];
    HttpResponse::Ok().streaming(stream::iter(chunks))
}

#[with_after(route)]
async fn big(report: Data<Report>) -> Vec<u8> {
    report.schedule();
    vec![b'.'; BIG]
}

#[with_after(route)]
async fn failing(report: Data<Report>) -> Result<&'static str, Error> {
    report.schedule();
    Err(ErrorImATeapot("short and stout"))
}

#[with_after(server_fn)]
async fn moved(report: Data<Report>) -> Result<&'static str, Interrupt> {
    report.schedule();
    Err(redirect("/text"))
}

#[with_after(component)]
async fn missing(report: Data<Report>) -> Result<&'static str, Interrupt> {
    report.schedule();
    Err(not_found())
}

#[with_after(route)]
async fn panicking(report: Data<Report>) -> &'static str {
    report.schedule();
    panic!("a failure that the test wants")
}

#[tokio::test]
async fn tasks_run_after_every_kind_of_response() {
    let mut server = start(|app| {
        app.service(text)
            .route("/empty", web::get().to(empty))
            .route("/stream", web::get().to(stream_of_two))
            .route("/failing", web::get().to(failing))
            .route("/moved", web::get().to(moved))
            .route("/missing", web::get().to(missing));
    });
    for (path, status, bytes) in [
        ("/text", 200, 5),
        ("/empty", 204, 0),
        ("/stream", 200, 6),
        ("/failing", 418, 15),
        ("/moved", 303, 0),
        ("/missing", 404, 0),
    ] {
        assert_eq!(get(server.address, path).await.status(), status, "{path}");
        let seen = server.outcomes.next().await;
        assert_eq!(seen, (Some(status), End::Completed, bytes), "{path}");
    }
    let moved = get(server.address, "/moved").await;
    assert_eq!(moved.headers()["location"], "/text");
}

#[tokio::test]
async fn the_response_to_head_is_complete_without_its_body() {
    let mut server = start(|app| {
        app.route("/", web::head().to(stream_of_two));
    });
    let mut client = Client::connect(server.address).await;
    assert_eq!(client.fetch(request(Method::HEAD, "/")).await.status(), 200);
    let (status, end, _) = server.outcomes.next().await;
    assert_eq!((status, end), (Some(200), End::Completed));
}

#[tokio::test]
async fn a_body_that_fails_is_reported_as_such() {
    let mut server = start(|app| {
        app.route("/", web::get().to(broken_stream));
    });
    let mut client = ask(server.address, "/").await;
    let mut read = Vec::new();
    within(client.read_to_end(&mut read)).await.expect("it is closed in order");
    assert_eq!(server.outcomes.next().await, (Some(200), End::BodyError, 3));
}

#[tokio::test]
async fn a_handler_that_panics_ends_its_connection_and_loses_no_task() {
    let mut server = start(|app| {
        app.service(text).route("/panicking", web::get().to(panicking));
    });
    let mut client = ask(server.address, "/panicking").await;
    let mut read = Vec::new();
    // It may also be reset.
    drop(within(client.read_to_end(&mut read)).await);
    assert!(read.is_empty(), "{}", read.escape_ascii());
    assert_eq!(server.outcomes.next().await, (None, End::Panicked, 0));

    assert_eq!(get(server.address, "/text").await.status(), 200);
    assert_eq!(server.outcomes.next().await, (Some(200), End::Completed, 5));
}

/// The middleware's error becomes a response outside of all middleware.
#[tokio::test]
async fn the_error_of_a_middleware_is_a_response_with_its_cookies_and_its_end() {
    async fn refuse<B: MessageBody>(
        request: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<B>, Error> {
        cookies().await.set(("refused", "yes")).expect("the head is not sent");
        if request.path() == "/" {
            request.app_data::<Data<Report>>().expect("it is there").schedule();
            return Err(ErrorForbidden("go away"));
        }
        next.call(request).await
    }

    let mut server = start(|app| {
        app.service(web::scope("").wrap(from_fn(refuse)).service(text));
    });
    let refused = get(server.address, "/").await;
    assert_eq!((refused.status().as_u16(), &refused.body()[..]), (403, &b"go away"[..]));
    assert_eq!(refused.headers()["set-cookie"], "refused=yes; Path=/");
    assert_eq!(server.outcomes.next().await, (Some(403), End::Completed, 7));
    assert_eq!(get(server.address, "/text").await.headers()["set-cookie"], "refused=yes; Path=/");
}

#[tokio::test]
async fn tasks_start_when_the_last_chunk_has_been_taken() {
    type Shared = (Log, Arc<Notify>);
    #[with_after(route)]
    async fn gated(shared: Data<Shared>, report: Data<Report>) -> HttpResponse {
        let (log, gate) = shared.get_ref().clone();
        let task_log = log.clone();
        after(move || task_log.add("task"));
        report.schedule();
        let chunks = stream::unfold(0, move |chunk| {
            let (log, gate) = (log.clone(), Arc::clone(&gate));
            async move {
                match chunk {
                    0 => log.add("first chunk"),
                    1 => {
                        gate.notified().await;
                        // The body's code stands in the scope too.
                        let end = log.clone();
                        after(move || end.add("task of the body"));
                        log.add("last chunk");
                    }
                    _ => {
                        log.add("end");
                        return None;
                    }
                }
                Some((Ok::<_, Infallible>(Bytes::from("chunk;")), chunk + 1))
            }
        });
        HttpResponse::Ok().streaming(chunks)
    }

    static SHARED: LazyLock<Shared> = LazyLock::new(Shared::default);
    let mut server = start(|app| {
        app.app_data(Data::new(SHARED.clone())).route("/", web::get().to(gated));
    });
    let (log, gate) = &*SHARED;
    let mut client = ask(server.address, "/").await;
    read_until(&mut client, "chunk;").await;
    assert_eq!(log.entries(), ["first chunk"]);
    gate.notify_one();
    read_until(&mut client, "chunk;\r\n0\r\n\r\n").await;
    assert_eq!(server.outcomes.next().await, (Some(200), End::Completed, 12));
    assert!(server.platform.drain(Duration::from_secs(20)).await.is_complete());
    let expected = ["first chunk", "last chunk", "end", "task", "task of the body"];
    assert_eq!(log.entries(), expected);
}

/// actix-web asks a body for its end only when almost all of it has been written.
#[tokio::test]
async fn a_big_body_is_not_finished_before_the_client_reads_it() {
    let mut server = start(|app| {
        app.route("/", web::get().to(big));
    });
    let mut client = ask(server.address, "/").await;
    let mut left = BIG;
    let mut buffer = vec![0; 1 << 20];
    while left > BIG / 2 {
        left = left.saturating_sub(within(client.read(&mut buffer)).await.expect("it stands"));
    }
    assert!(server.outcomes.is_empty());
    while left > 0 {
        left = left.saturating_sub(within(client.read(&mut buffer)).await.expect("it stands"));
    }
    assert_eq!(server.outcomes.next().await, (Some(200), End::Completed, BIG as u64));
}

#[tokio::test]
async fn a_big_body_that_the_client_does_not_read_is_aborted() {
    let mut server = start(|app| {
        app.route("/", web::get().to(big));
    });
    let mut client = ask(server.address, "/").await;
    read_until(&mut client, "HTTP/1.1 200").await;
    drop(client);
    assert_eq!(server.outcomes.next().await, (Some(200), End::Aborted, BIG as u64));
}
