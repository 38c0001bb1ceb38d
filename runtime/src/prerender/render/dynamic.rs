//! Why a page is dynamic.

use std::{fmt, panic::Location};

use crate::scope::Lookup;

/// Why a page is dynamic.
#[derive(Clone, Copy, Debug)]
pub struct Dynamic {
    asked: Option<Lookup>,
}

impl Dynamic {
    pub(crate) const FORCED: Self = Self { asked: None };

    pub(crate) fn asked(lookup: Lookup) -> Self {
        Self { asked: Some(lookup) }
    }

    /// Returns the name of the request API that the page called; `None` if it was
    /// [forced](crate::prerender::SiteBuilder::force_dynamic) to be dynamic.
    #[must_use]
    pub fn api(&self) -> Option<&'static str> {
        self.asked.map(|lookup| lookup.api)
    }

    /// Returns where the page called it.
    #[must_use]
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.asked.map(|lookup| lookup.caller)
    }
}

impl fmt::Display for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.asked {
            Some(Lookup { api, caller }) => write!(f, "`{api}()` at {caller}"),
            None => f.write_str("forced"),
        }
    }
}
