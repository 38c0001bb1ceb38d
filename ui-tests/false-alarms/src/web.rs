//! axum, tower, tower-http, and this crate's own.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{FromRequest as _, Path, Request, State, WebSocketUpgrade, ws::WebSocket},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response, Sse, sse::Event},
    routing::get,
};
use futures::StreamExt as _;
use tower::{Service as _, ServiceBuilder, ServiceExt as _};
use tower_http::{services::ServeFile, trace::TraceLayer};
use with_after::{
    Scope, after, cache, cookies, deadline, headers, outcome, run, try_after, with_after,
};

use crate::{Failure, Outcome};

#[derive(Clone)]
struct App {
    hooks: Arc<Vec<Box<dyn Fn(&str) + Send + Sync>>>,
    client: reqwest::Client,
}

async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    next.run(request).await
}

async fn events() -> Sse<impl futures::Stream<Item = Result<Event, Failure>>> {
    Sse::new(futures::stream::iter([Ok(Event::default())]))
}

async fn socket(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            drop(socket.send(message).await);
        }
    })
}

fn router(app: App) -> Router {
    Router::new()
        .route("/events", get(events))
        .route("/socket", get(socket))
        .layer(middleware::from_fn_with_state(app.clone(), pass))
        .with_state(app)
}

#[with_after(component)]
async fn axum(State(app): State<App>, Path(id): Path<u64>, request: Request) -> Html<String> {
    let router = router(app.clone());
    after(async move {
        let answer = router.oneshot(Request::new(Body::empty())).await?;
        axum::body::to_bytes(answer.into_body(), 1024).await?;
        let json = Json::<serde_json::Value>::from_request(request, &()).await;
        drop(json.map_err(|refused| refused.body_text())?);
        Ok::<_, Failure>(())
    });
    after(async move {
        let response = axum().await.into_response();
        let mut body = response.into_body().into_data_stream();
        while let Some(chunk) = body.next().await.transpose()? {
            (app.hooks[0])("a");
        }
        return Ok::<_, Failure>(());

        async fn axum() -> impl IntoResponse {
            "a"
        }
    });
    Html(String::new())
}

#[with_after(component)]
async fn tower() {
    after(async {
        let service = tower::service_fn(async |n: u8| Ok::<_, Failure>(n));
        let mut service = ServiceBuilder::new()
            .buffer(1)
            .concurrency_limit(1)
            .timeout(Duration::from_secs(1))
            .load_shed()
            .service(service);
        service.ready().await?.call(1).await?;
        service.boxed_clone().oneshot(1).await?;
        Ok::<_, Failure>(())
    });
    after(async {
        let service =
            ServiceBuilder::new().layer(TraceLayer::new_for_http()).service(ServeFile::new("a"));
        service.oneshot(Request::new(Body::empty())).await?;
        Ok::<_, Failure>(())
    });
}

#[cache]
async fn rate(of: String) -> u64 {
    tokio::task::yield_now().await;
    1
}

#[with_after(route)]
async fn route() {
    headers().await;
}

// What the library itself gives away.
#[with_after(component)]
async fn own(scope: Scope) {
    let (jar, agent) = (cookies().await, headers().await);
    after(async move {
        drop((jar.get("a"), agent.get("b"), outcome(), deadline()));
        rate(String::new()).await;
        scope.run(async {}).await;
        run(async { after(async {}) }).await;
        try_after(async { drop(with_after::platform::in_process().drain(Duration::ZERO).await) })
    });
    // Inside of a scope of its own it reads its own request, but that is boxed.
    after(async { run(async {}).await });
}
