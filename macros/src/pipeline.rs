//! One attribute from its tokens to its expansion: the stages in their order.

use proc_macro2::TokenStream;

use crate::{analyse, args, expand, fallback, item, model::Handler};

/// Expands `#[with_after(args)] item`.
pub(crate) fn with_after(args: TokenStream, item: &TokenStream) -> TokenStream {
    let expansion = match read(args, item.clone()) {
        Ok(mut handler) => {
            analyse::put_errors_in_body(&mut handler);
            expand::handler(&handler)
        }
        Err(error) => fallback::item_and_error(item, &error),
    };
    print_if_asked(&expansion);
    expansion
}

/// Expands `#[job(args)] item`.
pub(crate) fn job(args: TokenStream, item: &TokenStream) -> TokenStream {
    let expansion = crate::job::expand(args, item);
    print_if_asked(&expansion);
    expansion
}

fn read(args: TokenStream, item: TokenStream) -> syn::Result<Handler> {
    match (args::parse(args), item::parse(item, "with_after")) {
        (Ok(options), Ok(function)) => Ok(Handler { options, function }),
        (Err(mut errors), Err(error)) => {
            errors.combine(error);
            Err(errors)
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "asked for by the user, and stdout belongs to the compiler"
)]
fn print_if_asked(expansion: &TokenStream) {
    if std::env::var_os("WITH_AFTER_DEBUG").is_some_and(|value| value == "1") {
        eprintln!("{expansion}");
    }
}
