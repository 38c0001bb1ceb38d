//! Calls whose request is a stream, and calls that are left or run out of time.

use std::time::Duration;

use futures_util::stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Code, Request, Status, codegen::http::uri::PathAndQuery};
use with_after::{AfterLayer, End};

use super::{Server, codec};
use crate::support::within;

#[tokio::test]
async fn a_stream_of_the_client_is_a_success_or_a_failure_as_its_answer_is() {
    let mut server = Server::start(|app| app.layer(AfterLayer::new())).await;
    let collected = collecting(&server, &["a", "b", "c"]).await;
    assert_eq!(collected.expect("it succeeds"), "abc");
    assert_eq!(server.seen().await, ("always", Some(200), Some(0), End::Completed));
    assert_eq!(server.seen().await, ("success", Some(200), Some(0), End::Completed));

    let refused = collecting(&server, &["a", "bad", "c"]).await;
    assert_eq!(refused.expect_err("it fails").code(), Code::InvalidArgument);
    assert_eq!(server.seen().await, ("always", Some(200), Some(3), End::Completed));
    assert_eq!(server.seen().await, ("failure", Some(200), Some(3), End::Completed));
    server.stop().await;
}

#[tokio::test]
async fn streams_of_both_end_with_the_trailers_and_not_before() {
    let mut server = Server::start(|app| app.layer(AfterLayer::new())).await;
    let (items, received) = mpsc::unbounded_channel();
    let mut client = server.client().await;
    let requests = Request::new(UnboundedReceiverStream::new(received));
    let path = PathAndQuery::from_static("/test.Greeter/Echoing");
    let answer = within(client.streaming(requests, path, codec())).await;
    let mut answers = answer.expect("it streams").into_inner();
    for item in ["a", "b"] {
        items.send(item.to_owned()).expect("it is read");
        assert_eq!(within(answers.message()).await.expect("it is echoed").as_deref(), Some(item));
    }
    assert!(server.seen.is_empty(), "it goes on, and no task has started");

    drop(items);
    assert_eq!(within(answers.message()).await.expect("it ends"), None);
    assert_eq!(server.seen().await, ("always", Some(200), Some(0), End::Completed));
    assert_eq!(server.seen().await, ("success", Some(200), Some(0), End::Completed));
    server.stop().await;
}

#[tokio::test]
async fn a_status_after_some_answers_is_a_failure() {
    let mut server = Server::start(|app| app.layer(AfterLayer::new())).await;
    let mut client = server.client().await;
    let requests = Request::new(stream::iter(["a", "bad"].map(str::to_owned)));
    let path = PathAndQuery::from_static("/test.Greeter/Echoing");
    let answer = within(client.streaming(requests, path, codec())).await;
    let mut answers = answer.expect("it streams").into_inner();
    assert_eq!(within(answers.message()).await.expect("it is echoed").as_deref(), Some("a"));
    let status = within(answers.message()).await.expect_err("it is refused");
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(server.seen().await, ("always", Some(200), Some(3), End::Completed));
    assert_eq!(server.seen().await, ("failure", Some(200), Some(3), End::Completed));
    server.stop().await;
}

/// The client of tonic counts the time itself, and resets the stream.
#[tokio::test]
async fn a_call_that_runs_out_of_its_time_is_cancelled() {
    let mut server = Server::start(|app| app.layer(AfterLayer::new())).await;
    let mut client = server.client().await;
    let mut request = Request::new("somebody slow".to_owned());
    request.set_timeout(Duration::from_millis(50));
    let path = PathAndQuery::from_static("/test.Greeter/Unary");
    let status = within(client.unary(request, path, codec())).await.expect_err("it takes too long");
    assert!([Code::Cancelled, Code::DeadlineExceeded].contains(&status.code()), "{status}");
    assert_eq!(server.seen().await, ("always", None, None, End::Cancelled));
    assert_eq!(server.seen().await, ("failure", None, None, End::Cancelled));
    server.stop().await;
}

async fn collecting(server: &Server, items: &[&str]) -> Result<String, Status> {
    let items: Vec<_> = items.iter().map(|&item| item.to_owned()).collect();
    let mut client = server.client().await;
    let path = PathAndQuery::from_static("/test.Greeter/Collecting");
    let requests = Request::new(stream::iter(items));
    let answer = within(client.client_streaming(requests, path, codec())).await;
    answer.map(tonic::Response::into_inner)
}
