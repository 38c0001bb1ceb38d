//! The arguments of a job, as they are stored.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::error::BoxError;

/// The arguments of a job, by their names.
#[derive(Debug, Default)]
pub struct Arguments {
    values: Map<String, Value>,
    /// The first one that could not be turned into JSON, and why.
    failed: Option<String>,
}

impl Arguments {
    /// Adds an argument.
    #[must_use]
    pub fn with<T: Serialize>(mut self, name: &'static str, value: &T) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.values.insert(name.to_owned(), value);
            }
            Err(error) => {
                self.failed.get_or_insert_with(|| format!("`{name}`: {error}"));
            }
        }
        self
    }

    /// Takes an argument out; what is not there is read as `null`, so that an `Option` may be
    /// added while jobs without it are stored.
    ///
    /// # Errors
    ///
    /// Fails if it is not of that type.
    pub fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, BoxError> {
        let stored = self.values.remove(name);
        let was_stored = stored.is_some();
        serde_json::from_value(stored.unwrap_or_default()).map_err(|error| {
            let what = if was_stored { "does not fit its type" } else { "is not stored" };
            format!("the argument `{name}` {what} ({error}): was the function changed?").into()
        })
    }

    pub(crate) fn into_stored(self) -> Result<Map<String, Value>, String> {
        self.failed.map_or(Ok(self.values), Err)
    }
}

impl From<Map<String, Value>> for Arguments {
    fn from(values: Map<String, Value>) -> Self {
        Self { values, failed: None }
    }
}
