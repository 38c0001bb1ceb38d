//! From a component to what is kept of it.

mod dom;
mod dynamic;
mod kept;
mod markup;
mod pieces;
mod run;
mod scopes;
mod suspense;

pub use self::{
    dynamic::Dynamic,
    suspense::{Suspense, suspense},
};
pub(crate) use self::{
    kept::{Kept, Whole},
    markup::{is_closed, opening},
    pieces::Piece,
    run::{Text, in_net, render},
    scopes::{Host, RequestScope, TasksOfBuild, spawn_work},
    suspense::{Hole, collect},
};
