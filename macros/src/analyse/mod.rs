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
//! ```

mod block;
mod call;
mod expr;
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

use crate::{depth::is_flat, model::Handler};

/// Replaces each use that must not run in a task with its error, in place: the
/// compiler reports it there and says nothing of the types around it. A body
/// without mistakes keeps its tokens as they were typed.
pub(crate) fn put_errors_in_body(handler: &mut Handler) {
    let body = &handler.function.body;
    if !scan::may_be_wrong(body.stream(), handler.options.kind) || !is_flat(&body.stream()) {
        return;
    }
    // Half typed: rustc says so itself.
    let Ok(mut block) = syn::parse2::<Block>(body.to_token_stream()) else {
        return;
    };
    let errors = walk::errors(handler, &block);
    if !errors.is_empty() {
        place::put(errors, &mut block);
        let (stmts, span) = (&block.stmts, body.span());
        handler.function.body = Group::new(Delimiter::Brace, quote!(#(#stmts)*));
        handler.function.body.set_span(span);
    }
}

#[cfg(test)]
mod tests;
