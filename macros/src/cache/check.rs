//! What a function must be to be memoised.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{
    Error, FnArg, Lifetime, ParenthesizedGenericArguments, Pat, PatType, Result, ReturnType, Type,
    TypeFnPtr, TypeReference,
    visit_mut::{self, VisitMut},
};

use super::args::Options;
use crate::{
    model::{Function, Shape},
    nearest::nearest,
};

/// An argument that is part of the key.
pub(super) struct Argument {
    pub(super) name: Ident,
    pub(super) is_reference: bool,
}

/// Returns the arguments that are part of the key, or all mistakes at once.
pub(super) fn arguments(function: &Function, options: &Options) -> Result<Vec<Argument>> {
    let mut errors = Errors::default();
    errors.add(function_itself(function));
    errors.add(output(&function.sig.output));
    let (mut key, mut names) = (Vec::new(), Vec::new());
    for input in &function.sig.inputs {
        let Some((name, argument)) = errors.add(named(input)) else { continue };
        names.push(name.to_string());
        if !options.skip.contains(&name) {
            key.extend(errors.add(argument_of_key(name, &argument.ty)));
        }
    }
    for skipped in &options.skip {
        errors.add(known(skipped, &names));
    }
    errors.0.map_or(Ok(key), Err)
}

fn function_itself(function: &Function) -> Result<()> {
    match function.shape {
        Shape::Async | Shape::Sync => Ok(()),
        Shape::ReturnsFuture | Shape::ReturnsBoxedFuture => Err(Error::new_spanned(
            &function.sig.output,
            "a future cannot be kept, only what it resolves to: write an `async fn`",
        )),
    }
}

/// Returns name and type of an argument.
fn named(input: &FnArg) -> Result<(Ident, &PatType)> {
    let argument = match input {
        FnArg::Typed(argument) => argument,
        FnArg::Receiver(receiver) => return Err(receiver_in_key(receiver)),
    };
    match &*argument.pat {
        Pat::Ident(pat) if pat.ident == "self" => Err(receiver_in_key(argument)),
        Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
            Ok((pat.ident.clone(), argument))
        }
        pat => {
            let message = "an argument of a memoised function needs a name, by which it is part of \
                           the key: take it apart inside";
            Err(Error::new_spanned(pat, message))
        }
    }
}

fn receiver_in_key(receiver: &impl ToTokens) -> Error {
    let message = "`#[cache]` memoises by the arguments, and `self` is none to compare by: write \
                   a function that takes what it needs of it";
    Error::new_spanned(receiver, message)
}

fn argument_of_key(name: Ident, ty: &Type) -> Result<Argument> {
    let (inner, is_reference) = match ty {
        Type::Reference(TypeReference { mutability: Some(_), .. }) => {
            let message = format!(
                "a call that is not made cannot change `{name}`: take `&` or a value, or leave it \
                 out of the key by `#[cache(skip({name}))]`"
            );
            return Err(Error::new_spanned(ty, message));
        }
        Type::Reference(reference) => (&*reference.elem, true),
        ty => (ty, false),
    };
    if let Some(borrow) = borrow(inner) {
        let message = format!(
            "`{name}` is kept as part of the key, and cannot hold a reference inside: own it, or \
             leave the argument out of the key by `#[cache(skip({name}))]`"
        );
        return Err(Error::new_spanned(borrow, message));
    }
    Ok(Argument { name, is_reference })
}

fn output(output: &ReturnType) -> Result<()> {
    let ReturnType::Type(_, ty) = output else { return Ok(()) };
    match borrow(ty) {
        Some(borrow) => {
            let message = "what is returned is kept for later calls, and cannot hold a reference: \
                           return a value, an `Arc` if it is large";
            Err(Error::new_spanned(borrow, message))
        }
        None => Ok(()),
    }
}

fn known(skipped: &Ident, names: &[String]) -> Result<()> {
    if names.iter().any(|name| skipped == name) {
        return Ok(());
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let meant = nearest(&skipped.to_string(), &names);
    let meant = meant.map_or(String::new(), |name| format!(", did you mean `{name}`?"));
    Err(Error::new(skipped.span(), format!("there is no argument `{skipped}`{meant}")))
}

/// Returns the first part of a type that says that it borrows.
fn borrow(ty: &Type) -> Option<TokenStream> {
    struct Borrow(Option<TokenStream>);

    impl VisitMut for Borrow {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            if reference.lifetime.is_none() {
                self.0.get_or_insert_with(|| reference.to_token_stream());
            }
            visit_mut::visit_type_reference_mut(self, reference);
        }

        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                self.0.get_or_insert_with(|| lifetime.to_token_stream());
            }
        }

        // `fn(&str)` and `Fn(&str)` borrow nothing.
        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
        fn visit_parenthesized_generic_arguments_mut(
            &mut self,
            _: &mut ParenthesizedGenericArguments,
        ) {
        }
    }

    let mut found = Borrow(None);
    found.visit_type_mut(&mut ty.clone());
    found.0
}

#[derive(Default)]
struct Errors(Option<Error>);

impl Errors {
    /// Returns the value, or keeps the error.
    fn add<T>(&mut self, result: Result<T>) -> Option<T> {
        match (result, &mut self.0) {
            (Ok(value), _) => return Some(value),
            (Err(error), Some(errors)) => errors.combine(error),
            (Err(error), none) => *none = Some(error),
        }
        None
    }
}
