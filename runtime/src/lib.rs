//! Schedules work to run after a web response is finished.
//!
//! Logging, analytics, mails, webhooks, cache warming: a handler schedules them with [`after`],
//! and answers. The work never delays the response, runs whatever became of it, and is never lost
//! silently.
//!
//! ```
//! use axum::{Router, http::header::USER_AGENT, routing::post};
//! use with_after::{AfterLayer, after, headers, with_after};
//!
//! #[with_after(route)]
//! async fn checkout() -> &'static str {
//!     after(async {
//!         let headers = headers().await;
//!         audit(headers.get(USER_AGENT)).await // an `Err` is reported
//!     });
//!     "thank you"
//! }
//!
//! let app: Router = Router::new()
//!     .route("/checkout", post(checkout))
//!     .layer(AfterLayer::new().on_failure(|failure| eprintln!("{failure}"))); // the outermost layer
//! # async fn audit(_: Option<&axum::http::HeaderValue>) -> std::io::Result<()> { Ok(()) }
//! ```
//!
//! # The parts
//!
//! - [`AfterLayer`] opens a **scope** for each request: it holds the request's data and its queue
//!   of **tasks**. [`run`] opens one where there is no request.
//! - [`#[with_after]`](macro@with_after) marks a function with its **kind**, and has the compiler
//!   refuse request data where it is gone.
//! - [`after`], [`try_after`] and [`task`](task()) schedule; in a task [`outcome`](outcome())
//!   tells how the response ended.
//! - [`cookies`], [`headers`], [`uri`], [`method`] and [`connection`] read the request.
//! - [`#[cache]`](macro@cache) has a function run once for each choice of arguments in a scope.
//! - A [platform] keeps the process alive for the work. `serve` (feature `axum`) brings its own,
//!   and drains it on SIGTERM; under any other server the application drains
//!   [`platform::in_process()`].
//!
//! The [guide] has a page for [each host](guide::hosts), one on [what belongs after a
//! response](guide::choosing), one for those who [come from](guide::coming_from) `tokio::spawn`,
//! `axum::serve`, Next.js, Laravel, Express and others; pages on [cookies](guide::cookies),
//! [logs](guide::logs) and [tests](guide::testing), on a check that [looks into
//! functions](guide::transitive), and on [every message](guide::troubleshooting).
//!
//! # When not to use it
//!
//! Tasks live in the process and die with it: what must survive a crash is a durable job (the
//! crate `with-after-jobs`), or belongs in another queue. That a response was delivered is never
//! proof that it was received.
//!
//! # Features
//!
//! - `tower` (default): [`AfterLayer`], for axum, hyper and whatever else speaks tower.
//! - `axum`: `serve`, and [`Interrupt`] as a response.
//! - `http2`: HTTP/2 for `serve`, and so for axum.
//! - `metrics`: through the facade of that name, `with_after_tasks_pending` and
//!   `with_after_tasks_running` as gauges, `with_after_tasks_total` by `kind` and `result`, and the
//!   histograms `with_after_task_queue_wait_seconds` and `with_after_task_run_time_seconds`.
//! - `prerender`: static pages, in the module `prerender`.
//! - `maud`: maud's markup as a page.
//! - `observe`: events for dashboards, in the module `observe`.
//! - `inspector`: a live page of requests and their tasks, in the module `inspector`.
//! - `lambda`: functions of AWS Lambda, in the module `lambda`.
//! - `leptos`: what Leptos spawns carries the scope, see the module `leptos`.
//! - `vercel`: functions of Vercel, in the module `vercel`.
//! - `actix`: the middleware for actix-web, in the module `actix`.
#![cfg_attr(not(feature = "tower"), doc = "", doc = include_str!("guide/links/tower.md"))]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "axum", feature = "prerender")),
    expect(dead_code, reason = "only `serve` knows of flushes, and only `prerender` of pages")
)]
#![cfg_attr(with_after_transitive, feature(auto_traits, negative_impls))] // of nightly compilers

#[cfg(feature = "actix")]
pub mod actix;
mod api;
mod cache;
mod connection;
mod error;
#[cfg(any(doc, doctest))]
pub mod guide;
mod handler;
mod host;
#[cfg(feature = "inspector")]
pub mod inspector;
mod job;
#[cfg(feature = "lambda")]
pub mod lambda;
#[cfg(feature = "leptos")]
pub mod leptos;
#[cfg(feature = "tower")]
pub mod middleware;
mod net;
#[cfg(feature = "observe")]
pub mod observe;
mod outcome;
mod place;
pub mod platform;
#[cfg(feature = "prerender")]
pub mod prerender;
mod request;
mod scope;
#[cfg(feature = "axum")]
mod serve;
mod sync;
pub mod testing;
#[cfg(with_after_transitive)]
mod transitive;
#[cfg(feature = "vercel")]
pub mod vercel;
mod work;

