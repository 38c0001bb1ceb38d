//! Turns a function that can be memoised into code.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;

use super::{args::Options, check::Argument};
use crate::{
    body::{self, Body, output_without_impl},
    model::{Function, Shape},
};

/// Keeps the function's attributes, visibility and signature, and asks the scope before the body
/// runs.
///
/// ```text
/// Input:  async fn user(id: u64, name: &str) -> User { load(id, name).await }
/// Output: async fn user(id: u64, name: &str) -> User {
///             let cell = async_cell("user", || (), || vec![key(&id), key(name)]);
///             cell.run(async { let id = id; let name = name; .. load(id, name).await }).await
///         }
/// Input:  fn price(id: u64) -> u32 { look_up(id) }
/// Output: fn price(id: u64) -> u32 {
///             let cell = sync_cell("price", || (), || vec![key(&id)]);
///             cell.call(|| -> u32 { let id = id; ({ look_up(id) }) })
///         }
/// ```
///
/// The first closure stands for the function: its type is another one for each choice of the
/// generics, also of those around the function.
pub(super) fn function(
    options: &Options,
    function: &Function,
    arguments: &[Argument],
) -> TokenStream {
    let Options { runtime, .. } = options;
    let Function { lifted, sig, shape, .. } = function;
    let name = sig.ident.unraw().to_string();
    let key = key(options, arguments);
    let value = output_without_impl(&sig.output);

    let body = Body::of(function);
    let head = body.head();
    let body = if *shape == Shape::Async {
        let block = body.async_block(&runtime.to_token_stream());
        quote_spanned! {Span::mixed_site()=>
            #[allow(clippy::used_underscore_binding)]
            let cell = #runtime::__private::async_cell::<_, #value>(#name, || (), #key);
            cell.run(#block).await
        }
    } else {
        let closure = body.closure(&TokenStream::new());
        quote_spanned! {Span::mixed_site()=>
            #[allow(clippy::used_underscore_binding)]
            let cell = #runtime::__private::sync_cell::<_, #value>(#name, || (), #key);
            cell.call(#closure)
        }
    };
    let body = body::in_braces_of(&function.body, body);
    quote!(#(#lifted)* #head #body)
}

/// The arguments as values that can be kept; what one of them lacks is missed where it stands.
fn key(options: &Options, arguments: &[Argument]) -> TokenStream {
    let runtime = &options.runtime;
    let keys = arguments.iter().map(|Argument { name, is_reference }| {
        let reference = (!is_reference).then(|| quote_spanned!(name.span()=> &));
        quote_spanned!(Span::mixed_site()=> #runtime::__private::key(#reference #name))
    });
    quote_spanned!(Span::mixed_site()=> || ::std::vec![#(#keys),*])
}
