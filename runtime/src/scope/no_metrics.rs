//! Stands for the counters and histograms where the feature `metrics` is off.

use tokio::time::Instant;

use super::TaskReport;
use crate::work::Task;

pub(super) fn scheduled() {}

pub(super) fn started(_: &Task, _: Instant) {}

pub(super) fn ended(_: &TaskReport<'_>, _: bool) {}
