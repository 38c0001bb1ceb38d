//! What a scope keeps of its request.

mod cookies;
mod head;
mod headers;
mod jar;

pub use self::{cookies::Cookies, headers::Headers};
pub(crate) use self::{head::Head, jar::Jar};