#[cfg(feature = "tower")]
pub use crate::middleware::AfterLayer;
#[cfg(feature = "prerender")]
pub use crate::prerender::revalidate::{RevalidateError, revalidate_path, revalidate_tag};
#[cfg(feature = "axum")]
pub use crate::serve::{App, Serve, Stop, serve};
pub use crate::{
    api::{
        Interrupt, TaskBuilder, after, connection, cookies, deadline, headers, method, not_found,
        outcome, permanent_redirect, redirect, run, task, try_after, try_cookies, try_headers, uri,
    },
    error::{AfterError, CookieWriteError, RequestApiError},
    outcome::{End, Outcome},
    place::{Kind, ParseKindError},
    request::{Cookies, Headers},
    scope::Scope,
    work::{Cause, IntoTask, RunOn, TaskFailure, TaskOutput},
};
pub use cookie::{self, Cookie};
/// Marks a function whose tasks run after the response.
///
/// ```
/// use with_after::{after, cookies, with_after};
///
/// #[with_after(component, max_duration = "30s")]
/// async fn profile() -> String {
///     let visitor = cookies().await.get("visitor").map(|cookie| cookie.value().to_owned());
///     after(async move { println!("seen: {visitor:?}") });
///     String::from("…")
/// }
/// ```
///
/// It takes, in any order:
///
/// - the kind of the function: `component` (pages and layouts too), `metadata`, `route` (the
///   default), `server_fn` or `middleware`. The function's tasks, and the tasks that they
///   schedule, are of this kind. Those of what a middleware calls by `next.run(..)`, of a parameter
///   of a type `Next`, are not the middleware's.
/// - `max_duration = "30s"`: how long its tasks may run after the response. `"250ms"`, `"30s"`,
///   `"5m"`, `"1h"`, or a number of seconds.
/// - `crate = some::path`: where this crate is found, if not at `::with_after`.
///
/// It stands on functions and methods, sync or async, also on those that return
/// `impl Future` or `Pin<Box<dyn Future>>`. Other attributes work above and below it.
///
/// Without [`AfterLayer`] around the service, the function opens a scope of its own, which is
/// finished when it returns.
///
/// # What is refused, and when
///
/// The tasks of a `component` or `metadata` function run when it has rendered and the request is
/// gone: they cannot call [`cookies`], [`headers`] or [`connection`]. No task can write a cookie:
/// the headers are sent. The attribute refuses at compile time what it can see, at the place of
/// the use; the rest is refused when it runs, with the same words.
///
/// | use in a task of a `component` or `metadata` function | found | with the [transitive check](guide::transitive) |
/// |---|---|---|
/// | called in the closure or async block handed to `after`, `try_after` or `task(..).schedule`, nested ones too | at compile time | at compile time |
/// | under a path (`with_after::cookies()`), or a name that `use` gives it inside the function, also by way of other names | at compile time | at compile time |
/// | as a function value (`after(cookies)`, `let read = headers;`) | at compile time | at compile time |
/// | in work bound to a name first: also re-bound, built in an `if` or `match`, `.instrument(..)`, taken out of a tuple or a struct | at compile time | at compile time |
/// | in work that is merely wrapped, sync or async: `Some(..)`, `Box::new(..)`, `Box::pin(..)`, `Arc::new(..)`, `[..]`, `vec![..]` | at compile time | at compile time |
/// | in a future that is handed on by a call (`after(timeout(limit, async { headers().await; }))`) | at compile time | at compile time |
/// | in closures and `fn` items of the same function that the task calls, and in closures that those return | at compile time | at compile time |
/// | in macro calls (`println!`, `tokio::join!`, `tokio::select!`, others) | at compile time | at compile time |
/// | in async functions and methods outside of this one, also of other crates | at run time | at compile time |
/// | under a name made outside of the function, or brought in by `use ..::*` | at run time | at compile time, where it is awaited |
/// | in a closure or function that is an argument of a closure or `fn` item of the same function | at run time | at compile time, where it is awaited |
/// | in a future that came out of a call, and went into another by its name (`let job = make(async { .. }); after(pass_on(job))`): it is taken for data | at run time | at compile time |
/// | in work that a method of its struct runs, or that was put into a collection | at run time | at compile time, where it is awaited |
/// | in what a `macro_rules!` expands to | at run time | at compile time, where it is awaited and the macro does not call `after` itself |
/// | [`uri`] and [`method`], anywhere | at run time | at compile time |
/// | in a closure that is an argument of a call (`after(make(\|\| try_headers()))`): it is taken to run in that call | at run time | at run time |
/// | [`try_cookies`] and [`try_headers`] in functions and methods outside of this one | at run time | at run time |
/// | in a future that a function outside of this one has boxed as `dyn Future`, or spawned | at run time | at run time |
/// | in a function with type parameters, in one of the ways of this second half | at run time | at run time |
/// | below some 60 levels of brackets | at run time | at run time |
///
/// The transitive check is off unless it is asked for: it needs a nightly compiler.
///
/// In every kind, `cookies().await.set(..)` and `.remove(..)` in a task are found at compile time
/// where the jar comes from the same function, else at run time.
///
/// What only looks alike is left alone: values read before and moved in, arguments evaluated at
/// the call (`after(save(cookies().await))`), what came out of work that has run
/// (`let n = block_on(async { headers().await.len() })`), data beside work in a tuple or a struct,
/// `request.headers()`, names that shadow. A bare `headers()` is taken for this crate's: call a
/// function of your own as `self::headers()`.
///
/// Half-written code is left to the compiler: the function always survives. What the compiler and
/// an editor say of the body, they say as without the attribute.
///
/// Set `WITH_AFTER_DEBUG=1` while building to see what the attribute makes of each function.
#[cfg_attr(not(feature = "tower"), doc = "", doc = include_str!("guide/links/tower.md"))]
#[doc(inline)]
#[cfg(not(with_after_transitive))]
pub use with_after_macros::with_after;
#[cfg(with_after_transitive)]
pub use with_after_macros::with_after_transitive as with_after;

