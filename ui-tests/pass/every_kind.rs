#![deny(warnings)]

use with_after::{after, with_after};

#[with_after(component)]
pub async fn page() {
    after(async {});
}

#[with_after(metadata)]
pub async fn title() {
    after(async {});
}

#[with_after(route)]
pub async fn shop() {
    after(async {});
}

#[with_after(server_fn)]
pub async fn save() {
    after(async {});
}

#[with_after(middleware)]
pub async fn log() {
    after(async {});
}
