//! Turns a [`Handler`] into code.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{ReturnType, Type, ext::IdentExt, spanned::Spanned, visit_mut::VisitMut};

use crate::model::{Handler, Kind, Shape};

/// Keeps the function's attributes, visibility and signature, and marks its body.
///
/// The body keeps its braces too: rustc points at them where something is missing.
/// Parentheses stand around, or a body of one line would be called a needless block.
pub(crate) fn handler(handler: &Handler) -> TokenStream {
    let function = &handler.function;
    let body = match function.shape {
        Shape::Async => async_body(handler),
        Shape::Sync => sync_body(handler),
        Shape::ReturnsFuture => future_body(handler),
        Shape::ReturnsBoxedFuture => boxed_future_body(handler),
    };

    let (attrs, vis, modifier, sig) =
        (&function.attrs, &function.vis, &function.modifier, &function.sig);
    quote!(#(#attrs)* #vis #modifier #sig { #body })
}

/// ```text
/// Input:  async fn shop(db: Db) -> Result<Page, Error> { Ok(page(db.load().await?)) }
/// Output: async fn shop(db: Db) -> Result<Page, Error> {
///             future(&Handler::new(..), async move {
///                 { let none: Option<Result<Page, Error>> = None; .. }
///                 ({ Ok(page(db.load().await?)) })
///             }).await
///         }
/// ```
fn async_body(handler: &Handler) -> TokenStream {
    let (runtime, about) = (&handler.options.runtime, about(handler));
    let (hint, body) = (return_type_hint(&handler.function.sig.output), &handler.function.body);
    quote_spanned! {Span::mixed_site()=>
        #runtime::__private::future(#about, async move { #hint (#body) }).await
    }
}

/// ```text
/// Input:  fn shop() -> Page { page() }
/// Output: fn shop() -> Page { let _guard = enter(&Handler::new(..)); ({ page() }) }
/// ```
fn sync_body(handler: &Handler) -> TokenStream {
    let (runtime, about, body) = (&handler.options.runtime, about(handler), &handler.function.body);
    quote_spanned! {Span::mixed_site()=>
        let _guard = #runtime::__private::enter(#about);
        (#body)
    }
}

/// ```text
/// Input:  fn shop() -> impl Future<Output = Page> { let db = db(); async move { page(db) } }
/// Output: fn shop() -> impl Future<Output = Page> {
///             let handler = &Handler::new(..);
///             let future = call(move || -> _ {
///                 let _guard = enter(handler);
///                 ({ let db = db(); async move { page(db) } })
///             });
///             future(handler, future)
///         }
/// ```
///
/// The closure keeps `return` and `?` what they were. It is called by a function
/// that wants an `FnOnce`, so that the future may borrow from what it captured.
fn future_body(handler: &Handler) -> TokenStream {
    let (runtime, about, body) = (&handler.options.runtime, about(handler), &handler.function.body);
    let output = output_without_impl(&handler.function.sig.output);
    quote_spanned! {Span::mixed_site()=>
        fn __with_after_call<F>(body: impl ::core::ops::FnOnce() -> F) -> F {
            body()
        }
        let handler = #about;
        let future = __with_after_call(move || -> #output {
            let _guard = #runtime::__private::enter(handler);
            (#body)
        });
        #runtime::__private::future(handler, future)
    }
}

/// ```text
/// Input:  fn shop() -> Pin<Box<dyn Future<Output = Page>>> { Box::pin(async { page() }) }
/// Output: fn shop() -> Pin<Box<dyn Future<Output = Page>>> { Box::pin({ .. }) }
/// ```
fn boxed_future_body(handler: &Handler) -> TokenStream {
    let future = future_body(handler);
    quote_spanned!(Span::mixed_site()=> ::std::boxed::Box::pin({ #future }))
}

/// ```text
/// Output: const { &Handler::new(Kind::Route, "shop", Some(Duration::new(30, 0))) }
/// ```
fn about(handler: &Handler) -> TokenStream {
    let runtime = &handler.options.runtime;
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
    quote_spanned! {Span::mixed_site()=>
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

/// Tells the async block what it returns, at the user's own return type; never run.
///
/// ```text
/// Input:  -> Result<impl IntoResponse, Error>
/// Output: { let none: Option<Result<_, Error>> = None; if let Some(output) = none { return output; } }
/// ```
pub(crate) fn return_type_hint(output: &ReturnType) -> TokenStream {
    let span = match output {
        // Nothing can be said of it, or it cannot be named.
        ReturnType::Type(_, output) if matches!(**output, Type::ImplTrait(_) | Type::Never(_)) => {
            return TokenStream::new();
        }
        ReturnType::Type(_, output) => output.span(),
        ReturnType::Default => Span::mixed_site(),
    };
    let output = output_without_impl(output);
    quote_spanned! {span=>
        {
            let none: ::core::option::Option<#output> = ::core::option::Option::None;
            if let ::core::option::Option::Some(output) = none {
                return output;
            }
        }
    }
}

/// The return type with `_` for each `impl Trait`, which no local may be annotated with.
pub(crate) fn output_without_impl(output: &ReturnType) -> TokenStream {
    struct Erase;

    impl VisitMut for Erase {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if matches!(ty, Type::ImplTrait(_)) {
                *ty = syn::parse_quote_spanned!(ty.span()=> _);
            } else {
                syn::visit_mut::visit_type_mut(self, ty);
            }
        }
    }

    match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, output) => {
            let mut output = output.clone();
            Erase.visit_type_mut(&mut output);
            output.into_token_stream()
        }
    }
}
