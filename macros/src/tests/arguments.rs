//! What the arguments may be, and what is said of the others.

use super::{pretty, tokens};
use crate::pipeline;

/// The messages for `#[with_after(args)]` on a good function.
fn errors(args: &str) -> Vec<String> {
    let expansion = pretty(&pipeline::with_after(tokens(args), &tokens("async fn shop() {}")));
    assert!(expansion.contains("async fn shop()"), "the item is lost: {expansion}");
    let file: syn::File = syn::parse_str(&expansion).expect("printed from a file");
    let messages = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Macro(item) => item.mac.parse_body::<syn::LitStr>().ok(),
        _ => None,
    });
    messages.map(|message| message.value()).collect()
}

#[test]
fn good_arguments_are_accepted() {
    for args in [
        "",
        "route",
        "component,",
        "metadata, max_duration = \"250ms\"",
        "max_duration = 30, server_fn",
        "middleware, max_duration = \"1h 30m\", crate = some::path",
        "crate = crate::with_after",
        "crate = ::with_after",
    ] {
        assert_eq!(errors(args), Vec::<String>::new(), "{args}");
    }
}

#[test]
fn all_bad_arguments_are_reported_at_once() {
    let errors = errors("rout, max_duration = \"soon\", timeout = 3, component, metadata");
    assert_eq!(errors.len(), 4, "{errors:#?}");
}

#[test]
fn the_nearest_valid_word_is_named() {
    for (args, word) in [
        ("rout", "`route`"),
        ("page", "`component`"),
        ("serverfn", "`server_fn`"),
        ("max_durations = 3", "`max_duration`"),
        ("timeout = \"3s\"", "`max_duration`"),
        ("krate = x", "`crate`"),
        ("max_duration", "`max_duration = ..`"),
        ("max_duration(3)", "`max_duration = ..`"),
        ("kind = route", "`#[with_after(route)]`"),
        ("route route", "`,`"),
        ("max_duration = 30s", "`\"30s\"`"),
        ("max_duration = \"30 parsecs\"", "`\"30s\"`"),
        ("max_duration = 0", "longer than zero"),
        ("max_duration = \"0ms\"", "longer than zero"),
        ("max_duration = -3", "`\"30s\"`"),
        ("max_duration = 1.5", "`\"30s\"`"),
        ("max_duration = Duration::from_secs(3)", "`\"30s\"`"),
        ("max_duration = 99999999999999999999999", "too many"),
        ("max_duration = ", "expected a value"),
        ("crate = \"x\"", "`crate = my_framework::with_after`"),
        ("crate = a, crate = b", "given twice"),
        ("max_duration = 3, max_duration = 4", "given twice"),
        ("route, route", "given twice"),
        ("\"route\"", "expected a kind"),
        ("xyzzy", "`metadata`"),
    ] {
        let errors = errors(args);
        assert_eq!(errors.len(), 1, "{args}: {errors:#?}");
        assert!(errors[0].contains(word), "{args}: {}", errors[0]);
    }
}
