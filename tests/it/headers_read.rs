//! The request's headers, in handlers and tasks.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Body, extract::Request, middleware::map_request, routing::get};
use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use with_after::{AfterLayer, after, connection, headers, try_cookies, try_headers, with_after};

use crate::support::{
    client::{Client, request},
    platform::Recording,
    server::{EVERYWHERE, Version, axum, start},
};

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<HeaderMap>>>);

impl Seen {
    fn add(&self, headers: HeaderMap) {
        self.0.lock().expect("nobody panics under it").push(headers);
    }

    fn take(&self) -> Vec<HeaderMap> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics under it"))
    }
}

#[tokio::test]
async fn handler_and_tasks_see_every_header_as_it_arrived() {
    for at in EVERYWHERE {
        let (platform, seen) = (Recording::default(), Seen::default());
        let handlers_seen = seen.clone();
        let address = start(at, platform.layer(), move |request: Request| {
            let seen = handlers_seen.clone();
            async move {
                seen.add(request.headers().clone());
                seen.add(HeaderMap::clone(&*headers().await));
                after(async move {
                    seen.add(HeaderMap::clone(&*headers().await));
                    after(async move { seen.add(HeaderMap::clone(&*headers().await)) });
                });
            }
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        client.fetch(peculiar()).await.expect("a whole response comes");

        platform.drain().await;
        let seen = seen.take();
        assert_eq!(seen.len(), 4, "{at:?}");
        assert!(seen.iter().all(|headers| *headers == seen[0]), "{at:?}: {seen:?}");
        let repeated: Vec<_> = seen[3].get_all("x-repeated").iter().collect();
        assert_eq!(repeated, ["1", "2", "1"], "{at:?}");
        assert_eq!(seen[3]["x-opaque"].as_bytes(), b"\xff\xfe", "{at:?}");
        assert_eq!(seen[3]["x-empty"], "", "{at:?}");
        assert_eq!(seen[3]["x-long"].len(), 5_000, "{at:?}");
    }
}

#[tokio::test]
async fn the_headers_are_those_of_the_arrival_whatever_layers_inside_change() {
    let (platform, seen) = (Recording::default(), Seen::default());
    let handlers_seen = seen.clone();
    let handler = get(move |request: Request| async move {
        assert_eq!(request.headers()["x-late"], "1");
        handlers_seen.add(HeaderMap::clone(&*headers().await));
    });
    let app = Router::new().route("/", handler).layer(map_request(|mut request: Request| async {
        request.headers_mut().insert("x-late", HeaderValue::from_static("1"));
        request.headers_mut().remove("x-empty");
        request
    }));
    let address = axum(app.layer(platform.layer())).await;
    let mut client = Client::connect(address, Version::Http1).await;
    client.fetch(peculiar()).await.expect("a whole response comes");

    let [seen] = &seen.take()[..] else { panic!("there is one request") };
    assert!(seen.contains_key("x-empty") && !seen.contains_key("x-late"), "{seen:?}");
}

#[tokio::test]
async fn what_is_marked_sensitive_stays_so() {
    let (platform, seen) = (Recording::default(), Seen::default());
    let handlers_seen = seen.clone();
    let app = Router::new().route(
        "/",
        get(move || async move {
            let found = headers().await;
            handlers_seen.add(HeaderMap::clone(&found));
            after(async move { handlers_seen.add(HeaderMap::clone(&*headers().await)) });
        }),
    );
    let app = app.layer(platform.layer()).layer(map_request(|mut request: Request| async {
        let mut secret = HeaderValue::from_static("Bearer x");
        secret.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, secret);
        request
    }));
    let address = axum(app).await;
    let mut client = Client::connect(address, Version::Http1).await;
    client.fetch(peculiar()).await.expect("a whole response comes");

    platform.drain().await;
    let seen = seen.take();
    assert_eq!(seen.len(), 2);
    for headers in seen {
        assert!(headers[AUTHORIZATION].is_sensitive() && !headers["x-long"].is_sensitive());
        assert!(!format!("{headers:?}").contains("Bearer"));
    }
}

#[tokio::test]
async fn every_kind_of_function_reads_while_it_answers() {
    #[with_after(component)]
    async fn page() -> bool {
        connection().await;
        headers().await.contains_key("x-empty") && try_cookies().is_ok()
    }

    #[with_after(metadata)]
    async fn title() -> bool {
        headers().await.contains_key("x-empty") && try_cookies().is_ok()
    }

    #[with_after(server_fn)]
    fn order() -> bool {
        try_headers().is_ok_and(|headers| headers.contains_key("x-empty"))
    }

    let address = start(EVERYWHERE[0], AfterLayer::new(), |_| async {
        format!("{} {} {}", page().await, title().await, order())
    })
    .await;
    let mut client = Client::connect(address, EVERYWHERE[0].1).await;
    let received = client.fetch(peculiar()).await.expect("a whole response comes");

    assert_eq!(received.body, "true true true");
}

fn peculiar() -> http::Request<Body> {
    let mut request = request(Method::GET, "/");
    let headers = request.headers_mut();
    for value in ["1", "2", "1"] {
        headers.append("x-repeated", HeaderValue::from_static(value));
    }
    headers.insert("x-opaque", HeaderValue::from_bytes(b"\xff\xfe").expect("it is allowed"));
    headers.insert("x-empty", HeaderValue::from_static(""));
    headers.insert("x-long", "x".repeat(5_000).parse().expect("a value"));
    request
}
