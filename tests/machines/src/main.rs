//! A site on many machines: what is revalidated on one is revalidated on all, told by
//! `LISTEN` and `NOTIFY` of `PostgreSQL`. Other stores of messages do as well.
//!
//! Start it twice, with `DATABASE_URL` and another `PORT` each; post to one, and read the other:
//!
//!     DATABASE_URL=postgres://localhost/shop PORT=3000 cargo run -p with-after-machines
//!     curl -X POST http://127.0.0.1:3000/posts/hello; curl http://127.0.0.1:3001/

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what happens is its output")]

mod share;

use std::{
    env,
    error::Error,
    sync::atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use sqlx::PgPool;
use tokio::net::TcpListener;
use with_after::{AfterLayer, prerender::Site, revalidate_tag, serve, with_after};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let pool = PgPool::connect(&env::var("DATABASE_URL")?).await?;
    let listener = share::listen(&pool).await?;
    let (tell, told) = tokio::sync::mpsc::unbounded_channel();
    let site = {
        let pool = pool.clone();
        Site::builder()
            .page("/", move || index(pool.clone()))
            .tags(["posts"])
            .on_revalidate(move |revalidation| drop(tell.send(revalidation.clone())))
            .build()
            .await?
    };
    tokio::spawn(share::share(site.handle(), pool.clone(), listener, told));

    let app = Router::new().route("/posts/{title}", post(publish)).with_state(pool).merge(site);
    let port = env::var("PORT").ok().map_or(Ok(3000), |port| port.parse::<u16>())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}, Ctrl-C to stop", listener.local_addr()?);
    println!("{}", serve(listener, AfterLayer::new().layer(app)).await?);
    Ok(())
}

/// A page that is made of what all machines share.
#[with_after(component)]
async fn index(pool: PgPool) -> Result<String, sqlx::Error> {
    static RENDERS: AtomicUsize = AtomicUsize::new(0);
    let posts = sqlx::query_scalar("SELECT title FROM posts ORDER BY title");
    let posts: Vec<String> = posts.fetch_all(&pool).await?;
    let renders = RENDERS.fetch_add(1, Ordering::Relaxed) + 1;
    Ok(format!("render {renders}: {}", posts.join(", ")))
}

#[with_after(route)]
async fn publish(State(pool): State<PgPool>, Path(title): Path<String>) -> StatusCode {
    let inserted = sqlx::query("INSERT INTO posts VALUES ($1)").bind(title).execute(&pool).await;
    match inserted.map(|_| revalidate_tag("posts")) {
        Ok(Ok(())) => StatusCode::CREATED,
        failed => {
            eprintln!("error: {failed:?}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
