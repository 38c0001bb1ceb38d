//! What handlers call.

mod interrupt;
mod request;
mod run;
mod schedule;
mod task;

pub use self::{
    interrupt::{Interrupt, not_found, permanent_redirect, redirect},
    request::{connection, cookies, headers, method, try_cookies, try_headers, uri},
    run::run,
    schedule::{TaskBuilder, after, task, try_after},
    task::{deadline, outcome},
};

#[cfg(with_after_transitive)]
pub(crate) use self::request::Request;
