//! The body in a block of its own that runs where the body ran, and reads to the compiler as the
//! one that it makes of an `async fn`: what it says of the body, it says of its names, and there.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Block, ReturnType, Type, parse::Parser, spanned::Spanned, visit_mut::VisitMut};

use crate::{depth::is_flat, model::Function, parameters::Parameters};

pub(crate) struct Body<'f> {
    function: &'f Function,
    parameters: Parameters,
}

impl<'f> Body<'f> {
    pub(crate) fn of(function: &'f Function) -> Self {
        Self { function, parameters: Parameters::of(&function.sig) }
    }

    /// All that stands before the body, as it was typed, but for the `mut` of parameters that the
    /// block takes over: there it would be unused.
    pub(crate) fn head(&self) -> TokenStream {
        self.parameters.without_mut(&self.function.head)
    }

    /// ```text
    /// Input:  async fn shop(mut db: Db) -> Result<Page, Error> { Ok(page(db.load().await?)) }
    /// Output: async {
    ///             let mut db = db;
    ///             if false { return { let output: Result<Page, Error> = never(); output }; }
    ///             ({ Ok(page(db.load().await?)) })
    ///         }
    /// ```
    ///
    /// Within its own braces, where the parser finds its feet again if the body is half typed; and
    /// in parentheses, or a body of one line would be called a needless block.
    pub(crate) fn async_block(&self, runtime: &TokenStream) -> TokenStream {
        let (lets, by_move) = (&self.parameters.lets, self.by_move());
        let hint = return_type_hint(&self.function.sig.output, runtime);
        let body = in_parentheses(&self.function.body);
        quote_spanned!(self.brace()=> async #by_move { #lets #hint #body })
    }

    /// ```text
    /// Input:  fn shop(db: Db) -> impl Future<Output = Page> { async move { page(db) } }
    /// Output: || -> _ { #first let db = db; ({ async move { page(db) } }) }
    /// ```
    pub(crate) fn closure(&self, first: &TokenStream) -> TokenStream {
        let (lets, by_move) = (&self.parameters.lets, self.by_move());
        let output = output_without_impl(&self.function.sig.output);
        let body = in_parentheses(&self.function.body);
        quote_spanned!(self.brace()=> #by_move || -> #output { #first #lets #body })
    }

    fn by_move(&self) -> TokenStream {
        let span = self.brace();
        if self.parameters.by_move { quote_spanned!(span=> move) } else { TokenStream::new() }
    }

    /// As if the user had typed it: the borrow checker names no variables of what a macro wrote.
    fn brace(&self) -> Span {
        self.function.body.span_open()
    }
}

/// The statements of the body, to stand behind others in the function's own braces: rustc speaks
/// of a value that is missing at the end of a function only there. Half typed ones keep braces of
/// their own, as in [`Body::async_block`].
pub(crate) fn statements(function: &Function) -> TokenStream {
    let statements = function.body.stream();
    if is_flat(&statements) && Block::parse_within.parse2(statements.clone()).is_ok() {
        statements
    } else {
        in_parentheses(&function.body)
    }
}

fn in_parentheses(body: &Group) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> (#body))
}

pub(crate) fn in_braces_of(braces: &Group, tokens: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, tokens);
    group.set_span(braces.span());
    group
}

/// Tells the async block what it returns, at the user's own return type; never run.
///
/// ```text
/// Input:  -> Result<impl IntoResponse, Error>
/// Output: if false { return { let output: Result<_, Error> = never(); output }; }
/// ```
///
/// Of all these tokens only the braces, and the type itself, stand where the type stands: an
/// editor shows what it finds at any of them. The type is an argument of no other, or rustc would
/// explain twice, and in two ways, that it does not know it.
fn return_type_hint(output: &ReturnType, runtime: &TokenStream) -> TokenStream {
    let ty = match output {
        // Nothing can be said of it, or it cannot be named.
        ReturnType::Type(_, ty) if matches!(**ty, Type::ImplTrait(_) | Type::Never(_)) => {
            return TokenStream::new();
        }
        ReturnType::Type(_, ty) => ty,
        ReturnType::Default => return quote_spanned!(Span::mixed_site()=> if false { return; }),
    };
    let output = output_without_impl(output);
    let value = quote_spanned! {Span::mixed_site()=>
        let output: #output = #runtime::__private::never();
        output
    };
    let mut returned = Group::new(Delimiter::Brace, value);
    returned.set_span(ty.span());
    quote_spanned!(Span::mixed_site()=> if false { return #returned; })
}

/// The return type with `_` for each `impl Trait`, which no local may be annotated with.
pub(crate) fn output_without_impl(output: &ReturnType) -> TokenStream {
    struct Erase;

    impl VisitMut for Erase {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if matches!(ty, Type::ImplTrait(_)) {
                *ty = syn::parse_quote_spanned!(Span::mixed_site()=> _);
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
