//! Collections whose first element needs no allocation: most requests schedule one task.

use std::collections::VecDeque;

use slab::Slab;

/// A queue: first in, first out.
#[derive(Debug)]
pub(super) struct Fifo<T> {
    /// Older than all of `rest`.
    first: Option<T>,
    rest: VecDeque<T>,
}

/// A set of elements, each with a key of its own for as long as it is in.
#[derive(Debug)]
pub(super) struct Roster<T> {
    /// Has the key 0.
    first: Option<T>,
    /// Have their own keys, increased by one.
    rest: Slab<T>,
}

impl<T> Fifo<T> {
    pub(super) fn new() -> Self {
        Self { first: None, rest: VecDeque::new() }
    }

    pub(super) fn push(&mut self, element: T) {
        if self.first.is_none() && self.rest.is_empty() {
            self.first = Some(element);
        } else {
            self.rest.push_back(element);
        }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        self.first.take().or_else(|| self.rest.pop_front())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(&self.rest)
    }
}

impl<T> IntoIterator for Fifo<T> {
    type Item = T;
    type IntoIter =
        std::iter::Chain<std::option::IntoIter<T>, std::collections::vec_deque::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.rest)
    }
}

impl<T> Extend<T> for Fifo<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        elements.into_iter().for_each(|element| self.push(element));
    }
}

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Roster<T> {
    pub(super) fn new() -> Self {
        Self { first: None, rest: Slab::new() }
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    pub(super) fn insert(&mut self, element: T) -> usize {
        if self.first.is_none() {
            self.first = Some(element);
            return 0;
        }
        self.rest.insert(element) + 1
    }

    pub(super) fn get(&self, key: usize) -> Option<&T> {
        match key.checked_sub(1) {
            None => self.first.as_ref(),
            Some(key) => self.rest.get(key),
        }
    }

    pub(super) fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        match key.checked_sub(1) {
            None => self.first.as_mut(),
            Some(key) => self.rest.get_mut(key),
        }
    }

    pub(super) fn remove(&mut self, key: usize) -> Option<T> {
        match key.checked_sub(1) {
            None => self.first.take(),
            Some(key) => self.rest.try_remove(key),
        }
    }

    pub(super) fn into_elements(self) -> impl Iterator<Item = T> {
        self.first.into_iter().chain(self.rest.into_iter().map(|(_, element)| element))
    }
}

impl<T> Default for Roster<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifo_keeps_the_order_across_its_first_element() {
        let mut fifo = Fifo::new();
        fifo.extend([1, 2, 3]);
        assert_eq!(fifo.pop(), Some(1));
        fifo.push(4);
        assert_eq!(fifo.iter().collect::<Vec<_>>(), [&2, &3, &4]);
        assert_eq!(fifo.into_iter().collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn a_roster_gives_each_element_a_key_of_its_own() {
        let mut roster = Roster::new();
        let keys = ["a", "b", "c"].map(|element| roster.insert(element));
        assert_eq!(keys.map(|key| roster.get(key).copied()), [Some("a"), Some("b"), Some("c")]);
        assert_eq!(roster.remove(keys[0]), Some("a"));
        assert_eq!(roster.remove(keys[0]), None);
        let again = roster.insert("d");
        assert_eq!((roster.len(), roster.get(again)), (3, Some(&"d")));
    }
}
