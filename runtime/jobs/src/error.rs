//! The error of building a handle.

use std::{error::Error, fmt};

use riverqueue::BoxError;

/// Why a handle was not built: the program is wrong.
#[derive(Debug)]
pub struct BuildError(pub(crate) BoxError);

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for BuildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl From<riverqueue::Error> for BuildError {
    fn from(error: riverqueue::Error) -> Self {
        Self(error.into())
    }
}
