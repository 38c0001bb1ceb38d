//! `#[job]`: a function whose calls are stored.

mod args;
mod items;
mod parameters;

use proc_macro2::TokenStream;

use crate::{
    analyse, fallback,
    model::{Handler, Kind, Options},
};

/// Expands `#[job(args)] item`.
pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    fallback::or_item(item, "job", args::parse(args), |job, function| {
        parameters::read(&function.sig)?;
        let options = Options {
            kind: Kind::Job,
            max_duration: job.max_duration,
            runtime: job.runtime.clone(),
        };
        let mut handler = Handler { options, function };
        analyse::put_errors_in_body(&mut handler);
        let parameters = parameters::read(&handler.function.sig)?;
        Ok(items::items(&job, &handler.function, &parameters))
    })
}

#[cfg(test)]
mod tests;
