//! One attribute from its tokens to its expansion: the stages in their order.

use proc_macro2::TokenStream;

use crate::{analyse, args, expand, fallback, inner, model::Handler};

/// Expands `#[with_after(args)] item`.
pub(crate) fn with_after(args: TokenStream, item: &TokenStream) -> TokenStream {
    marked(args, item, |_| ())
}

/// The same, where `with-after` was built with `--cfg with_after_transitive`.
pub(crate) fn with_after_transitive(args: TokenStream, item: &TokenStream) -> TokenStream {
    marked(args, item, analyse::put_tasks_under_bound)
}

fn marked(args: TokenStream, item: &TokenStream, check: impl FnOnce(&mut Handler)) -> TokenStream {
    let options = args::parse(args);
    let expansion = fallback::or_item(item, "with_after", options, |options, function| {
        let mut handler = Handler { options, function };
        let _ = analyse::put_errors_in_body(&mut handler);
        check(&mut handler);
        inner::leave_to_others(&mut handler);
        Ok(expand::handler(&handler))
    });
    print_if_asked(&expansion);
    expansion
}

/// Expands `#[job(args)] item`.
pub(crate) fn job(args: TokenStream, item: &TokenStream) -> TokenStream {
    let expansion = crate::job::expand(args, item, false);
    print_if_asked(&expansion);
    expansion
}

/// The same, where `with-after` was built with `--cfg with_after_transitive`.
pub(crate) fn job_transitive(args: TokenStream, item: &TokenStream) -> TokenStream {
    let expansion = crate::job::expand(args, item, true);
    print_if_asked(&expansion);
    expansion
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
