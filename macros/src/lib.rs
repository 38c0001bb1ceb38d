//! The attributes of the `with-after` crate, which re-exports and documents them.

use proc_macro::TokenStream;

mod analyse;
mod args;
mod body;
mod bound;
mod cache;
mod depth;
mod duration;
mod expand;
mod fallback;
mod inner;
mod item;
mod job;
mod model;
mod nearest;
mod parameters;
mod pipeline;

/// Marks a function whose scheduled work runs after the response is finished.
#[proc_macro_attribute]
pub fn with_after(args: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::with_after(args.into(), &item.into()).into()
}

/// Memoises a function by its arguments within one scope.
#[proc_macro_attribute]
pub fn cache(args: TokenStream, item: TokenStream) -> TokenStream {
    cache::cache(args.into(), &item.into()).into()
}

/// Marks a function whose calls can be stored and run later: see `with-after-jobs`.
#[proc_macro_attribute]
pub fn job(args: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::job(args.into(), &item.into()).into()
}

/// [`macro@with_after`] with the transitive check, which `with-after` exports in its place where it
/// is built for it.
#[proc_macro_attribute]
pub fn with_after_transitive(args: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::with_after_transitive(args.into(), &item.into()).into()
}

/// [`macro@job`] with the transitive check.
#[proc_macro_attribute]
pub fn job_transitive(args: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::job_transitive(args.into(), &item.into()).into()
}

#[cfg(test)]
mod tests;
