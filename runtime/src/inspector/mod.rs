//! A live page of requests, their tasks, and what is pending.
//!
//! An [`Inspector`] is given to a server, or to a platform, and keeps what it is told of the last
//! requests. Its page shows when each response was finished and what ran after it, what waits, what
//! has failed and why, and what holds a shutdown.
//!
//! ```no_run
//! use axum::Router;
//! use with_after::{AfterLayer, inspector::Inspector, serve};
//!
//! # async fn example(listener: tokio::net::TcpListener, app: Router) -> std::io::Result<()> {
//! let inspector = Inspector::new();
//! println!("inspector: http://{}/", inspector.listen("127.0.0.1:4000").await?);
//! let app = AfterLayer::new().layer(app);
//! serve(listener, app).observe(inspector).await?;
//! # Ok(())
//! # }
//! ```
//!
//! In production nest it behind what lets nobody else in: [`Inspector::service`].
//!
//! # What it shows, and what it keeps
//!
//! - Methods and paths; of headers, cookies, queries and bodies nothing, unless the builder is told
//!   to. Names of tasks, and whatever errors say.
//! - The last 1,000 requests in at most 16 MiB; see [`InspectorBuilder`]. What has not ended is
//!   known by name beyond that, as far as half of the memory goes, and 64 tasks of each request.
//! - None of its own requests, where it is nested in a server that it observes.
//! - Renders and revalidations of a site that is told to `SiteBuilder::observe` it.
//!
//! Without anybody who looks it costs a lock for a moment and a record of 64 bytes for each event. A page
//! looks ten times a second, and is told what has changed; one that is slow is told less. All of them
//! share what was read, which takes no more than a fiftieth of one processor's time.
//!
//! To build another dashboard see [`observe`](crate::observe).

mod assets;
mod clock;
mod control;
mod counts;
mod handle;
mod jobs;
mod journal;
mod kept;
mod listen;
mod live;
mod notes;
mod open;
mod record;
mod row;
mod service;
mod settled;
mod stream;
mod text;
mod view;
mod watch;

pub use self::{
    handle::{Inspector, InspectorBuilder},
    jobs::{JobFuture, JobSource, ListedJob},
};
