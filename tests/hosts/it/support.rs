//! What tests of several packages share, by short names.

pub(crate) use with_after_test_support::{
    client::{Client, ask, get, request},
    log::Log,
    outcomes::{Outcomes, Report, outcomes},
    sockets::read_until,
    within,
};
