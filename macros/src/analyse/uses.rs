//! Sets of uses. A set is a number, and two are united in one step, however large they are; what
//! is in one is asked for once, at the end, when all functions have been read.

use std::collections::HashSet;

/// The number of a use, in the order in which they were found.
pub(super) type UseId = usize;

/// The number of a function inside of the body.
pub(super) type FunctionId = usize;

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Uses(Option<usize>);

#[derive(Clone, Copy)]
enum Set {
    Use(UseId),
    /// What a function uses when it is called, or its future awaited.
    Body(FunctionId),
    /// What is used by the work that a function returns.
    Result(FunctionId),
    Both(Uses, Uses),
}

#[derive(Default)]
pub(super) struct Sets {
    sets: Vec<Set>,
    /// By function: what it uses, and what the work uses that it returns.
    functions: Vec<(Uses, Uses)>,
}

impl Sets {
    pub(super) fn one(&mut self, id: UseId) -> Uses {
        self.add(Set::Use(id))
    }

    pub(super) fn body_of(&mut self, function: FunctionId) -> Uses {
        self.add(Set::Body(function))
    }

    pub(super) fn result_of(&mut self, function: FunctionId) -> Uses {
        self.add(Set::Result(function))
    }

    pub(super) fn both(&mut self, one: Uses, two: Uses) -> Uses {
        match (one, two) {
            (Uses(None), uses) | (uses, Uses(None)) => uses,
            (one, two) if one == two => one,
            (one, two) => self.add(Set::Both(one, two)),
        }
    }

    pub(super) fn new_function(&mut self) -> FunctionId {
        self.functions.push((Uses::default(), Uses::default()));
        self.functions.len() - 1
    }

    pub(super) fn function_is(&mut self, function: FunctionId, body: Uses, result: Uses) {
        self.functions[function] = (body, result);
    }

    /// Returns the uses in a set, but for those in sets that were `seen` before.
    pub(super) fn members(&self, uses: Uses, seen: &mut HashSet<usize>) -> Vec<UseId> {
        let mut members = Vec::new();
        let mut open = vec![uses];
        while let Some(Uses(set)) = open.pop() {
            let Some(set) = set.filter(|set| seen.insert(*set)) else { continue };
            match self.sets[set] {
                Set::Use(id) => members.push(id),
                Set::Body(function) => open.push(self.functions[function].0),
                Set::Result(function) => open.push(self.functions[function].1),
                Set::Both(one, two) => open.extend([two, one]),
            }
        }
        members
    }

    fn add(&mut self, set: Set) -> Uses {
        self.sets.push(set);
        Uses(Some(self.sets.len() - 1))
    }
}
