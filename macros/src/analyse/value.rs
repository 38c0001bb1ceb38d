//! What an expression holds, as far as it matters here.

use std::rc::Rc;

use super::{
    names::Api,
    uses::{FunctionId, UseId, Uses},
};

#[derive(Clone, Default)]
pub(super) enum Value {
    /// Nothing that matters.
    #[default]
    Data,
    /// A request API as a function, and the use that names it where it is not called.
    Api { api: Api, named: Uses },
    /// `after` or `try_after`.
    Schedule,
    /// `task`.
    Task,
    /// What `task("name")` returns.
    Builder,
    /// The cookies of the request, and the use that read them.
    Jar(UseId),
    /// A closure, a function or a future: code that is written here and has yet to run.
    Work(Work),
    /// What came out of code that was given futures, and that we cannot look into: a future around
    /// them, or what they resolved to.
    CameFrom(Uses),
    /// What a function returns that has not been read to its end.
    Returned(FunctionId),
    /// A tuple or a struct: only the part that is work is work. What merely wraps one value, as
    /// `Some`, `Box` or an array do, is that value.
    Parts(Rc<[Part]>),
}

#[derive(Clone)]
pub(super) struct Part {
    /// `0` in a tuple.
    pub(super) name: String,
    pub(super) value: Value,
}

#[derive(Clone)]
pub(super) struct Work {
    pub(super) begins: Begins,
    /// What is used when it runs.
    pub(super) uses: Uses,
    /// What comes out then, which may be work again.
    pub(super) result: Rc<Value>,
}

/// What makes work run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    OnCall,
    OnAwait,
}

impl Value {
    pub(super) fn called(uses: Uses, result: Self) -> Self {
        Self::Work(Work { begins: Begins::OnCall, uses, result: Rc::new(result) })
    }

    pub(super) fn awaited(uses: Uses, result: Self) -> Self {
        Self::Work(Work { begins: Begins::OnAwait, uses, result: Rc::new(result) })
    }

    /// The members of a tuple.
    pub(super) fn tuple(values: impl Iterator<Item = Self>) -> Self {
        let part = |(index, value): (usize, Self)| Part { name: index.to_string(), value };
        Self::Parts(values.enumerate().map(part).collect())
    }

    /// What this yields one by one: work, if it holds some, but cookies are no jars.
    pub(super) fn elements(self) -> Self {
        if let Self::Jar(_) = self { Self::Data } else { self }
    }

    /// A member of this; a whole that is not known may be any of its members.
    pub(super) fn part(&self, name: &str) -> Self {
        match self {
            Self::Parts(parts) => {
                let part = parts.iter().find(|part| part.name == name);
                part.map_or(Self::Data, |part| part.value.clone())
            }
            Self::Jar(_) => Self::Data,
            whole => whole.clone(),
        }
    }
}
