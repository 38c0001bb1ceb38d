//! Turns a [`Handler`] into code.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;

use crate::{
    body::{self, Body},
    bound::located_at,
    model::{Function, Handler, Kind, Shape},
};

/// Keeps all that stands before the body as it was typed, and marks the body.
pub(crate) fn handler(handler: &Handler) -> TokenStream {
    let function = &handler.function;
    let body = Body::of(function);
    let (head, body) = match function.shape {
        Shape::Async => (body.head(), async_body(handler, &body)),
        Shape::Sync => (function.head.clone(), sync_body(handler)),
        Shape::ReturnsFuture => (body.head(), future_body(handler, &body)),
        Shape::ReturnsBoxedFuture => (body.head(), boxed_future_body(handler, &body)),
    };
    let (attrs, body) = (&function.lifted, body::in_braces_of(&function.body, body));
    quote!(#(#attrs)* #head #body)
}

/// ```text
/// Input:  async fn shop(db: Db) -> Result<Page, Error> { Ok(page(db.load().await?)) }
/// Output: async fn shop(db: Db) -> Result<Page, Error> {
///             ({
///                 let body = async { let db = db; .. ({ Ok(page(db.load().await?)) }) };
///                 future(&Handler::new(..), body)
///             }).await
///         }
/// ```
///
/// The body is no argument of a call, or an editor would tell its signature in all of the body.
fn async_body(handler: &Handler, body: &Body<'_>) -> TokenStream {
    let at = at(&handler.function);
    let (runtime, about) = (runtime(handler, at), about(handler, at));
    let block = body.async_block(&runtime);
    quote_spanned! {at=>
        ({
            let body = #block;
            #runtime::__private::future(#about, body)
        }).await
    }
}

/// ```text
/// Input:  fn shop() -> Page { page() }
/// Output: fn shop() -> Page { let _guard = enter(&Handler::new(..)); page() }
/// ```
fn sync_body(handler: &Handler) -> TokenStream {
    let at = at(&handler.function);
    let (runtime, about) = (runtime(handler, at), about(handler, at));
    let statements = body::statements(&handler.function);
    quote_spanned! {at=>
        let _guard = #runtime::__private::enter(#about);
        #statements
    }
}

/// ```text
/// Input:  fn shop() -> impl Future<Output = Page> { let db = db(); async move { page(db) } }
/// Output: fn shop() -> impl Future<Output = Page> {
///             let handler = &Handler::new(..);
///             let future = call(|| -> _ {
///                 let _guard = enter(handler);
///                 ({ let db = db(); async move { page(db) } })
///             });
///             future(handler, future)
///         }
/// ```
///
/// The closure keeps `return` and `?` what they were. It is called by a function
/// that wants an `FnOnce`, so that the future may borrow from what it captured.
fn future_body(handler: &Handler, body: &Body<'_>) -> TokenStream {
    let at = at(&handler.function);
    let (runtime, about) = (runtime(handler, at), about(handler, at));
    let guard = quote_spanned! {at=>
        let _guard = #runtime::__private::enter(handler);
    };
    let closure = body.closure(&guard);
    quote_spanned! {at=>
        let handler = #about;
        let future = #runtime::__private::call(#closure);
        #runtime::__private::future(handler, future)
    }
}

/// ```text
/// Input:  fn shop() -> Pin<Box<dyn Future<Output = Page>>> { Box::pin(async { page() }) }
/// Output: fn shop() -> Pin<Box<dyn Future<Output = Page>>> {
///             let future = { .. };
///             Box::pin(future)
///         }
/// ```
fn boxed_future_body(handler: &Handler, body: &Body<'_>) -> TokenStream {
    let future = future_body(handler, body);
    quote_spanned! {at(&handler.function)=>
        let future = { #future };
        ::std::boxed::Box::pin(future)
    }
}

/// The path of the runtime, at that place.
fn runtime(handler: &Handler, at: Span) -> TokenStream {
    located_at(at, handler.options.runtime.to_token_stream())
}

/// At the brace that opens the body, with names that cannot clash with the user's. What an editor
/// knows of a token it shows wherever that token stands, so none stands on one of the user's names.
fn at(function: &Function) -> Span {
    function.body.span_open().resolved_at(Span::mixed_site())
}

/// ```text
/// Output: const { &Handler::new(Kind::Route, "shop", Some(Duration::new(30, 0))) }
/// ```
fn about(handler: &Handler, at: Span) -> TokenStream {
    let runtime = runtime(handler, at);
    let kind = match handler.options.kind {
        Kind::Component => quote!(Component),
        Kind::Metadata => quote!(Metadata),
        Kind::Route => quote!(Route),
        Kind::ServerFn => quote!(ServerFn),
        Kind::Middleware => quote!(Middleware),
        Kind::Job => quote!(Job),
    };
    let name = handler.function.sig.ident.unraw().to_string();
    let max_duration = duration(handler.options.max_duration);
    quote_spanned! {at=>
        const {
            &#runtime::__private::Handler::new(
                #runtime::__private::Kind::#kind,
                #name,
                #max_duration,
            )
        }
    }
}

/// An `Option<Duration>` as code.
pub(crate) fn duration(duration: Option<Duration>) -> TokenStream {
    duration.map_or_else(
        || quote!(::core::option::Option::None),
        |duration| {
            let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
            quote!(::core::option::Option::Some(::core::time::Duration::new(#seconds, #nanos)))
        },
    )
}
