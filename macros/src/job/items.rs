//! Turns a job's function into what stores its calls, and what runs them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Attribute, ReturnType, ext::IdentExt, spanned::Spanned};

use super::{args::JobOptions, parameters::Parameter};
use crate::{bound::Bound, expand::duration, model::Function};

/// The function's name stands for two things then: a function that describes a call, and a type
/// that workers name.
///
/// ```text
/// Input:  async fn send(order: i64, mailer: &Mailer) -> Result<(), Error> { .. }
/// Output: fn send(order: i64) -> Call<send> { Call::new(Arguments::default().with("order", &order)) }
///         enum send {}
///         impl send { async fn call(order: i64, mailer: &Mailer) -> Result<(), Error> { .. } }
///         impl JobFn for send { .. }
/// ```
pub(super) fn items(
    options: &JobOptions,
    function: &Function,
    parameters: &[Parameter<'_>],
    bound: Option<Bound<'_>>,
) -> TokenStream {
    let runtime = &options.runtime;
    let (vis, sig, body) = (&function.vis, &function.sig, &function.body);
    let (name, inputs, output) = (&sig.ident, &sig.inputs, &sig.output);
    let (cfgs, docs, inner) = split(function);
    let describe = describe(options, function, parameters);
    let implementation = implementation(options, function, parameters, bound);
    let type_doc = format!("The job [`{0}()`]({0}()), as workers name it.", name.unraw());
    quote_spanned! {Span::mixed_site()=>
        #(#cfgs)* #(#docs)*
        #describe

        #(#cfgs)*
        #[doc = #type_doc]
        #[allow(non_camel_case_types)]
        #[derive(::core::fmt::Debug)]
        #vis enum #name {}

        #(#cfgs)*
        impl #name {
            /// Does the work at once, without storing anything: for tests.
            #(#inner)*
            #[allow(clippy::unused_async)]
            #vis async fn call(#inputs) #output #body
        }

        #(#cfgs)*
        impl #runtime::JobFn for #name {
            #implementation
        }
    }
}

/// The function that describes a call.
fn describe(
    options: &JobOptions,
    function: &Function,
    parameters: &[Parameter<'_>],
) -> TokenStream {
    let (runtime, vis, name) = (&options.runtime, &function.vis, &function.sig.ident);
    let arguments: Vec<_> = parameters.iter().filter(|parameter| !parameter.lent).collect();
    let (names, types): (Vec<_>, Vec<_>) =
        arguments.iter().map(|argument| (argument.name, argument.ty)).unzip();
    let stored = arguments.iter().map(|argument| {
        let (name, text) = (argument.name, argument.name.unraw().to_string());
        // At the type: what cannot be serialised is reported there.
        quote_spanned!(at(argument.ty.span())=> .with(#text, &#name))
    });
    quote_spanned! {Span::mixed_site()=>
        #[allow(clippy::used_underscore_binding)]
        #[track_caller]
        #vis fn #name(#(#names: #types),*) -> #runtime::Call<#name> {
            #runtime::Call::new(#runtime::__private::Arguments::default() #(#stored)*)
        }
    }
}

/// What workers call.
fn implementation(
    options: &JobOptions,
    function: &Function,
    parameters: &[Parameter<'_>],
    bound: Option<Bound<'_>>,
) -> TokenStream {
    let runtime = &options.runtime;
    let sig = &function.sig;
    let stored_name = options.name.clone().unwrap_or_else(|| sig.ident.unraw().to_string());
    let max_attempts = option(options.max_attempts.map(|attempts| quote!(#attempts)));
    let max_duration = duration(options.max_duration);
    let insert_opts = option(options.insert_opts.as_ref().map(|path| quote!(#path)));

    let lent = parameters.iter().filter(|parameter| parameter.lent).map(|parameter| parameter.ty);
    let take = parameters.iter().filter(|parameter| !parameter.lent).map(|parameter| {
        let (name, ty, text) = (parameter.name, parameter.ty, parameter.name.unraw().to_string());
        quote_spanned!(at(ty.span())=> let #name: #ty = arguments.take(#text)?;)
    });
    let borrow = parameters.iter().filter(|parameter| parameter.lent).map(|parameter| {
        let (name, ty) = (parameter.name, parameter.ty);
        quote_spanned!(at(ty.span())=> let #name: &#ty = lent.lend()?;)
    });
    let names = parameters.iter().map(|parameter| parameter.name);
    let span = match &sig.output {
        ReturnType::Type(_, output) => output.span(),
        ReturnType::Default => sig.ident.span(),
    };
    let result = quote_spanned! {at(span)=>
        #runtime::JobOutput::into_result(output)
    };
    // At the name: what keeps the future from being `Send` is reported there.
    let call = quote_spanned!(at(sig.ident.span())=> Self::call(#(#names),*));
    let call = bound.map_or_else(|| call.clone(), |mut bound| bound.around(&call));
    let run = quote_spanned! {at(sig.ident.span())=>
        ::std::boxed::Box::pin(async move {
            #(#borrow)*
            let output = #call.await;
            #result
        })
    };
    quote_spanned! {Span::mixed_site()=>
        const DEFINITION: &'static #runtime::__private::Definition = {
            static DEFINITION: #runtime::__private::Definition =
                #runtime::__private::Definition::new(
                    #stored_name, #max_attempts, #max_duration, #insert_opts,
                );
            &DEFINITION
        };

        fn needs() -> ::std::vec::Vec<#runtime::__private::Need> {
            ::std::vec![#(#runtime::__private::Need::of::<#lent>()),*]
        }

        #[allow(unused_mut, unused_variables, clippy::used_underscore_binding)]
        fn run(
            mut arguments: #runtime::__private::Arguments,
            lent: #runtime::__private::Lent,
        ) -> ::core::result::Result<#runtime::__private::Run, #runtime::__private::BoxError> {
            #(#take)*
            ::core::result::Result::Ok(#run)
        }
    }
}

/// Tells apart what holds for all items, what for the function that is called, and what for the
/// one that does the work.
fn split(function: &Function) -> (Vec<&Attribute>, Vec<&Attribute>, Vec<&Attribute>) {
    let (cfgs, others): (Vec<_>, Vec<_>) =
        function.attrs.iter().chain(&function.lifted).partition(|attr| attr.path().is_ident("cfg"));
    let (docs, inner) = others
        .into_iter()
        .partition(|attr| ["doc", "deprecated"].iter().any(|name| attr.path().is_ident(name)));
    (cfgs, docs, inner)
}

fn option(value: Option<TokenStream>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}

/// That place, with names that cannot clash with the user's.
fn at(place: Span) -> Span {
    place.resolved_at(Span::mixed_site())
}
