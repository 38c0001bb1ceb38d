//! `#[server]` functions.

use std::sync::Mutex;

use axum::{Router, routing::post};
use http::Method;
use leptos::prelude::*;
use with_after::{End, after, cookies, headers, outcome, with_after};

use super::start;
use crate::support::{Client, Log, request};

static LOG: Mutex<Option<Log>> = Mutex::new(None);

fn say(what: String) {
    LOG.lock().expect("nobody panics").get_or_insert_default().add(what);
}

#[with_after(server_fn)]
#[server(endpoint = "order")]
async fn order(item: String) -> Result<String, ServerFnError> {
    let cookies = cookies().await;
    cookies.set(("last", item.clone())).expect("a server function writes cookies");
    let task_item = item.clone();
    after(async move {
        let agent = headers().await["user-agent"].to_str().expect("it is text").to_owned();
        let last = with_after::cookies().await.get("last").expect("it was written");
        let outcome = outcome().expect("there was a response");
        let status = outcome.status().map(|status| status.as_u16());
        say(format!("{task_item} by {agent}, cookie {}, {status:?}", last.value()));
        assert_eq!(outcome.end(), End::Completed);
        // Nested, of the same kind: the request can still be read.
        after(async {
            let agent = headers().await["user-agent"].as_bytes().escape_ascii().to_string();
            say(format!("nested {agent}"));
        });
    });
    if item == "nothing" {
        return Err(ServerFnError::new("nothing is not for sale"));
    }
    Ok(format!("{item} ordered"))
}

#[tokio::test]
async fn tasks_of_a_server_function_run_after_its_response_and_read_the_request() {
    let server =
        start(Router::new().route("/api/{*function}", post(leptos_axum::handle_server_fns))).await;
    let mut client = Client::connect(server.address).await;
    for (item, status) in [("tea", 200), ("nothing", 500)] {
        let mut request =
            request(Method::POST, "/api/order").map(|_| format!("item={item}").into());
        let headers = request.headers_mut();
        let form = "application/x-www-form-urlencoded".parse().expect("it is a value");
        headers.insert("content-type", form);
        headers.insert("user-agent", "test".parse().expect("it is a value"));
        let response = client.fetch(request).await;
        assert_eq!(response.status(), status, "{:?}", response.body());
        assert_eq!(response.headers()["set-cookie"], format!("last={item}; Path=/"));
        server.drain().await;
        let log = LOG.lock().expect("nobody panics").take().expect("a task ran");
        let task = format!("{item} by test, cookie {item}, Some({status})");
        assert_eq!(log.entries(), [task, "nested test".to_owned()]);
    }
}
