//! Stands for the observers where the feature `observe` is off.

use std::time::Duration;

use http::StatusCode;

use super::{platform::Platform, report::TaskReport};
use crate::{
    error::AfterError,
    outcome::Outcome,
    place::{Number, Place},
    work::{Task, TaskInfo},
};

pub(crate) fn head(_: &dyn Platform, _: Number, _: StatusCode) {}

pub(crate) fn finished(_: &dyn Platform, _: Number, _: &Outcome) {}

pub(crate) fn scheduled(_: &dyn Platform, _: Number, _: Place, _: &mut TaskInfo) {}

pub(crate) fn started(_: &dyn Platform, _: &Task, _: Duration) {}

pub(super) fn ended(_: &dyn Platform, _: &TaskReport<'_>) {}

pub(crate) fn refused(_: &dyn Platform, _: Number, _: &TaskInfo, _: &AfterError) {}
