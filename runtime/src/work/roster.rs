//! The tasks of one scope that have not ended.

use std::{collections::VecDeque, mem};

use slab::Slab;
use tokio::time::Instant;

use super::queue::{Scheduled, Start};

/// Tasks `T` that wait, and the descriptions of those that run.
///
/// The first one needs no allocation: most requests schedule no more.
#[derive(Debug)]
pub(super) struct Roster<T: Scheduled> {
    /// Has the key 0. Taken only while there is no other: it is older than those.
    first: Option<Entry<T>>,
    rest: Option<Box<Rest<T>>>,
}

#[derive(Debug)]
struct Rest<T: Scheduled> {
    /// By key, less one.
    entries: Slab<Entry<T>>,
    /// The indices of those that wait, the oldest first.
    order: VecDeque<usize>,
}

/// A task that has not ended.
#[derive(Debug)]
enum Entry<T: Scheduled> {
    Waits(T),
    Runs(Live<T::Info>),
}

/// A task that runs.
#[derive(Clone, Debug)]
pub(crate) struct Live<I> {
    pub(crate) info: I,
    pub(crate) started: Instant,
}

impl<T: Scheduled> Roster<T> {
    pub(super) fn new() -> Self {
        Self { first: None, rest: None }
    }

    pub(super) fn len(&self) -> usize {
        let rest = self.rest.as_ref().map_or(0, |rest| rest.entries.len());
        usize::from(self.first.is_some()) + rest
    }

    #[inline]
    pub(super) fn push(&mut self, task: T) {
        if self.len() == 0 {
            self.first = Some(Entry::Waits(task));
        } else {
            self.rest.get_or_insert_default().push(task);
        }
    }

    /// Takes the oldest task that waits, and starts it.
    #[inline]
    pub(super) fn start_next(&mut self, now: Instant, response_end: Instant) -> Option<T> {
        let start = |key| Start { key, now, response_end };
        if let Some(first @ Entry::Waits(_)) = &mut self.first {
            return first.start(start(0));
        }
        let rest = self.rest.as_mut()?;
        let index = rest.order.pop_front()?;
        rest.entries.get_mut(index)?.start(start(index + 1))
    }

    /// Removes a task that has started, and returns whether it was there.
    #[inline]
    pub(super) fn remove(&mut self, key: usize) -> bool {
        match (key.checked_sub(1), &mut self.rest) {
            (None, _) => self.first.take().is_some(),
            (Some(index), Some(rest)) => rest.entries.try_remove(index).is_some(),
            (Some(_), None) => false,
        }
    }

    /// Removes the tasks that wait and of which `matches` is true, the oldest first.
    pub(super) fn remove_waiting(&mut self, matches: impl Fn(&T::Info) -> bool) -> Vec<T> {
        let matches = |entry: &mut Entry<T>| entry.waiting().is_some_and(&matches);
        let mut removed: Vec<_> = self.first.take_if(|first| matches(first)).into_iter().collect();
        if let Some(rest) = &mut self.rest {
            let Rest { entries, order } = &mut **rest;
            order.retain(|&index| {
                let found = entries.get_mut(index).is_some_and(matches);
                if found {
                    removed.extend(entries.try_remove(index));
                }
                !found
            });
        }
        removed.into_iter().filter_map(|entry| entry.split().ok()).collect()
    }

    /// Returns what waits, the oldest first.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &T::Info> {
        let rest = self
            .rest
            .iter()
            .flat_map(|rest| rest.order.iter().filter_map(|&index| rest.entries.get(index)));
        self.first.iter().chain(rest).filter_map(Entry::waiting)
    }

    /// Returns the tasks that wait, and the descriptions of those that run.
    pub(super) fn into_parts(self) -> (Vec<T>, Vec<Live<T::Info>>) {
        let rest = self.rest.into_iter().flat_map(|rest| rest.entries);
        let (mut waiting, mut running) = (Vec::new(), Vec::new());
        for entry in self.first.into_iter().chain(rest.map(|(_, entry)| entry)) {
            match entry.split() {
                Ok(task) => waiting.push(task),
                Err(live) => running.push(live),
            }
        }
        (waiting, running)
    }
}

impl<T: Scheduled> Rest<T> {
    fn push(&mut self, task: T) {
        self.order.push_back(self.entries.insert(Entry::Waits(task)));
    }
}

impl<T: Scheduled> Entry<T> {
    /// Leaves a description in place of a task that waits.
    #[inline]
    fn start(&mut self, start: Start) -> Option<T> {
        let Self::Waits(task) = self else { return None };
        let runs = Self::Runs(Live { info: task.info().clone(), started: start.now });
        let mut task = mem::replace(self, runs).split().ok()?;
        task.start(start);
        Some(task)
    }

    fn waiting(&self) -> Option<&T::Info> {
        match self {
            Self::Waits(task) => Some(task.info()),
            Self::Runs(_) => None,
        }
    }

    fn split(self) -> Result<T, Live<T::Info>> {
        match self {
            Self::Waits(task) => Ok(task),
            Self::Runs(live) => Err(live),
        }
    }
}

impl<T: Scheduled> Default for Roster<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Scheduled> Default for Rest<T> {
    fn default() -> Self {
        Self { entries: Slab::new(), order: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Scheduled for u32 {
        type Info = Self;

        fn info(&self) -> &Self {
            self
        }

        fn start(&mut self, start: Start) {
            // So that a test sees the key of what has started.
            *self += 100 * Self::try_from(start.key).expect("tests have few tasks");
        }
    }

    fn roster(tasks: &[u32]) -> Roster<u32> {
        let mut roster = Roster::new();
        for &task in tasks {
            roster.push(task);
        }
        roster
    }

    fn start(roster: &mut Roster<u32>) -> Option<u32> {
        roster.start_next(Instant::now(), Instant::now())
    }

    #[test]
    fn tasks_start_in_the_order_in_which_they_came() {
        let mut roster = roster(&[1, 2, 3]);
        assert_eq!(start(&mut roster), Some(1));
        assert!(roster.remove(0));
        roster.push(4);
        assert_eq!(roster.waiting().collect::<Vec<_>>(), [&2, &3, &4]);
        let started: Vec<_> = std::iter::from_fn(|| start(&mut roster)).collect();
        assert_eq!(started, [102, 203, 304]);
    }

    #[test]
    fn a_task_has_a_key_of_its_own_until_it_is_removed() {
        let mut roster = roster(&[1, 2]);
        assert_eq!([1, 2].map(|_| start(&mut roster)), [Some(1), Some(102)]);
        assert_eq!([0, 1].map(|key| roster.remove(key)), [true, true]);
        assert_eq!((roster.len(), roster.remove(0)), (0, false));
    }

    #[test]
    fn only_what_waits_can_be_removed_from_the_waiting() {
        let mut roster = roster(&[1, 2, 3]);
        assert_eq!(start(&mut roster), Some(1));
        assert_eq!(roster.remove_waiting(|&info| info != 3), [2]);
        let (waiting, running) = roster.into_parts();
        assert_eq!((waiting, running.len()), (vec![3], 1));
    }
}
