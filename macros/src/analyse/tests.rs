//! The accepted and the refused, as tables: one body a line.

use proc_macro2::{TokenStream, TokenTree};

use crate::pipeline;

mod accepted;
mod parts;
mod refused;
mod writes;

/// What is refused in a function of that kind with that body, in the user's words.
fn refused_in(kind: &str, body: &str) -> Vec<String> {
    refused_in_item(kind, &format!("async fn page(input: Input) -> Html {{ {body} }}"))
}

fn refused_in_item(kind: &str, item: &str) -> Vec<String> {
    let args = format!("{kind}, crate = my_framework::after");
    let expansion = pipeline::with_after(parse(&args), &parse(item));
    let mut refused = Vec::new();
    collect_errors(expansion, &mut refused);
    refused
}

/// ```text
/// Input:  .. compile_error! { "`cookies()` is used in .." } ..
/// Output: ["cookies()"]
/// ```
fn collect_errors(tokens: TokenStream, errors: &mut Vec<String>) {
    let mut is_error = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) if is_error => {
                let message = group.stream().to_string();
                errors.extend(message.split('`').nth(1).map(|use_| use_.replace("\\\"", "\"")));
                is_error = false;
            }
            TokenTree::Group(group) => collect_errors(group.stream(), errors),
            TokenTree::Ident(word) => is_error = word == "compile_error",
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn parse(tokens: &str) -> TokenStream {
    tokens.parse().unwrap_or_else(|error| panic!("{error}: {tokens}"))
}

/// Asserts that each body has just the given mistakes, and reports all that do not.
fn assert_refused(kind: &str, table: &[(&str, &[&str])]) {
    let wrong: Vec<String> = table
        .iter()
        .filter(|(body, expected)| refused_in(kind, body) != *expected)
        .map(|(body, expected)| {
            format!("{body}\n    expected {expected:?}\n    found    {:?}", refused_in(kind, body))
        })
        .collect();
    assert!(wrong.is_empty(), "in a `{kind}`:\n{}", wrong.join("\n"));
}

/// Asserts that no body has a mistake.
fn assert_accepted(kind: &str, bodies: &[&str]) {
    let table: Vec<(&str, &[&str])> = bodies.iter().map(|body| (*body, &[] as &[&str])).collect();
    assert_refused(kind, &table);
}
