//! The parameters of a function whose body gets a block of its own.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::{FnArg, GenericParam, Pat, Signature, Type};

/// What rustc does with the parameters of an `async fn`: each becomes a variable of the block.
#[derive(Default)]
pub(crate) struct Parameters {
    /// `let name = name;` for each name.
    pub(crate) lets: TokenStream,
    /// Those that may be changed.
    muts: Vec<Ident>,
    /// Whether the block needs `move` to own all. rustc's own does without, and proposes to clone
    /// what was moved only there. A value that is `Copy` is borrowed then, which is no difference
    /// unless it is `Send` and not `Sync`.
    pub(crate) by_move: bool,
}

impl Parameters {
    pub(crate) fn of(sig: &Signature) -> Self {
        let mut parameters = Self::default();
        if is_read_by_an_editor() {
            return Self { by_move: true, ..parameters };
        }
        let generic = |param: &GenericParam| matches!(param, GenericParam::Type(_));
        parameters.by_move = sig.generics.params.iter().any(generic);
        for input in &sig.inputs {
            match input {
                FnArg::Typed(input) if input.attrs.is_empty() => {
                    parameters.by_move |= matches!(*input.ty, Type::ImplTrait(_));
                    parameters.bind(&input.pat);
                }
                // `self` cannot be bound anew, and attributes are not worth the trouble.
                FnArg::Receiver(_) | FnArg::Typed(_) => parameters.by_move = true,
            }
        }
        parameters
    }

    fn bind(&mut self, pat: &Pat) {
        match pat {
            Pat::Ident(binding) if binding.ident == "self" => self.by_move = true,
            // Most likely a constant.
            Pat::Ident(binding) if binding.ident.to_string().starts_with(char::is_uppercase) => {
                self.by_move = true;
            }
            Pat::Ident(binding) => {
                let mutability = binding.mutability.filter(|_| binding.by_ref.is_none());
                let name = &binding.ident;
                self.muts.extend(mutability.map(|_| name.clone()));
                let lints = lints_of_lets(name);
                self.lets.extend(quote_spanned! {Span::mixed_site()=>
                    #[allow(#lints)]
                    let #mutability #name = #name;
                });
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
            _ => self.by_move = true,
        }
    }

    /// ```text
    /// Input:  pub async fn shop<T>(mut db: &mut Db, State(mut count): State<T>) -> Page
    /// Output: pub async fn shop<T>(db: &mut Db, State(count): State<T>) -> Page
    /// ```
    pub(crate) fn without_mut(&self, head: &TokenStream) -> TokenStream {
        if self.muts.is_empty() {
            return head.clone();
        }
        let mut kept: Vec<TokenTree> = Vec::new();
        let mut tokens = head.clone().into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) if word == "mut" && self.is_taken_over(tokens.peek()) => {}
                // Whatever is rebuilt loses the places of its brackets.
                TokenTree::Group(group) if names_mut(group.stream()) => {
                    let inner = self.without_mut(&group.stream());
                    let mut inner = Group::new(group.delimiter(), inner);
                    inner.set_span(group.span());
                    kept.push(inner.into());
                }
                token => kept.push(token),
            }
        }
        kept.into_iter().collect()
    }

    fn is_taken_over(&self, name: Option<&TokenTree>) -> bool {
        matches!(name, Some(TokenTree::Ident(name)) if self.muts.contains(name))
    }
}

/// What clippy would hold against the user, who has typed the name once.
fn lints_of_lets(name: &Ident) -> TokenStream {
    let mut lints = quote_spanned!(Span::mixed_site()=> clippy::shadow_same);
    if name.to_string().starts_with('_') {
        lints.extend(quote_spanned! {Span::mixed_site()=>
            , clippy::no_effect_underscore_binding, clippy::used_underscore_binding
        });
    }
    lints
}

/// Whether rust-analyzer expands. It says nothing of moves and borrows, but shows a name wherever
/// it is bound: of a parameter that is bound again it would say all things twice. Nothing but that
/// depends on the variable, which is not meant for others.
fn is_read_by_an_editor() -> bool {
    std::env::var_os("RUST_ANALYZER_INTERNALS_DO_NOT_USE").is_some()
}

fn names_mut(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "mut",
        TokenTree::Group(group) => names_mut(group.stream()),
        _ => false,
    })
}
