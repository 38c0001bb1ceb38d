//! Finds what may not run in a task: request APIs in the tasks of components,
//! and cookie writes in any task.
//!
//! ```text
//! scan      may there be anything at all? most bodies end here, unparsed
//! names     what a name means where it stands: scopes, imports, shadowing
//! value     what an expression holds: a request API, the jar, work yet to run, its parts
//! uses      sets of uses: what runs where some work runs
//! walk      reads the body once; a scheduling call refuses the work it is handed
//!           (block, expr, call, pattern, tokens: the parts of the language;
//!           run: what becomes of a value)
//! message   what the user reads
//! place     puts each error where the use stands
//! handed    puts each task under the bound of the transitive check
//! ```

mod block;
mod call;
mod expr;
mod handed;
mod message;
mod names;
mod pattern;
mod place;
mod run;
mod scan;
mod tokens;
mod uses;
mod value;
mod walk;

use proc_macro2::{Delimiter, Group};
use quote::{ToTokens, quote};
use syn::Block;

use crate::{
    bound::Bound,
    depth::is_flat,
    model::{Function, Handler},
};

/// Replaces each use that must not run in a task with its error, in place: the
/// compiler reports it there and says nothing of the types around it. A body
/// without mistakes keeps its tokens as they were typed. Returns whether there was a mistake.
pub(crate) fn put_errors_in_body(handler: &mut Handler) -> bool {
    let body = handler.function.body.stream();
    if !scan::may_be_wrong(body, handler.options.kind) {
        return false;
    }
    let Some(mut block) = parsed(handler) else { return false };
    let errors = walk::errors(handler, &block);
    let found = !errors.is_empty();
    if found {
        place::put(errors, &mut block);
        put_body(&mut handler.function, &block);
    }
    found
}

/// Has the compiler look at what is called in the tasks, too, where they cannot read the request.
///
/// A mistake that was found by its name is told once: the compiler looks no further in such a
/// function.
pub(crate) fn put_tasks_under_bound(handler: &mut Handler) {
    if handler.options.kind.tasks_may_read_request()
        || !scan::schedules(handler.function.body.stream())
    {
        return;
    }
    let Some(mut block) = parsed(handler) else { return };
    let Handler { options, function } = &*handler;
    let Some(bound) = Bound::of(function, options.kind, &options.runtime) else { return };
    handed::put_under_bound(walk::handed(handler, &block), bound, &mut block);
    put_body(&mut handler.function, &block);
}

fn parsed(handler: &Handler) -> Option<Block> {
    let body = &handler.function.body;
    if !is_flat(&body.stream()) {
        return None;
    }
    // Half typed: rustc says so itself.
    syn::parse2(body.to_token_stream()).ok()
}

fn put_body(function: &mut Function, block: &Block) {
    let (stmts, span) = (&block.stmts, function.body.span());
    function.body = Group::new(Delimiter::Brace, quote!(#(#stmts)*));
    function.body.set_span(span);
}

#[cfg(test)]
mod tests;
