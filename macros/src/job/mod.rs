//! `#[job]`: a function whose calls are stored.

mod args;
mod items;
mod parameters;

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;

use crate::{
    analyse,
    bound::Bound,
    fallback,
    model::{Handler, Kind, Options},
};

/// Expands `#[job(args)] item`.
pub(crate) fn expand(args: TokenStream, item: &TokenStream, transitive: bool) -> TokenStream {
    fallback::or_item(item, "job", args::parse(args), |job, function| {
        parameters::read(&function.sig)?;
        if job.name.is_none() {
            let name = &function.sig.ident;
            args::check_name(&name.unraw().to_string())
                .map_err(|message| syn::Error::new(name.span(), message))?;
        }
        let options = Options {
            kind: Kind::Job,
            max_duration: job.max_duration,
            runtime: job.runtime.clone(),
        };
        let mut handler = Handler { options, function };
        let found = analyse::put_errors_in_body(&mut handler);
        // What was found is told once.
        let transitive = transitive && !found;
        if transitive {
            analyse::put_tasks_under_bound(&mut handler);
        }
        let function = &handler.function;
        let bound = transitive.then(|| Bound::of(function, Kind::Job, &job.runtime)).flatten();
        let parameters = parameters::read(&function.sig)?;
        Ok(items::items(&job, function, &parameters, bound))
    })
}

#[cfg(test)]
mod tests;
