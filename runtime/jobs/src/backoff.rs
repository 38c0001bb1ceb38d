//! How long a failed job waits before it is tried again.

use std::time::Duration;

/// The waiting time after a failed attempt: doubled each time, with jitter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Backoff {
    /// Returns how long to wait after the attempt with this number, the first being 1.
    ///
    /// Up to a quarter more than twice the time before, so that jobs which failed together do not
    /// all come back together.
    pub(crate) fn after(self, attempt: u32) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX));
        doubled.min(self.longest).mul_f64(1.0 + fastrand::f64() / 4.0)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_hours(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_the_longest_with_at_most_a_quarter_of_jitter() {
        let backoff = Backoff::default();
        for (attempt, seconds) in [(1, 1), (2, 2), (3, 4), (12, 2048), (13, 3600), (500, 3600)] {
            let (least, wait) = (Duration::from_secs(seconds), backoff.after(attempt));
            assert!(least <= wait && wait <= least * 5 / 4, "attempt {attempt}: {wait:?}");
        }
    }

    #[test]
    fn no_two_waits_are_alike() {
        let backoff = Backoff::default();
        assert_ne!(backoff.after(8), backoff.after(8));
    }
}
