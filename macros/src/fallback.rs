//! What is emitted where the attribute cannot be applied.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Result};

use crate::{item, model::Function};

/// Expands an attribute, whose arguments are read, on an item. The item survives whatever is
/// wrong; where that is its syntax, it is given back as it was.
pub(crate) fn or_item<O>(
    item: &TokenStream,
    attribute: &str,
    options: Result<O>,
    expand: impl FnOnce(O, Function) -> Result<TokenStream>,
) -> TokenStream {
    let expansion = match (options, item::parse(item.clone(), attribute)) {
        (Ok(options), Ok(Some(function))) => expand(options, function),
        (Ok(_), Ok(None)) => return item.clone(),
        (Err(mut errors), Err(error)) => {
            errors.combine(error);
            Err(errors)
        }
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
    };
    expansion.unwrap_or_else(|error| item_and_error(item, &error))
}

/// Keeps the item as it was written, so that the editor goes on completing and
/// nothing that names the function fails to resolve, and says what is wrong.
///
/// ```text
/// Input:  #[with_after(rout)] async fn shop() { .. }
/// Output: async fn shop() { .. }  compile_error! { "unknown kind `rout`; .." }
/// ```
fn item_and_error(item: &TokenStream, error: &Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}
