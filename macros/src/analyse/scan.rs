//! Decides on the bare tokens whether a body is worth parsing.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;

use super::names::{Api, BUILDER_SCHEDULES, JAR_WRITES, SCHEDULES, api};
use crate::model::Kind;

/// Whether the body has all the words that a mistake takes. An alias made in the
/// body is no way around it, since its `use` names the original.
pub(super) fn may_be_wrong(body: TokenStream, kind: Kind) -> bool {
    let mut words = HashSet::new();
    collect(body, &mut words);
    let has = |wanted: &dyn Fn(&str) -> bool| words.iter().any(|word| wanted(word));

    let schedules = has(&|word| SCHEDULES.contains(&word) || BUILDER_SCHEDULES.contains(&word));
    let reads = has(&|word| api(word).is_some());
    let writes = has(&|word| api(word).is_some_and(Api::gives_jar))
        && has(&|word| JAR_WRITES.contains(&word));
    schedules && if kind.tasks_may_read_request() { writes } else { reads }
}

fn collect(tokens: TokenStream, words: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => drop(words.insert(word.unraw().to_string())),
            TokenTree::Group(group) => collect(group.stream(), words),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
