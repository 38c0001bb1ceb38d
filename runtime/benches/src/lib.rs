//! What the benchmarks of `with-after` share: see the README beside.

mod budget;
pub mod callgrind;
mod client;
pub mod hand_written;
mod headers;
mod in_process;
#[cfg(feature = "inspector")]
mod inspected;
mod pages;
pub mod ratios;
pub mod rounds;
mod server;
mod sizes;
mod thread_server;
mod variant;
mod waiting;

pub use self::{
    budget::Budget,
    client::Client,
    headers::Headers,
    in_process::answer,
    server::{one_thread, serve},
    sizes::futures,
    thread_server::connect_to,
    variant::{Host, PAGES, VARIANTS, Variant},
    waiting::{leave_tasks, waiting_app},
};
