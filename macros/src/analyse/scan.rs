//! Decides on the bare tokens whether a body is worth parsing.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt;

use super::names::{Api, BUILDER_SCHEDULES, JAR_WRITES, SCHEDULES, api};
use crate::model::Kind;

/// Whether the body has all that a mistake takes. An alias made in the body is no
/// way around it, since its `use` names the original.
pub(super) fn may_be_wrong(body: TokenStream, kind: Kind) -> bool {
    let mut found = Found::default();
    // In a job everything runs later.
    found.collect(body, kind == Kind::Job);
    if kind == Kind::Job {
        return found.read || found.outcome;
    }
    let reads = found.read && !kind.tasks_may_read_request();
    let writes = found.jar && found.write;
    found.schedule && (reads || writes)
}

/// Whether the body may schedule anything.
pub(super) fn schedules(body: TokenStream) -> bool {
    let mut found = Found::default();
    found.collect(body, false);
    found.schedule
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are what is looked for, each on its own")]
struct Found {
    schedule: bool,
    /// A request API that may run in a task.
    read: bool,
    jar: bool,
    /// A look at the response.
    outcome: bool,
    /// A cookie write that may run in a task.
    write: bool,
}

impl Found {
    /// Only what stands in braces, behind the `|` of a closure, or is not called at
    /// once may run later: `let agent = headers().await;` is no reason to parse.
    fn collect(&mut self, tokens: TokenStream, mut may_run_later: bool) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) => {
                    let word = word.unraw().to_string();
                    let api = api(&word);
                    self.outcome |= api == Some(Api::Outcome);
                    let api = api.filter(|api| *api != Api::Outcome);
                    self.schedule |= SCHEDULES.contains(&word.as_str())
                        || BUILDER_SCHEDULES.contains(&word.as_str());
                    self.read |=
                        api.is_some() && (may_run_later || !tokens.peek().is_some_and(is_call));
                    self.jar |= api.is_some_and(Api::gives_jar);
                    self.write |= may_run_later && JAR_WRITES.contains(&word.as_str());
                }
                TokenTree::Group(group) => {
                    let is_block = group.delimiter() == Delimiter::Brace;
                    self.collect(group.stream(), may_run_later || is_block);
                }
                TokenTree::Punct(punct) => may_run_later |= punct.as_char() == '|',
                TokenTree::Literal(_) => {}
            }
        }
    }
}

fn is_call(next: &TokenTree) -> bool {
    matches!(next, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
}
