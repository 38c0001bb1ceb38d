//! Futures of many crates, each in a task of a component that is right: the transitive check has
//! nothing to say of any.

#![allow(dead_code, unused_variables, missing_docs)]

mod clients;
mod databases;
mod queues;
mod runtime;
mod web;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Outcome = Result<(), Failure>;

/// Shows that the check is on, or nothing would be measured.
#[cfg(feature = "wrong")]
mod found {
    async fn read() {
        with_after::cookies().await;
    }

    #[with_after::with_after(component)]
    async fn wrong() {
        with_after::after(read());
    }
}
