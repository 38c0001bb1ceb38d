//! What the attribute stands on.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::{
    AttrStyle, Attribute, Error, GenericArgument, LitStr, PathArguments, Result, ReturnType,
    Signature, Token, Type, TypeParamBound,
    buffer::Cursor,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    token::Brace,
};

use crate::model::{Function, Shape};

/// Reads the signature; the body stays tokens, so that a half-typed one does no harm.
///
/// `attribute` is the name of the one that stands on it. `None` means that the syntax is wrong:
/// the compiler reads the same tokens and says so itself.
pub(crate) fn parse(item: TokenStream, attribute: &str) -> Result<Option<Function>> {
    let read = |input: ParseStream<'_>| {
        let result = function(input, attribute);
        // All is used up, or the parser would add an error of its own.
        input.parse::<TokenStream>()?;
        Ok(result)
    };
    match read.parse2(item) {
        Ok(Ok(function)) => Ok(Some(function)),
        Ok(Err(Refusal::Syntax)) | Err(_) => Ok(None),
        Ok(Err(Refusal::OfAttribute(error))) => Err(error),
    }
}

/// Why an item is no function that can be marked.
enum Refusal {
    Syntax,
    OfAttribute(Error),
}

impl From<Error> for Refusal {
    fn from(_: Error) -> Self {
        Self::Syntax
    }
}

fn function(input: ParseStream<'_>, attribute: &str) -> std::result::Result<Function, Refusal> {
    let begin = input.cursor();
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    // A keyword only in front of an item, which may be specialised.
    input.parse::<Option<Token![default]>>()?;
    if !is_function(input) {
        return Err(Refusal::OfAttribute(not_a_function(input, attribute)?));
    }
    let sig: Signature = input.parse()?;
    if input.peek(Token![;]) {
        let message = format!(
            "`{}` has no body here: put `#[{attribute}]` on the function that implements it",
            sig.ident
        );
        let semicolon = input.parse::<TokenStream>()?;
        return Err(Refusal::OfAttribute(Error::new_spanned(semicolon, message)));
    }
    let head = tokens_between(begin, input.cursor());
    let mut body = body(input)?;
    let lifted = lift_inner_attributes(&mut body);

    if let Some(second) = attrs.iter().find(|attr| is_named(attr, attribute)) {
        let message = format!("`#[{attribute}]` is given twice; remove one");
        return Err(Refusal::OfAttribute(Error::new_spanned(second, message)));
    }
    if let Some(constness) = &sig.constness {
        let message =
            format!("a `const fn` runs without a scope: remove `const` or `#[{attribute}]`");
        return Err(Refusal::OfAttribute(Error::new_spanned(constness, message)));
    }
    let shape = shape(&sig);
    Ok(Function { head, lifted, attrs, vis, sig, body, shape })
}

/// Whether an attribute has this name, under whatever path.
pub(crate) fn is_named(attr: &Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == name)
}

fn tokens_between(mut begin: Cursor<'_>, end: Cursor<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    while begin < end {
        let Some((token, rest)) = begin.token_tree() else { break };
        tokens.extend([token]);
        begin = rest;
    }
    tokens
}

fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let is_qualifier = || {
        ahead.peek(Token![const])
            || ahead.peek(Token![async])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![extern])
            || ahead.peek(LitStr)
    };
    while is_qualifier() && ahead.parse::<TokenTree>().is_ok() {}
    ahead.peek(Token![fn])
}

fn not_a_function(input: ParseStream<'_>, attribute: &str) -> Result<Error> {
    let Ok(word) = input.call(Ident::parse_any) else {
        let rest: TokenStream = input.parse()?;
        let message = format!("expected a function below `#[{attribute}]`");
        return Ok(Error::new_spanned(rest, message));
    };
    let remedy = match word.to_string().as_str() {
        "impl" => format!("put `#[{attribute}]` on each method that needs it"),
        "trait" => format!("put `#[{attribute}]` on the methods that implement it"),
        "let" | "move" => "write the closure as a function, inside of this one".to_owned(),
        "mod" => format!("put `#[{attribute}]` on the functions inside"),
        _ => format!("`#[{attribute}]` marks a function"),
    };
    Ok(Error::new(word.span(), format!("expected a function, found `{word}`: {remedy}")))
}

/// The body with the braces that the user typed: rustc points at them.
fn body(input: ParseStream<'_>) -> Result<Group> {
    if !input.peek(Brace) {
        return Err(input.error("expected the body of the function"));
    }
    input.parse()
}

/// Moves `#![..]` from the body, which becomes an inner block, to the function.
fn lift_inner_attributes(body: &mut Group) -> Vec<Attribute> {
    let split = |content: ParseStream<'_>| {
        Ok((content.call(Attribute::parse_inner)?, content.parse::<TokenStream>()?))
    };
    let (mut attrs, rest) = split.parse2(body.stream()).unwrap_or_default();
    for attr in &mut attrs {
        attr.style = AttrStyle::Outer;
    }
    if !attrs.is_empty() {
        let span = body.span();
        *body = Group::new(Delimiter::Brace, rest);
        body.set_span(span);
    }
    attrs
}

fn shape(sig: &Signature) -> Shape {
    match &sig.output {
        _ if sig.asyncness.is_some() => Shape::Async,
        ReturnType::Type(_, output) if is_future(output) => Shape::ReturnsFuture,
        ReturnType::Type(_, output) if is_boxed_future(output) => Shape::ReturnsBoxedFuture,
        _ => Shape::Sync,
    }
}

/// `impl Future<..> + ..`
fn is_future(output: &Type) -> bool {
    matches!(output, Type::ImplTrait(output) if names_future(&output.bounds))
}

/// `Pin<Box<dyn Future<..> + ..>>`, or its usual aliases.
fn is_boxed_future(output: &Type) -> bool {
    match last_segment(output) {
        Some((name, _)) if name == "BoxFuture" || name == "LocalBoxFuture" => true,
        Some((name, Some(inner))) if name == "Pin" || name == "Box" => is_boxed_future(inner),
        _ => matches!(output, Type::TraitObject(output) if names_future(&output.bounds)),
    }
}

fn names_future(bounds: &Punctuated<TypeParamBound, Token![+]>) -> bool {
    bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|segment| segment.ident == "Future")
        }
        _ => false,
    })
}

/// The name of a type, and its first type argument.
fn last_segment(ty: &Type) -> Option<(&Ident, Option<&Type>)> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last()?;
    let argument = match &segment.arguments {
        PathArguments::AngleBracketed(list) => {
            list.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    };
    Some((&segment.ident, argument))
}
