//! What an expression holds, as far as it matters here.

use std::collections::BTreeSet;

use super::names::Api;

/// The number of a use, in the order in which they were found.
pub(super) type UseId = usize;

#[derive(Clone, Default, PartialEq)]
pub(super) enum Value {
    #[default]
    Other,
    /// A request API as a function, and the use that names it where it is not called.
    Api { api: Api, named: Option<UseId> },
    /// `after` or `try_after`.
    Schedule,
    /// `task`.
    Task,
    /// What `task("name")` returns.
    Builder,
    /// The cookies of the request, and the use that read them.
    Jar(UseId),
    /// A closure, a function or a future.
    Work(Work),
}

impl Value {
    /// What may be held where one of two values is.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Work(one), Self::Work(two)) => Self::Work(one.and(two)),
            (Self::Other, value) | (value, _) => value,
        }
    }

    pub(super) fn into_work(self) -> Work {
        match self {
            Self::Work(work) => work,
            // Whoever gets the function calls it.
            Self::Api { api, named: Some(id) } => {
                Work { called: [id].into(), jar: api.gives_jar().then_some(id), ..Work::default() }
            }
            _ => Work::default(),
        }
    }
}

/// Code that is written here and runs elsewhere.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Work {
    /// What is used when it is called.
    pub(super) called: BTreeSet<UseId>,
    /// What is used when it, or what it returns, is awaited.
    pub(super) awaited: BTreeSet<UseId>,
    /// The use that reads the jar which comes out in the end.
    pub(super) jar: Option<UseId>,
}

impl Work {
    pub(super) fn and(mut self, other: Self) -> Self {
        self.called.extend(other.called);
        self.awaited.extend(other.awaited);
        self.jar = self.jar.or(other.jar);
        self
    }

    pub(super) fn uses(&self) -> impl Iterator<Item = UseId> {
        self.called.iter().chain(&self.awaited).copied()
    }

    pub(super) fn after_call(&self) -> Value {
        match self.jar {
            Some(jar) if self.awaited.is_empty() => Value::Jar(jar),
            _ => Value::Work(Self { called: BTreeSet::new(), ..self.clone() }),
        }
    }

    pub(super) fn after_await(&self) -> Value {
        self.jar.map_or(Value::Other, Value::Jar)
    }
}
