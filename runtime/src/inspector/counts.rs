//! What is counted: how many, how fast, how long.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use super::{clock::Micros, record::Place, row::display};

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) totals: Totals,
    pub(super) rates: Rates,
    pub(super) times: Times,
    pub(super) failures: Failures,
}

/// How many of each there were since the inspector was made.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Totals {
    pub(super) requests: u64,
    /// Requests whose response is not finished.
    pub(super) in_flight: u64,
    pub(super) pending: u64,
    pub(super) running: u64,
    pub(super) completed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
    pub(super) refused: u64,
}

/// What happened in each of the last seconds.
#[derive(Debug, Default)]
pub(super) struct Rates {
    seconds: VecDeque<(u64, [u32; 3])>,
}

/// Which rate is meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rate {
    Requests,
    Tasks,
    Failures,
}

/// Returns the second of a time.
pub(super) fn second(time: Micros) -> u64 {
    time / 1_000_000
}

/// So many whole seconds are looked at.
const SECONDS: u64 = 10;

impl Rates {
    pub(super) fn count(&mut self, rate: Rate, second: u64) {
        // Threads may come a moment late.
        if self.seconds.back().is_none_or(|(last, _)| *last < second) {
            self.seconds.push_back((second, [0; 3]));
        }
        while self.seconds.front().is_some_and(|(first, _)| first + SECONDS < second) {
            self.seconds.pop_front();
        }
        if let Some((_, counts)) = self.seconds.back_mut() {
            counts[rate as usize] += 1;
        }
    }

    /// Returns how many requests, ended tasks and failures there were a second.
    pub(super) fn per_second(&self, now: Micros) -> [f64; 3] {
        let second = second(now);
        let whole = self.seconds.iter().filter(|(at, _)| (*at < second) && at + SECONDS >= second);
        let mut sums = [0; 3];
        for (_, counts) in whole {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "it is at most ten")]
        let seconds = second.clamp(1, SECONDS) as f64;
        sums.map(|sum| f64::from(sum) / seconds)
    }
}

/// How long the last tasks took.
#[derive(Debug, Default)]
pub(super) struct Times {
    last: VecDeque<(Micros, Micros)>,
}

/// Percentiles in microseconds.
#[derive(Debug, Default, Serialize)]
pub(super) struct Percentiles {
    tasks: usize,
    queue_wait: [Micros; 2],
    run_time: [Micros; 2],
}

/// Of so many tasks percentiles are told.
const LAST: usize = 1_000;

impl Times {
    pub(super) fn add(&mut self, queue_wait: Micros, run_time: Micros) {
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back((queue_wait, run_time));
    }
}

impl Percentiles {
    pub(super) fn of(times: &Times) -> Self {
        let of = |which: fn(&(Micros, Micros)) -> Micros| {
            let mut times: Vec<_> = times.last.iter().map(which).collect();
            times.sort_unstable();
            let at = |percent: usize| times.get(times.len() * percent / 100).copied();
            [at(50).unwrap_or(0), at(99).unwrap_or(0)]
        };
        Self {
            tasks: times.last.len(),
            queue_wait: of(|(queue_wait, _)| *queue_wait),
            run_time: of(|(_, run_time)| *run_time),
        }
    }
}

/// Failures and refusals by the name of the task.
#[derive(Debug, Default)]
pub(super) struct Failures {
    named: BTreeMap<String, Failed>,
}

/// How often tasks of one name have failed, and why the last one did.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Failed {
    count: u64,
    at: Micros,
    #[serde(serialize_with = "display")]
    location: Place,
    error: String,
}

/// So many names are told apart.
const NAMES: usize = 100;

/// What stands for all further ones.
const OTHERS: &str = "(others)";

impl Failures {
    pub(super) fn add(&mut self, name: &str, location: Place, error: String, at: Micros) {
        let known = self.named.len() < NAMES || self.named.contains_key(name);
        let name = if known { name } else { OTHERS };
        let earlier = self.named.get(name).map_or(0, |failed| failed.count);
        let failed = Failed { count: earlier + 1, at, location, error };
        self.named.insert(name.to_owned(), failed);
    }

    pub(super) fn copy(&self) -> BTreeMap<String, Failed> {
        self.named.clone()
    }
}
