//! What is lent to a job while it runs.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use riverqueue::{BoxError, Client, JobRow, WorkContext};

/// What is lent to all jobs: one value of each type.
#[derive(Default)]
pub(crate) struct State {
    values: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
}

/// What is lent to one run of a job: the state, and what River says of the run.
#[derive(Debug)]
pub struct Lent {
    pub(crate) state: Arc<State>,
    pub(crate) context: WorkContext,
    pub(crate) row: JobRow,
    pub(crate) client: Option<Client>,
}

/// A type of which a job borrows a value.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    id: TypeId,
    name: &'static str,
}

impl Need {
    /// Creates the need for a `&T`.
    #[must_use]
    pub fn of<T: Any>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }

    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    /// Returns whether it is River's context, by which a job is told to stop.
    pub(crate) fn is_context(self) -> bool {
        self.id == TypeId::of::<WorkContext>()
    }

    fn is_of_the_run(self) -> bool {
        let of_the_run = [TypeId::of::<JobRow>(), TypeId::of::<Client>()];
        self.is_context() || of_the_run.contains(&self.id)
    }
}

impl State {
    /// Adds a value, in the place of any other of its type.
    pub(crate) fn insert<T: Any + Send + Sync>(&mut self, value: T) {
        self.values.insert(TypeId::of::<T>(), Box::new(value));
    }

    pub(crate) fn satisfies(&self, need: Need) -> bool {
        need.is_of_the_run() || self.values.contains_key(&need.id)
    }
}

impl Lent {
    /// Returns the value of a type.
    ///
    /// # Errors
    ///
    /// Fails if there is none, which `JobsBuilder::build` has ruled out.
    pub fn lend<T: Any + Send + Sync>(&self) -> Result<&T, BoxError> {
        let client = self.client.as_ref().map(|client| client as &dyn Any);
        let of_the_run = [Some(&self.context as &dyn Any), Some(&self.row), client];
        let of_the_run = of_the_run.into_iter().flatten().find_map(|value| value.downcast_ref());
        let of_all = || self.state.values.get(&TypeId::of::<T>())?.downcast_ref();
        let value = of_the_run.or_else(of_all);
        value.ok_or_else(|| format!("nobody has lent a `{}`", type_name::<T>()).into())
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("values", &self.values.len()).finish()
    }
}
