#![deny(warnings)]

use with_after::with_after;

#[with_after(max_duration = "250ms")]
pub async fn a() {}

#[with_after(component, max_duration = "30s")]
pub async fn b() {}

#[with_after(max_duration = "5m", route)]
pub async fn c() {}

#[with_after(route, max_duration = "1h 30m")]
pub async fn d() {}

#[with_after(max_duration = 30)]
pub async fn e() {}
