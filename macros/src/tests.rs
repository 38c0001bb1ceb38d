//! Tests of the whole expansion.

use proc_macro2::TokenStream;

mod arguments;
mod depth;
mod places;
mod snapshots;
mod typing;

fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap_or_else(|error| panic!("{error}: {source}"))
}

/// The expansion as rustfmt would print it.
fn pretty(expansion: &TokenStream) -> String {
    let file =
        syn::parse2(expansion.clone()).unwrap_or_else(|error| panic!("{error}: {expansion}"));
    prettyplease::unparse(&file)
}
