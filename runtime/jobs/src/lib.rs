//! Durable jobs.
#![doc = ""]

mod arguments;
mod builder;
mod call;
mod ends;
mod failure;
mod hold;
mod jobs;
mod metadata;
mod migrate;
mod release;
mod releases;
mod run;
#[cfg(feature = "sqlite")]
mod sqlite;
mod state;
mod trace;
mod workers;

pub use riverqueue;

#[cfg(feature = "sqlite")]
pub use crate::sqlite::{sqlite_options, sqlite_pool};
pub use crate::{
    builder::{BuildError, JobsBuilder},
    call::{Call, JobFn, JobOutput},
    failure::JobFailure,
    jobs::Jobs,
};

#[doc(inline)]
pub use with_after_macros::job;

#[doc(hidden)]
pub mod __private {
    pub use riverqueue::BoxError;

    pub use crate::{
        arguments::Arguments,
        call::{Definition, Run},
        state::{Lent, Need},
    };
}
