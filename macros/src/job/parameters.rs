//! What a job takes: arguments, which are stored, and what its workers lend it.

use syn::{Error, FnArg, Ident, Pat, PatType, Result, Signature, Type, spanned::Spanned};

use crate::args::combine;

/// A parameter of a job.
pub(super) struct Parameter<'a> {
    pub(super) name: &'a Ident,
    /// That of what is lent, for a `&T`.
    pub(super) ty: &'a Type,
    pub(super) lent: bool,
}

/// Reads the parameters, and refuses what cannot be stored.
pub(super) fn read(sig: &Signature) -> Result<Vec<Parameter<'_>>> {
    let mut errors = None;
    if let Err(error) = check_function(sig) {
        combine(&mut errors, error);
    }
    let mut parameters = Vec::new();
    for input in &sig.inputs {
        match parameter(input) {
            Ok(parameter) => parameters.push(parameter),
            Err(error) => combine(&mut errors, error),
        }
    }
    errors.map_or(Ok(parameters), Err)
}

fn check_function(sig: &Signature) -> Result<()> {
    if sig.asyncness.is_none() {
        let message = "a job is an `async fn`; block in it with `tokio::task::spawn_blocking`";
        return Err(Error::new(sig.fn_token.span, message));
    }
    if let Some(generic) = sig.generics.params.first() {
        let message = "a job cannot be generic: a worker that reads a stored call must know its \
                       types";
        return Err(Error::new_spanned(generic, message));
    }
    Ok(())
}

fn parameter(input: &FnArg) -> Result<Parameter<'_>> {
    let FnArg::Typed(PatType { pat, ty, .. }) = input else {
        let message = "a job is a free function: there is no `self` when it is read from the store";
        return Err(Error::new_spanned(input, message));
    };
    let name = match &**pat {
        Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => &pat.ident,
        other => {
            let message = "an argument of a job has a plain name, under which it is stored";
            return Err(Error::new(other.span(), message));
        }
    };
    match &**ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            let message = "what workers lend is shared by their jobs: take `&` and not `&mut`";
            Err(Error::new_spanned(ty, message))
        }
        Type::Reference(reference) => match owned(&reference.elem) {
            Some(owned) => {
                let message = format!(
                    "an argument is stored, so it is owned: take `{owned}`; a reference is for \
                     what the workers lend with `.state(..)`"
                );
                Err(Error::new_spanned(ty, message))
            }
            None => Ok(Parameter { name, ty: &reference.elem, lent: true }),
        },
        Type::ImplTrait(_) => {
            let message = "a job cannot be generic: name the type of the argument";
            Err(Error::new_spanned(ty, message))
        }
        ty => match of_the_run(ty) {
            Some(name) => {
                let message = format!("it is lent while the job runs: take `&{name}`");
                Err(Error::new_spanned(ty, message))
            }
            None => Ok(Parameter { name, ty, lent: false }),
        },
    }
}

/// Returns the name of a type of River's whose value belongs to a run.
fn of_the_run(ty: &Type) -> Option<&'static str> {
    let Type::Path(path) = ty else { return None };
    let name = &path.path.segments.last()?.ident;
    ["WorkContext", "JobRow"].into_iter().find(|known| name == known)
}

/// What to take in the place of a reference to this, which workers cannot lend.
fn owned(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Path(path) if path.path.is_ident("str") => Some("String"),
        Type::Slice(_) => Some("Vec<..>"),
        _ => None,
    }
}