/// Memoises a function within one scope: called again with the same arguments, it returns a clone
/// of what it has returned.
///
/// ```
/// use std::sync::Arc;
/// use with_after::{after, cache, with_after};
///
/// #[cache(skip(db))]
/// async fn user(db: &Db, name: &str) -> Result<Arc<User>, Arc<DbError>> {
///     db.load(name).await
/// }
///
/// #[with_after]
/// async fn profile(db: Db) -> Result<String, Arc<DbError>> {
///     let ada = user(&db, "ada").await?; // loads
///     after(async move {
///         let ada = user(&db, "ada").await?; // has her already
///         Ok::<_, Arc<DbError>>(println!("{} was looked at", ada.name))
///     });
///     Ok(ada.name.clone())
/// }
/// # struct User { name: String }
/// # #[derive(Debug)] struct DbError;
/// # impl std::fmt::Display for DbError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("gone") }
/// # }
/// # impl std::error::Error for DbError {}
/// # struct Db;
/// # impl Db {
/// #     async fn load(&self, name: &str) -> Result<Arc<User>, Arc<DbError>> {
/// #         Ok(Arc::new(User { name: name.to_owned() }))
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() { assert_eq!(with_after::run(profile(Db)).await.unwrap(), "ada"); }
/// ```
///
/// The scope is the request, with its tasks and with whatever [`Scope::run`] carries it into; or
/// one [`run`], or one render of a page that is prerendered. What is kept is dropped with it.
/// Outside of a scope the function is just called. It is React's `cache`, which in Next.js lasts
/// for the render of server components and their `after`, and does nothing in server actions and
/// route handlers; this one works everywhere.
///
/// - The key is a copy of all arguments, `&str` and `&T` copied as `String` and `T`. An argument
///   is `Hash`, `Eq`, `Clone`, `Send` and `'static`; `skip(db, state)` leaves out what it need not
///   be told by, such as a pool.
/// - The value is `Clone`, `Send`, `Sync` and `'static`: an `Arc` where it is large. A `Result` is
///   kept as it is, also an `Err`; a panic is not kept.
/// - Generic functions have a memo for each choice of the types.
/// - Calls at the same time share one run. It is part of the first caller: of its kind, span and
///   deadline. If that caller is dropped, another takes over; if it is kept but no longer polled,
///   the others wait. A sync function blocks its thread while another thread runs it, an async one
///   waits.
/// - `crate = some::path` tells where this crate is found, if not at `::with_after`.
///
/// It stands on async and sync functions, also on associated ones without `self`, and with
/// [`#[with_after]`](macro@with_after) on the same function, in either order.
///
/// # Panics
///
/// The function panics where it calls itself, directly or through others, with the arguments with
/// which it runs: it would wait for itself. That is not seen where the calls go through other
/// tasks or threads, nor where two functions wait for each other in two tasks: those wait until
/// they are dropped.
#[doc(inline)]
pub use with_after_macros::cache;

#[doc(hidden)]
pub mod __private {
    pub use crate::{
        cache::{async_cell, key, sync_cell},
        handler::{call, enter, future, inner, never},
        job::{JobTasks, at_end, contain, run_job},
        place::{Handler, Kind},
    };

    #[cfg(with_after_transitive)]
    pub mod transitive {
        pub use crate::transitive::*;
    }
}

#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
