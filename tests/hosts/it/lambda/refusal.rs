//! Where nobody waits for the work, it is refused.

use std::time::Duration;

use super::{function::Function, service::Service};
use crate::support::get;

const REASON: &str = "AWS Lambda freezes the process once the response is posted";

#[tokio::test]
async fn a_function_that_does_not_wait_for_its_work_is_refused_to_schedule_any() {
    let mut service = Service::start().await;
    let _function = Function::start(&service, &["lambda_http"]);
    service.next().await;
    let id = service.invoke("GET", "/refused", Duration::from_mins(1));
    let response = service.response(&id).await;
    assert_eq!(response["statusCode"], 501, "{response}");
    let body = response["body"].as_str().expect("it is text");
    assert!(body.contains(REASON) && body.contains("with_after::lambda::run"), "{body}");
    service.next().await;
}

/// As under the Lambda Web Adapter, which posts the responses of a server.
#[tokio::test]
async fn a_server_in_a_function_is_refused_to_schedule_any() {
    let service = Service::start().await;
    let mut function = Function::start(&service, &["serve"]);
    let address = function.line().await.parse().expect("it is an address");
    let response = get(address, "/refused").await;
    assert_eq!(response.status(), 501);
    let body = String::from_utf8_lossy(response.body()).into_owned();
    assert!(body.contains(REASON), "{body}");
}

#[tokio::test]
async fn a_function_that_waits_for_its_work_may_schedule_it() {
    let mut service = Service::start().await;
    let _function = Function::start(&service, &[]);
    service.next().await;
    let id = service.invoke("GET", "/refused", Duration::from_mins(1));
    assert_eq!(service.response(&id).await["statusCode"], 200);
    service.next().await;
}
