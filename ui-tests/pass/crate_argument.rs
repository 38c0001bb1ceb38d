#![deny(warnings)]

pub mod framework {
    pub use with_after as background;
}

#[with_after::with_after(component, crate = framework::background)]
pub async fn page() {}

#[with_after::with_after(crate = crate::crate_argument::framework::background)]
pub fn sync_page() {}

#[with_after::with_after(crate = ::with_after)]
pub async fn shop() {}
