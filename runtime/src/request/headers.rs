//! The request's headers.

use std::{fmt, ops::Deref, sync::Arc};

use http::HeaderMap;

/// The headers of the request, as they arrived at the layer.
///
/// A cheap clone of one shared map, which dereferences to [`HeaderMap`].
#[derive(Clone)]
pub struct Headers {
    map: Arc<HeaderMap>,
}

impl Headers {
    pub(crate) fn new(map: HeaderMap) -> Self {
        Self { map: Arc::new(map) }
    }
}

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        &self.map
    }
}

impl AsRef<HeaderMap> for Headers {
    fn as_ref(&self) -> &HeaderMap {
        self
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.map.fmt(f)
    }
}
