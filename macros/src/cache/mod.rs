//! `#[cache]` from its tokens to its expansion.

use proc_macro2::TokenStream;

mod args;
mod check;
mod expand;

use crate::{fallback, item, model::Function};

/// Expands `#[cache(args)] item`.
pub(crate) fn cache(args: TokenStream, item: &TokenStream) -> TokenStream {
    match read(args, item.clone()) {
        Ok((options, function, arguments)) => expand::function(&options, &function, &arguments),
        Err(error) => fallback::item_and_error(item, &error),
    }
}

type Read = (args::Options, Function, Vec<check::Argument>);

fn read(args: TokenStream, item: TokenStream) -> syn::Result<Read> {
    let options = args::parse(args)?;
    let function = item::parse(item, "cache")?;
    let arguments = check::arguments(&function, &options)?;
    Ok((options, function, arguments))
}
