//! Times, as they are shown.

use std::time::{Duration, Instant};

/// Microseconds, most often since the inspector was made.
pub(super) type Micros = u64;

/// When the inspector was made, since when times are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock(pub(super) Instant);

impl Clock {
    pub(super) fn at(self, time: Instant) -> Micros {
        micros(time.saturating_duration_since(self.0))
    }
}

pub(super) fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
