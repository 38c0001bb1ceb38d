//! What an annotated function is, once it has been understood.

use std::time::Duration;

use proc_macro2::{Group, TokenStream};
use syn::{Attribute, Path, Signature, Visibility};

/// A function that can be expanded: no stage that takes one can fail.
pub(crate) struct Handler {
    pub(crate) options: Options,
    pub(crate) function: Function,
}

/// What the arguments of the attribute say.
pub(crate) struct Options {
    pub(crate) kind: Kind,
    pub(crate) max_duration: Option<Duration>,
    /// Where the runtime is found: `::with_after`, or what `crate = ..` names.
    pub(crate) runtime: Path,
}

/// What the function is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Component,
    Metadata,
    Route,
    ServerFn,
    Middleware,
    /// That of `#[job]`, which has no name in `#[with_after]`.
    Job,
}

impl Kind {
    /// Those that `#[with_after]` takes.
    pub(crate) const ALL: [Self; 5] =
        [Self::Component, Self::Metadata, Self::Route, Self::ServerFn, Self::Middleware];

    /// The kind as it is written in the attribute.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Metadata => "metadata",
            Self::Route => "route",
            Self::ServerFn => "server_fn",
            Self::Middleware => "middleware",
            Self::Job => "job",
        }
    }

    /// Whether the request can still be read in the tasks that it schedules.
    pub(crate) fn tasks_may_read_request(self) -> bool {
        !matches!(self, Self::Component | Self::Metadata | Self::Job)
    }
}

/// A function whose body is still the tokens that the user typed.
pub(crate) struct Function {
    /// All that stands before the body, as it was typed.
    pub(crate) head: TokenStream,
    /// Attributes that stood inside of the body.
    pub(crate) lifted: Vec<Attribute>,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// In its braces.
    pub(crate) body: Group,
    pub(crate) shape: Shape,
}

/// Decides how the body is marked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `async fn`.
    Async,
    /// `fn` that is done when it returns.
    Sync,
    /// `fn .. -> impl Future`: goes on when it has returned.
    ReturnsFuture,
    /// `fn .. -> Pin<Box<dyn Future>>`.
    ReturnsBoxedFuture,
}
