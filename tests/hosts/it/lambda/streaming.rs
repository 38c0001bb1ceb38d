//! Responses that are streamed.

use std::time::Duration;

use super::{
    function::Function,
    service::{Event, Service},
};

#[tokio::test]
async fn tasks_run_when_the_end_of_a_streamed_response_has_been_posted() {
    let mut service = Service::start().await;
    let _function = Function::start(&service, &["streaming"]);
    service.next().await;
    let id = service.invoke("GET", "/stream", Duration::from_mins(1));
    match service.event().await {
        Event::Begun { id: begun, streaming: true } if begun == id => (),
        other => panic!("{other:?} came, and not the begin of a stream"),
    }
    service.told("gate").await.send(()).expect("it waits");
    match service.event().await {
        Event::Responded { id: ended, body } if ended == id => {
            let body = String::from_utf8_lossy(&body).into_owned();
            assert!(body.contains("\"statusCode\":200"), "{body:?}");
            assert!(body.ends_with("\0chunk;chunk;"), "{body:?}");
        }
        other => panic!("{other:?} came, and not the end of the stream"),
    }
    let task = service.told("12-bytes").await;
    assert!(service.is_quiet(), "nothing is asked for while a task runs");
    task.send(()).expect("it waits");
    service.next().await;
}
