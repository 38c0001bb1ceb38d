//! What holds for all tasks of a layer.

use std::{fmt, sync::Arc, time::Duration};

use super::platform::Platform;
use crate::work::{Lineage, TaskFailure};

pub(crate) type OnFailure = Arc<dyn Fn(&TaskFailure) + Send + Sync>;

/// What holds for all tasks of a layer.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) hosting: Hosting,
    /// That of the server whose connection has this policy to itself.
    pub(crate) server: Option<Arc<dyn Platform>>,
    pub(crate) max_duration: Option<Duration>,
    pub(crate) on_failure: Option<OnFailure>,
    pub(crate) lineage: Lineage,
}

/// Which platform gets the work.
#[derive(Clone)]
pub(crate) enum Hosting {
    Given(Arc<dyn Platform>),
    /// That of the server which announces itself in the request, else this one.
    Announced {
        otherwise: fn() -> &'static dyn Platform,
    },
}

impl Policy {
    /// Returns the policy without a limit of time and without a hook.
    pub(crate) fn new(hosting: Hosting) -> Self {
        Self {
            hosting,
            server: None,
            max_duration: None,
            on_failure: None,
            lineage: Lineage::default(),
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let platform = match self.hosting {
            Hosting::Given(_) => "given",
            Hosting::Announced { .. } => "the server's",
        };
        f.debug_struct("Policy")
            .field("platform", &platform)
            .field("server", &self.server.is_some())
            .field("max_duration", &self.max_duration)
            .field("on_failure", &self.on_failure.is_some())
            .field("lineage", &self.lineage)
            .finish()
    }
}
