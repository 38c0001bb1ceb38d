//! The body in a block of its own that runs where the body ran, and reads to the compiler as the
//! one that it makes of an `async fn`: what it says of the body, it says of its names, and there.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Block, FnArg, GenericParam, Pat, ReturnType, Signature, Type, parse::Parser, spanned::Spanned,
    visit_mut::VisitMut,
};

use crate::{depth::is_flat, model::Function};

/// ```text
/// Input:  async fn shop(mut db: Db) -> Result<Page, Error> { Ok(page(db.load().await?)) }
/// Output: async {
///             let mut db = db;
///             if false { let output: Result<Page, Error> = never(); return (output); }
///             ({ Ok(page(db.load().await?)) })
///         }
/// ```
///
/// Within its own braces, where the parser finds its feet again if the body is half typed; and in
/// parentheses, or a body of one line would be called a needless block.
pub(crate) fn async_block(function: &Function, runtime: &TokenStream) -> TokenStream {
    let (span, parameters) = (function.body.span_open(), Parameters::of(&function.sig));
    let (lets, hint) = (&parameters.lets, return_type_hint(&function.sig.output, runtime));
    let (move_, body) = (parameters.move_(span), in_parentheses(&function.body));
    quote_spanned!(span=> async #move_ { #lets #hint #body })
}

/// ```text
/// Input:  fn shop(db: Db) -> impl Future<Output = Page> { async move { page(db) } }
/// Output: || -> _ { #first let db = db; ({ async move { page(db) } }) }
/// ```
pub(crate) fn closure(function: &Function, first: &TokenStream) -> TokenStream {
    let (span, parameters) = (function.body.span_open(), Parameters::of(&function.sig));
    let (lets, output) = (&parameters.lets, output_without_impl(&function.sig.output));
    let (move_, body) = (parameters.move_(span), in_parentheses(&function.body));
    quote_spanned!(span=> #move_ || -> #output { #first #lets #body })
}

/// The statements of the body, to stand behind others in the function's own braces: rustc speaks
/// of a value that is missing at the end of a function only there. Half typed ones keep braces of
/// their own, as in [`async_block`].
pub(crate) fn statements(function: &Function) -> TokenStream {
    let (body, statements) = (&function.body, function.body.stream());
    if is_flat(&statements) && Block::parse_within.parse2(statements.clone()).is_ok() {
        statements
    } else {
        in_parentheses(body)
    }
}

fn in_parentheses(body: &Group) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> (#body))
}

/// All that stands before the body, as it was typed, but for the `mut` of parameters that the
/// body takes over: there it would be unused.
pub(crate) fn head(function: &Function) -> TokenStream {
    if Parameters::of(&function.sig).has_mut {
        without_mut(&function.head)
    } else {
        function.head.clone()
    }
}

pub(crate) fn in_braces_of(braces: &Group, tokens: TokenStream) -> Group {
    let mut group = Group::new(Delimiter::Brace, tokens);
    group.set_span(braces.span());
    group
}

/// What rustc does with the parameters of an `async fn`: each becomes a variable of the block.
#[derive(Default)]
struct Parameters {
    /// `let name = name;` for each name.
    lets: TokenStream,
    has_mut: bool,
    /// Whether the block needs `move` to own all. rustc's own does without, and proposes to clone
    /// what was moved only there. A value that is `Copy` is borrowed then, which is no difference
    /// unless it is `Send` and not `Sync`.
    moves: bool,
}

impl Parameters {
    fn of(sig: &Signature) -> Self {
        let mut parameters = Self::default();
        if is_read_by_an_editor() {
            return Self { moves: true, ..parameters };
        }
        let generic = |param: &GenericParam| matches!(param, GenericParam::Type(_));
        parameters.moves = sig.generics.params.iter().any(generic);
        for input in &sig.inputs {
            match input {
                // `self` cannot be bound anew.
                FnArg::Receiver(_) => parameters.moves = true,
                FnArg::Typed(input) if input.attrs.is_empty() => {
                    parameters.moves |= matches!(*input.ty, Type::ImplTrait(_));
                    parameters.bind(&input.pat);
                }
                FnArg::Typed(_) => parameters.moves = true,
            }
        }
        parameters
    }

    fn bind(&mut self, pat: &Pat) {
        match pat {
            Pat::Ident(binding) if binding.ident == "self" => self.moves = true,
            // Most likely a constant.
            Pat::Ident(binding) if binding.ident.to_string().starts_with(char::is_uppercase) => {
                self.moves = true;
            }
            Pat::Ident(binding) => {
                let mutability = binding.mutability.filter(|_| binding.by_ref.is_none());
                self.has_mut |= mutability.is_some();
                let name = &binding.ident;
                self.lets
                    .extend(quote_spanned!(Span::mixed_site()=> let #mutability #name = #name;));
                binding.subpat.iter().for_each(|(_, pat)| self.bind(pat));
            }
            Pat::Or(or) => or.cases.iter().take(1).for_each(|pat| self.bind(pat)),
            Pat::Paren(inner) => self.bind(&inner.pat),
            Pat::Reference(inner) => self.bind(&inner.pat),
            Pat::Slice(slice) => slice.elems.iter().for_each(|pat| self.bind(pat)),
            Pat::Struct(fields) => fields.fields.iter().for_each(|field| self.bind(&field.pat)),
            Pat::Tuple(tuple) => tuple.elems.iter().for_each(|pat| self.bind(pat)),
            Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|pat| self.bind(pat)),
            Pat::Type(typed) => self.bind(&typed.pat),
            Pat::Wild(_) | Pat::Rest(_) => {}
            _ => self.moves = true,
        }
    }

    fn move_(&self, span: Span) -> TokenStream {
        if self.moves { quote_spanned!(span=> move) } else { TokenStream::new() }
    }
}

/// Whether rust-analyzer expands. It says nothing of moves and borrows, but shows a name wherever
/// it is bound: of a parameter that is bound again it would say all things twice. Nothing but that
/// depends on the variable, which is not meant for others.
fn is_read_by_an_editor() -> bool {
    std::env::var_os("RUST_ANALYZER_INTERNALS_DO_NOT_USE").is_some()
}

/// ```text
/// Input:  pub async fn shop<T>(mut db: &mut Db, State(mut count): State<T>) -> Page
/// Output: pub async fn shop<T>(db: &mut Db, State(count): State<T>) -> Page
/// ```
fn without_mut(head: &TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut tokens = head.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        // Not so in a type, nor behind `ref`.
        let begins_a_binding = match kept.last() {
            None => true,
            Some(TokenTree::Punct(punct)) => [',', ':', '|', '@'].contains(&punct.as_char()),
            Some(_) => false,
        };
        let binds = |next: Option<&TokenTree>| matches!(next, Some(TokenTree::Ident(name)) if name != "self");
        match token {
            TokenTree::Ident(word) if word == "mut" && begins_a_binding && binds(tokens.peek()) => {
            }
            TokenTree::Group(group) if names_mut(group.stream()) => {
                let mut inner = Group::new(group.delimiter(), without_mut(&group.stream()));
                inner.set_span(group.span());
                kept.push(inner.into());
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

fn names_mut(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "mut",
        TokenTree::Group(group) => names_mut(group.stream()),
        _ => false,
    })
}

/// Tells the async block what it returns, at the user's own return type; never run.
///
/// ```text
/// Input:  -> Result<impl IntoResponse, Error>
/// Output: if false { let output: Result<_, Error> = never(); return (output); }
/// ```
///
/// Of all these tokens only the parentheses, and the type itself, stand where the type stands: an
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
    let span = ty.span().resolved_at(Span::mixed_site());
    let value = quote_spanned!(Span::mixed_site()=> output);
    let mut returned = Group::new(Delimiter::Parenthesis, value);
    returned.set_span(span);
    let output = output_without_impl(output);
    quote_spanned! {Span::mixed_site()=>
        if false {
            let output: #output = #runtime::__private::never();
            return #returned;
        }
    }
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
