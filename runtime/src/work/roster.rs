//! The tasks of one scope that have not ended.

use std::collections::VecDeque;

use slab::Slab;
use tokio::time::Instant;

/// Tasks `T` that wait, and the descriptions `I` of all that have not ended.
///
/// The first one needs no allocation: most requests schedule no more.
#[derive(Debug)]
pub(super) struct Roster<T, I> {
    /// Has the key 0. Taken only while there is no other: it is older than those.
    first: Option<Entry<T, I>>,
    rest: Option<Box<Rest<T, I>>>,
}

#[derive(Debug)]
struct Rest<T, I> {
    /// By key, less one.
    entries: Slab<Entry<T, I>>,
    /// The indices of those that wait, the oldest first.
    order: VecDeque<usize>,
}

#[derive(Debug)]
struct Entry<T, I> {
    live: Live<I>,
    /// `None` once it has started.
    task: Option<T>,
}

/// A task that has not ended.
#[derive(Clone, Debug)]
pub(crate) struct Live<I> {
    pub(crate) info: I,
    /// `None` while it waits.
    pub(crate) started: Option<Instant>,
}

impl<T, I> Roster<T, I> {
    pub(super) fn new() -> Self {
        Self { first: None, rest: None }
    }

    pub(super) fn len(&self) -> usize {
        let rest = self.rest.as_ref().map_or(0, |rest| rest.entries.len());
        usize::from(self.first.is_some()) + rest
    }

    pub(super) fn push(&mut self, task: T, info: I) {
        let entry = Entry { live: Live { info, started: None }, task: Some(task) };
        if self.len() == 0 {
            self.first = Some(entry);
            return;
        }
        let rest = self.rest.get_or_insert_default();
        rest.order.push_back(rest.entries.insert(entry));
    }

    /// Takes the oldest task that waits, which starts `now`, together with its key.
    pub(super) fn start_next(&mut self, now: Instant) -> Option<(usize, T)> {
        if let Some(task) = self.first.as_mut().and_then(|first| first.start(now)) {
            return Some((0, task));
        }
        let rest = self.rest.as_mut()?;
        let index = rest.order.pop_front()?;
        Some((index + 1, rest.entries.get_mut(index)?.start(now)?))
    }

    /// Removes a task that has started, and returns what it was.
    pub(super) fn remove(&mut self, key: usize) -> Option<Live<I>> {
        let entry = match key.checked_sub(1) {
            None => self.first.take(),
            Some(index) => self.rest.as_mut()?.entries.try_remove(index),
        };
        entry.map(|entry| entry.live)
    }

    /// Removes the tasks that wait and of which `matches` is true, the oldest first.
    pub(super) fn remove_waiting(&mut self, matches: impl Fn(&I) -> bool) -> Vec<(T, Live<I>)> {
        let matches = |entry: &mut Entry<T, I>| entry.task.is_some() && matches(&entry.live.info);
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
        let removed = removed.into_iter();
        removed.filter_map(|entry| entry.task.map(|task| (task, entry.live))).collect()
    }

    /// Returns what waits, the oldest first.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &I> {
        let first = self.first.iter().filter(|first| first.task.is_some());
        let rest = self
            .rest
            .iter()
            .flat_map(|rest| rest.order.iter().filter_map(|&index| rest.entries.get(index)));
        first.chain(rest).map(|entry| &entry.live.info)
    }

    /// Returns the tasks that wait, and the descriptions of all.
    pub(super) fn into_parts(self) -> (Vec<T>, Vec<Live<I>>) {
        let rest = self.rest.into_iter().flat_map(|rest| rest.entries);
        let entries = self.first.into_iter().chain(rest.map(|(_, entry)| entry));
        let (tasks, live): (Vec<_>, _) = entries.map(|entry| (entry.task, entry.live)).unzip();
        (tasks.into_iter().flatten().collect(), live)
    }
}

impl<T, I> Entry<T, I> {
    fn start(&mut self, now: Instant) -> Option<T> {
        let task = self.task.take()?;
        self.live.started = Some(now);
        Some(task)
    }
}

impl<T, I> Default for Roster<T, I> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, I> Default for Rest<T, I> {
    fn default() -> Self {
        Self { entries: Slab::new(), order: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(tasks: &[u32]) -> Roster<u32, u32> {
        let mut roster = Roster::new();
        for &task in tasks {
            roster.push(task, task);
        }
        roster
    }

    fn start(roster: &mut Roster<u32, u32>) -> Option<(usize, u32)> {
        roster.start_next(Instant::now())
    }

    #[test]
    fn tasks_start_in_the_order_in_which_they_came() {
        let mut roster = roster(&[1, 2, 3]);
        assert_eq!(start(&mut roster), Some((0, 1)));
        assert!(roster.remove(0).is_some());
        roster.push(4, 4);
        assert_eq!(roster.waiting().collect::<Vec<_>>(), [&2, &3, &4]);
        let started: Vec<_> =
            std::iter::from_fn(|| start(&mut roster)).map(|(_, task)| task).collect();
        assert_eq!(started, [2, 3, 4]);
    }

    #[test]
    fn a_task_has_a_key_of_its_own_until_it_is_removed() {
        let mut roster = roster(&[1, 2]);
        let keys = [1, 2].map(|_| start(&mut roster).expect("both wait").0);
        assert_eq!(keys.map(|key| roster.remove(key).map(|live| live.info)), [Some(1), Some(2)]);
        assert_eq!((roster.len(), roster.remove(keys[0]).is_some()), (0, false));
    }

    #[test]
    fn only_what_waits_can_be_removed_from_the_waiting() {
        let mut roster = roster(&[1, 2, 3]);
        assert_eq!(start(&mut roster), Some((0, 1)));
        let removed = roster.remove_waiting(|&info| info != 3);
        assert_eq!(removed.iter().map(|(task, _)| *task).collect::<Vec<_>>(), [2]);
        let (waiting, live) = roster.into_parts();
        assert_eq!((waiting, live.len()), (vec![3], 2));
    }
}
