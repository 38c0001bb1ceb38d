//! The layer around a router of axum 0.7, whose types `serve` does not take.

use std::time::Duration;

use axum_0_7::{Router, body::Body, extract::Request, routing::get};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use with_after::{AfterLayer, after, cookies, platform::InProcess, with_after};

use crate::support::log::Log;

#[tokio::test]
async fn a_router_of_axum_0_7_works_under_the_layer() {
    #[with_after(route)]
    async fn order(log: Log) -> &'static str {
        cookies().await.set(("ordered", "1")).expect("a route writes");
        after(async move {
            log.add(format!(
                "{:?}",
                cookies().await.get("ordered").map(|it| it.value().to_owned())
            ));
        });
        "ordered"
    }

    let (platform, log) = (InProcess::new(), Log::default());
    let moved = log.clone();
    let app = Router::new().route("/", get(move || order(moved.clone())));
    let app = app.layer(AfterLayer::with_platform(platform.clone()));
    let Ok(response) = app.oneshot(Request::new(Body::empty())).await;
    assert_eq!(response.headers()["set-cookie"], "ordered=1; Path=/");
    assert_eq!(platform.pending(), 1);
    response.into_body().collect().await.expect("it does not fail");

    assert!(platform.drain(Duration::from_secs(9)).await.is_complete());
    assert_eq!(log.entries(), ["Some(\"1\")"]);
}
