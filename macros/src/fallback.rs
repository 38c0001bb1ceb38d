//! What is emitted where the attribute cannot be applied.

use proc_macro2::TokenStream;
use quote::quote;

/// Keeps the item as it was written, so that the editor goes on completing and
/// nothing that names the function fails to resolve, and says what is wrong.
///
/// ```text
/// Input:  #[with_after(rout)] async fn shop() { .. }
/// Output: async fn shop() { .. }  compile_error! { "unknown kind `rout`; .." }
/// ```
pub(crate) fn item_and_error(item: &TokenStream, error: &syn::Error) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#item #error)
}
