//! What a middleware calls is not the middleware: the tasks of what runs inside of `next.run(..)`
//! are not marked as its own.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::{FnArg, Pat, Path, Signature, Type};

use crate::model::{Handler, Kind};

/// ```text
/// Input:  let response = next.run(request).await;
/// Output: let response = inner(next.run(request)).await;
/// ```
///
/// for each parameter of a type called `Next`, as that of axum is.
pub(crate) fn leave_to_others(handler: &mut Handler) {
    if handler.options.kind != Kind::Middleware {
        return;
    }
    let names = parameters_called_next(&handler.function.sig);
    let body = &handler.function.body;
    if let Some(tokens) = wrapped(body.stream(), &names, &handler.options.runtime) {
        handler.function.body = like(body, tokens);
    }
}

fn parameters_called_next(sig: &Signature) -> Vec<Ident> {
    let typed = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(input),
        FnArg::Receiver(_) => None,
    });
    let names = typed.filter_map(|input| match (&*input.pat, &*input.ty) {
        (Pat::Ident(name), Type::Path(ty)) => {
            let last = ty.path.segments.last()?;
            (last.ident == "Next").then(|| name.ident.clone())
        }
        _ => None,
    });
    names.collect()
}

/// Returns the tokens with each call wrapped, or `None` if there is none: what is rebuilt loses the
/// places of its brackets.
fn wrapped(tokens: TokenStream, names: &[Ident], runtime: &Path) -> Option<TokenStream> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut found = false;
    let mut out = Vec::new();
    let mut rest = &tokens[..];
    let mut behind_dot = false;
    while let [first, others @ ..] = rest {
        let inside = |group: &Group| wrapped(group.stream(), names, runtime);
        match (first, others) {
            (
                TokenTree::Ident(next),
                [TokenTree::Punct(dot), TokenTree::Ident(run), TokenTree::Group(args), ..],
            ) if !behind_dot
                && names.contains(next)
                && dot.as_char() == '.'
                && run == "run"
                && args.delimiter() == Delimiter::Parenthesis =>
            {
                let args = inside(args).map_or_else(|| args.clone(), |inner| like(args, inner));
                let call = quote_spanned! {next.span().resolved_at(Span::mixed_site())=>
                    #runtime::__private::inner(#next #dot #run #args)
                };
                out.extend(call);
                (found, rest) = (true, &others[3..]);
                behind_dot = false;
                continue;
            }
            (TokenTree::Group(group), _) => match inside(group) {
                Some(inner) => {
                    out.push(like(group, inner).into());
                    found = true;
                }
                None => out.push(first.clone()),
            },
            _ => out.push(first.clone()),
        }
        behind_dot = matches!(first, TokenTree::Punct(dot) if dot.as_char() == '.');
        rest = others;
    }
    found.then(|| out.into_iter().collect())
}

fn like(group: &Group, tokens: TokenStream) -> Group {
    let mut new = Group::new(group.delimiter(), tokens);
    new.set_span(group.span());
    new
}
