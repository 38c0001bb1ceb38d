//! Whose code a page of Leptos runs when its components have returned.

use reactive_graph::owner::{Owner, provide_context, use_context};

use super::current::Handler;

/// The component of a page that was called last.
#[derive(Clone, Copy)]
struct LastComponent(&'static Handler);

/// Keeps `handler` for what its page renders later: the closures of its view, and what is suspended.
///
/// It is kept at the root of the page, which stands above the owners of all its parts: a component has
/// none of its own.
pub(super) fn called(handler: &'static Handler) {
    let Some(mut owner) = Owner::current().filter(|_| handler.kind.renders()) else { return };
    while let Some(parent) = owner.parent() {
        owner = parent;
    }
    owner.with(|| provide_context(LastComponent(handler)));
}

/// Returns the component that rendering code belongs to; `None` where it is not known to be rendered.
///
/// Leptos leaves the root of a page on its thread as the current owner: it says nothing of the code
/// that runs there later. Below the root stand routes, and what is suspended.
pub(super) fn component() -> Option<&'static Handler> {
    let is_root = Owner::current()?.parent().is_none();
    use_context::<LastComponent>().filter(|_| !is_root).map(|component| component.0)
}
