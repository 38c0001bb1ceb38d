//! What workers lend to the jobs that they run.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    sync::Arc,
};

use crate::error::BoxError;

/// What workers lend to the jobs that they run: one value of each type.
#[derive(Clone, Default)]
pub struct State {
    values: Arc<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
}

impl State {
    /// Returns the value of a type.
    ///
    /// # Errors
    ///
    /// Fails if there is none, which `WorkersBuilder::build` has ruled out.
    pub fn lend<T: Any + Send + Sync>(&self) -> Result<&T, BoxError> {
        let value = self.values.get(&TypeId::of::<T>()).and_then(|value| value.downcast_ref());
        value.ok_or_else(|| format!("the workers do not have a `{}`", type_name::<T>()).into())
    }

    /// Adds the name of a type to `missing`, if there is no value of it.
    pub fn note_missing<T: Any + Send + Sync>(&self, missing: &mut Vec<&'static str>) {
        if !self.values.contains_key(&TypeId::of::<T>()) {
            missing.push(type_name::<T>());
        }
    }

    /// Adds a value, in the place of any other of its type.
    pub(crate) fn insert<T: Any + Send + Sync>(&mut self, value: T) {
        // Shared only once the workers run, when nothing is added any more.
        if let Some(values) = Arc::get_mut(&mut self.values) {
            values.insert(TypeId::of::<T>(), Box::new(value));
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("values", &self.values.len()).finish()
    }
}
