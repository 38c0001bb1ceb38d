//! Where the running code stands, and how the user's code is run in its place.

mod current;
mod in_place;
mod kind;
#[cfg(feature = "leptos")]
mod leptos;
mod number;

pub use self::{
    current::Handler,
    kind::{Kind, ParseKindError},
};
pub(crate) use self::{
    current::{EnteredPlace, Place, TaskPlace, called, current, enter},
    in_place::{Context, Here, InPlace},
    number::Number,
};
