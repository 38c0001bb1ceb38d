//! What a scope keeps of its request.

mod cookies;
mod head;
mod headers;

pub use self::{cookies::Cookies, headers::Headers};
pub(crate) use self::{cookies::Jar, head::Head};
