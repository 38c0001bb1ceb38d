//! One connection, and the end of a response.

#[expect(clippy::module_inception, reason = "the connection itself, beside its flush")]
mod connection;
mod detached;
mod end;
mod flush;

#[cfg(all(test, with_after_loom))]
mod models;

#[cfg(feature = "prerender")]
pub(crate) use self::detached::detach;
pub(crate) use self::end::{Opened, WrittenBy};
#[cfg(feature = "tower")]
pub(crate) use self::{
    connection::{Announced, Connection},
    end::Link,
};
