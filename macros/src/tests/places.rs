//! Where the tokens of an expansion stand: compilers and editors speak of them there.

use std::collections::BTreeSet;

use proc_macro2::{LineColumn, TokenStream, TokenTree};

use super::tokens;
use crate::{cache, pipeline};

/// Below the first line, where the tokens stand that stand nowhere.
const ITEM: &str = "
pub async fn shop(State(db): State<Db>, Json(order): Json<Order>) -> Result<Json<Receipt>, AppError>
{
    let receipt = db.insert(order).await?;
    Ok(Json(receipt))
}";

type Token = (String, LineColumn, LineColumn);

#[test]
fn what_was_typed_stays_where_it_was_in_its_order() {
    for (expansion, item) in expansions() {
        let mut emitted = flat(expansion).into_iter();
        for token in flat(tokens(item)) {
            // The braces of the function are new ones at the place of the old.
            let found = emitted.any(|other| other == token);
            assert!(found || token.0 == "{" || token.0 == "}", "{token:?} of {item}");
        }
    }
}

#[test]
fn nothing_that_was_not_typed_stands_on_a_name() {
    for (expansion, item) in expansions() {
        let typed = flat(tokens(item));
        let names: BTreeSet<(usize, usize)> = typed
            .iter()
            .filter(|(text, ..)| text.starts_with(|char: char| char.is_alphabetic()))
            .map(|(_, start, _)| (start.line, start.column))
            .collect();
        for (text, start, end) in flat(expansion) {
            let is_typed = typed.contains(&(text.clone(), start, end));
            // The value that the return type is told by, and an argument of `#[cache]` in its key.
            let is_hint = ["{", "}", "&"].contains(&text.as_str());
            let on_name = names.contains(&(start.line, start.column));
            assert!(is_typed || is_hint || !on_name, "`{text}` at {start:?} of {item}");
        }
    }
}

#[test]
fn the_return_type_is_told_by_one_pair_of_braces_where_it_stands() {
    let expansion = pipeline::with_after(TokenStream::new(), &tokens(ITEM));
    let line = ITEM.lines().nth(1).unwrap_or_default();
    let place = line.find("Result").map(|column| (2, column));
    let at_type = |(_, start, _): &Token| Some((start.line, start.column)) == place;
    let found: Vec<String> =
        flat(expansion).into_iter().filter(at_type).map(|(text, ..)| text).collect();
    assert_eq!(found, ["Result", "{", "Result"]);
}

#[test]
fn an_error_is_told_at_the_function_and_underlined_as_a_whole() {
    for (body, name, from, to) in [
        ("after(async { with_after::headers().await });", "headers", "with_after", ")"),
        ("after(async { cookies().await });", "cookies", "cookies", ")"),
        ("after(cookies);", "cookies", "cookies", "cookies"),
        ("let read = (1, cookies); after(async move { (read.1)().await });", "read", "(", ")"),
        ("let jar = cookies().await; after(async move { jar.set(c) });", "set", "jar", ")"),
    ] {
        let item = tokens(&format!("\nasync fn page() {{ {body} }}"));
        let expansion = flat(pipeline::with_after(tokens("component"), &item));
        let typed = flat(item);
        let starts = |text: &str| -> Vec<LineColumn> {
            typed.iter().filter(|token| token.0 == text).map(|token| token.1).collect()
        };
        let error =
            expansion.iter().position(|(text, ..)| text == "compile_error").expect("refused");
        assert!(starts(name).contains(&expansion[error].1), "{body}: {:?}", expansion[error]);
        // `::core::` in front, `!(..)` behind.
        assert!(
            starts(from).contains(&expansion[error - 5].1),
            "{body}: {:?}",
            &expansion[error - 5]
        );
        let ends = expansion[error + 4].2;
        assert!(typed.iter().any(|token| token.0 == to && token.2 == ends), "{body}");
    }
}

fn expansions() -> Vec<(TokenStream, &'static str)> {
    let items = [
        ITEM,
        "\nfn shop(&self, name: &str) -> Page {\n    page(name)\n}",
        "\nfn shop(name: String) -> impl Future<Output = Page> {\n    async move { page(name) }\n}",
        "\nfn shop(name: String) -> Pin<Box<dyn Future<Output = Page>>> {\n    Box::pin(page(name))\n}",
        "\nasync fn shop() {\n    half.typed.\n}",
    ];
    let with_after =
        items.map(|item| (pipeline::with_after(TokenStream::new(), &tokens(item)), item));
    let item = "\nasync fn user(id: u64) -> User {\n    load(id).await\n}";
    let cache = (cache::cache(TokenStream::new(), &tokens(item)), item);
    with_after.into_iter().chain([cache]).collect()
}

fn flat(tokens: TokenStream) -> Vec<Token> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = (group.span_open(), group.span_close());
                let text = group.delimiter();
                let (left, right) = match text {
                    proc_macro2::Delimiter::Parenthesis => ("(", ")"),
                    proc_macro2::Delimiter::Brace => ("{", "}"),
                    proc_macro2::Delimiter::Bracket => ("[", "]"),
                    proc_macro2::Delimiter::None => ("", ""),
                };
                found.push((left.to_owned(), open.start(), open.end()));
                found.extend(flat(group.stream()));
                found.push((right.to_owned(), close.start(), close.end()));
            }
            token => {
                let span = token.span();
                found.push((token.to_string(), span.start(), span.end()));
            }
        }
    }
    found
}
