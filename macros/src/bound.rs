//! The bound of the transitive check, which what is scheduled is handed through.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{FnArg, GenericParam, Path, ext::IdentExt as _};

use crate::model::{Function, Kind};

/// Puts tasks of one function under the bound.
pub(crate) struct Bound<'f> {
    runtime: &'f Path,
    /// A name that tells whose tasks they are: the compiler shows it.
    asks: Ident,
    /// What the tasks may have captured: a task is bound only if all of it is known to be without
    /// request. Of a type parameter of the `impl` around nothing is known, and nobody can say from
    /// here which types are such parameters.
    captured: Vec<TokenStream>,
    tasks: usize,
}

impl<'f> Bound<'f> {
    /// Returns `None` for a function with type parameters, of which nothing is known.
    pub(crate) fn of(function: &Function, kind: Kind, runtime: &'f Path) -> Option<Self> {
        let sig = &function.sig;
        let is_type = |param: &GenericParam| matches!(param, GenericParam::Type(_));
        if sig.generics.params.iter().any(is_type) || has_word(sig.inputs.to_token_stream(), "impl")
        {
            return None;
        }
        let mut captured: Vec<_> = sig.inputs.iter().filter_map(type_of).collect();
        if sig.receiver().is_some() || has_word(function.body.stream(), "Self") {
            captured.push(quote!(Self));
        }
        let name = format!("task_of_{}_{}", kind.name(), sig.ident.unraw());
        let asks = Ident::new(&name, sig.ident.span().resolved_at(Span::mixed_site()));
        Some(Self { runtime, asks, captured, tasks: 0 })
    }

    /// ```text
    /// Input:  refresh(id)
    /// Output: match (refresh(id)) {
    ///             task => {
    ///                 if false {
    ///                     fn task_of_component_page(_: impl WithoutRequest1) {}
    ///                     let known = (&Types::<(Id,)>::NEW).known();
    ///                     task_of_component_page(async {
    ///                         let code = (&Given::new(known, &task)).code();
    ///                         ready(()).await;
    ///                         drop(code);
    ///                     });
    ///                 }
    ///                 task
    ///             }
    ///         }
    /// ```
    ///
    /// `code` is what will be polled: the task, or what it returns. It is held by an async block
    /// since rustc looks at those last and together: the mistakes of some tasks would hide those
    /// of others. For the same reason each task has a trait of its own: a future that two lack is
    /// told once.
    pub(crate) fn around(&mut self, task: &TokenStream) -> TokenStream {
        let place = whole(task);
        let at = place.resolved_at(Span::mixed_site());
        let Self { runtime, asks, captured, .. } = self;
        let bound = format_ident!("WithoutRequest{}", self.tasks % TRAITS + 1, span = asks.span());
        self.tasks += 1;
        let transitive = located_at(at, quote!(#runtime::__private::transitive));
        // At the function's name, to which the compiler points with this one's.
        let asks_here = {
            let (at, transitive) = (asks.span(), located_at(asks.span(), transitive.clone()));
            quote_spanned!(at=> fn #asks(_: impl #transitive::#bound) {})
        };
        let asks = Ident::new(&asks.to_string(), at);
        let arm = quote_spanned! {at=>
            task => {
                if false {
                    use #transitive::{IsOfTypes as _, IsOther as _, IsTask as _, IsWithout as _};
                    #asks_here
                    let known = (&#transitive::Types::<(#(#captured,)*)>::NEW).known();
                    #asks(async {
                        let code = (&#transitive::Given::new(known, &task)).code();
                        ::core::future::ready(()).await;
                        ::core::mem::drop(code);
                    });
                }
                task
            }
        };
        // As if the user had typed it, or what else is wrong with the task would be reported at the
        // attribute.
        let matched = quote_spanned!(at=> (#task));
        quote_spanned!(place=> match #matched { #arm })
    }
}

/// How many traits there are; one function's tasks beyond that share them.
const TRAITS: usize = 16;

fn type_of(input: &FnArg) -> Option<TokenStream> {
    match input {
        FnArg::Typed(input) => Some(input.ty.to_token_stream()),
        FnArg::Receiver(_) => None,
    }
}

fn has_word(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => has_word(group.stream(), word),
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// From the first token to the last, where the compiler can tell; this needs a nightly one anyway.
fn whole(tokens: &TokenStream) -> Span {
    let mut spans = tokens.clone().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    spans.last().and_then(|last| first.join(last)).unwrap_or(first)
}

/// Moves tokens to that place, with the names that they mean.
pub(crate) fn located_at(at: Span, tokens: TokenStream) -> TokenStream {
    let located = tokens.into_iter().map(|mut token| {
        token.set_span(token.span().located_at(at));
        token
    });
    located.collect()
}
