//! The sites of the process.

use std::sync::{Arc, LazyLock, Weak};

use super::Store;
use crate::sync::{Mutex, lock};

static SITES: LazyLock<Mutex<Vec<Weak<Store>>>> = LazyLock::new(Mutex::default);

/// Lets a site be found by revalidations, for as long as it lives.
pub(crate) fn add_site(store: &Arc<Store>) {
    let mut sites = lock(&SITES);
    sites.retain(|site| site.strong_count() > 0);
    sites.push(Arc::downgrade(store));
}

/// Returns the sites that live.
pub(crate) fn sites() -> Vec<Arc<Store>> {
    lock(&SITES).iter().filter_map(Weak::upgrade).collect()
}
