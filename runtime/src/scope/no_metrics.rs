//! Stands for [`metrics`](super::metrics) without the feature `metrics`.

use std::time::Duration;

use super::TaskEnd;
use crate::phase::Kind;

pub(super) fn scheduled() {}

pub(super) fn started(_: Duration) {}

pub(super) fn ended(_: Option<Kind>, _: TaskEnd<'_>, _: Option<Duration>) {}
