//! `#[cache]` from its tokens to its expansion.

use proc_macro2::TokenStream;

mod args;
mod check;
mod expand;

use crate::fallback;

/// Expands `#[cache(args)] item`.
pub(crate) fn cache(args: TokenStream, item: &TokenStream) -> TokenStream {
    fallback::or_item(item, "cache", args::parse(args), |options, function| {
        let arguments = check::arguments(&function, &options)?;
        Ok(expand::function(&options, &function, &arguments))
    })
}
