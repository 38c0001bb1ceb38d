//! What one request owns, and how running code finds it.

mod blocking;
mod current;
mod handle;
mod memo;
mod origin;
mod prerender;
mod schedule;
mod spare;
mod state;

pub use self::handle::Scope;
#[cfg(feature = "prerender")]
pub(crate) use self::prerender::Prerender;
pub(crate) use self::{
    current::{EnteredScope, called, current, enter},
    handle::in_scope,
    memo::{Argument, Key, is_comparing},
    origin::Origin,
    prerender::Lookup,
    spare::{close, open, open_request},
    state::ScopeState,
};
