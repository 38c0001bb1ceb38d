//! What becomes of a value: it is called, awaited, handed over, or one of two.

use std::rc::Rc;

use super::{
    uses::Uses,
    value::{Begins, Part, Value, Work},
    walk::Walk,
};

impl Walk<'_> {
    /// All that is used by the work that a value holds: what a closure returns is awaited, but the
    /// output of a future is only an output.
    pub(super) fn reach(&mut self, value: &Value) -> Uses {
        match value {
            Value::Work(work) if work.begins == Begins::OnAwait => work.uses,
            Value::Work(work) => {
                let result = self.reach(&work.result);
                self.sets.both(work.uses, result)
            }
            Value::Api { named: uses, .. } | Value::CameFrom(uses) => *uses,
            Value::Returned(function) => self.sets.result_of(*function),
            Value::Parts(parts) => parts.iter().fold(Uses::default(), |uses, part| {
                let more = self.reach(&part.value);
                self.sets.both(uses, more)
            }),
            Value::Data | Value::Schedule | Value::Task | Value::Builder | Value::Jar(_) => {
                Uses::default()
            }
        }
    }

    /// The value is called here, and returns this.
    pub(super) fn called(&mut self, value: &Value) -> Value {
        self.begun(value, Begins::OnCall)
    }

    /// The value is awaited here, and resolves to this.
    pub(super) fn awaited(&mut self, value: &Value) -> Value {
        self.begun(value, Begins::OnAwait)
    }

    fn begun(&mut self, value: &Value, begins: Begins) -> Value {
        match value {
            Value::Work(work) if work.begins == begins => {
                self.runs(work.uses);
                self.settled(&work.result)
            }
            // It may be behind a `Deref`, or an `IntoFuture`.
            value => {
                let uses = self.reach(value);
                self.runs(uses);
                Value::Data
            }
        }
    }

    /// What a function returns is known once the function has been read.
    fn settled(&self, value: &Value) -> Value {
        match value {
            Value::Returned(function) => self.returned.get(function).unwrap_or(value).clone(),
            value => value.clone(),
        }
    }

    /// The value is given to code that we cannot look into: it may call it, or await it, now. What
    /// that returns may hold futures; a closure has done its work.
    pub(super) fn given_away(&mut self, value: &Value) -> Uses {
        match value {
            Value::CameFrom(_) | Value::Returned(_) => self.reach(value),
            Value::Parts(parts) => parts.iter().fold(Uses::default(), |uses, part| {
                let more = self.given_away(&part.value);
                self.sets.both(uses, more)
            }),
            Value::Work(work) => {
                self.runs(work.uses);
                let result = self.given_away(&work.result);
                match work.begins {
                    Begins::OnCall => result,
                    Begins::OnAwait => self.sets.both(work.uses, result),
                }
            }
            value => {
                let uses = self.reach(value);
                self.runs(uses);
                Uses::default()
            }
        }
    }

    /// What may be held where one of two values is.
    pub(super) fn either(&mut self, one: Value, two: Value) -> Value {
        match (one, two) {
            (Value::Data, value)
            | (value, Value::Data)
            | (value @ (Value::Schedule | Value::Task | Value::Builder | Value::Jar(_)), _) => {
                value
            }
            (Value::Work(one), Value::Work(two)) if one.begins == two.begins => {
                let uses = self.sets.both(one.uses, two.uses);
                let result = self.either(one.result.as_ref().clone(), two.result.as_ref().clone());
                Value::Work(Work { begins: one.begins, uses, result: Rc::new(result) })
            }
            (Value::Parts(one), Value::Parts(two)) if one.len() == two.len() => {
                let parts = one.iter().zip(two.iter()).map(|(one, two)| Part {
                    name: one.name.clone(),
                    value: self.either(one.value.clone(), two.value.clone()),
                });
                Value::Parts(parts.collect())
            }
            (Value::Api { api, named: one }, Value::Api { named: two, .. }) => {
                Value::Api { api, named: self.sets.both(one, two) }
            }
            (one, two) => {
                let (one, two) = (self.reach(&one), self.reach(&two));
                Value::CameFrom(self.sets.both(one, two))
            }
        }
    }
}
