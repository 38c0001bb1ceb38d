//! What stands between the parentheses of `#[cache(..)]`.

use proc_macro2::{Ident, TokenStream};
use syn::{Path, Result, meta::ParseNestedMeta, parse::Parser, parse_quote};

pub(super) struct Options {
    /// Arguments that are not part of the key.
    pub(super) skip: Vec<Ident>,
    /// Where the runtime is found: `::with_after`, or what `crate = ..` names.
    pub(super) runtime: Path,
}

pub(super) fn parse(tokens: TokenStream) -> Result<Options> {
    let mut options = Options { skip: Vec::new(), runtime: parse_quote!(::with_after) };
    syn::meta::parser(|meta| options.read(&meta)).parse2(tokens)?;
    Ok(options)
}

impl Options {
    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        if meta.path.is_ident("skip") {
            meta.parse_nested_meta(|argument| {
                self.skip.push(argument.path.require_ident()?.clone());
                Ok(())
            })
        } else if meta.path.is_ident("crate") {
            self.runtime = Path::parse_mod_style(meta.value()?)?;
            Ok(())
        } else {
            Err(meta.error("expected `skip(argument, ..)` or `crate = some::path`"))
        }
    }
}
