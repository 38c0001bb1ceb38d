//! What is handed over to run in a task, for the transitive check.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Block, Expr, Ident, Macro,
    visit_mut::{self, VisitMut},
};

use super::{
    call::last,
    walk::{Site, Walk},
};
use crate::bound::Bound;

/// Where tasks are scheduled.
#[derive(Default)]
pub(super) struct Handed {
    /// The arguments.
    pub(super) arguments: HashSet<Site>,
    /// By macro call, whose tokens have no sites of their own: the functions, or methods, by which
    /// tasks are scheduled there.
    pub(super) in_macros: HashMap<Site, HashSet<String>>,
}

impl Walk<'_> {
    /// Notes what is handed to a function, or method, that schedules.
    pub(super) fn note_task(&mut self, function: &Expr, method: Option<&Ident>, arg: &Expr) {
        if !self.is_of_this_kind {
            return;
        }
        let Some((site, _)) = self.enclosing_macro else {
            self.handed.arguments.insert(Site::of(arg));
            return;
        };
        let name = match (method, function) {
            (Some(method), _) => method.to_string(),
            (None, Expr::Path(path)) => last(&path.path),
            (None, _) => return,
        };
        self.handed.in_macros.entry(site).or_default().insert(name);
    }
}

/// Puts each task under the bound.
pub(super) fn put_under_bound(handed: Handed, bound: Bound<'_>, body: &mut Block) {
    Place { handed, bound }.visit_block_mut(body);
}

struct Place<'f> {
    handed: Handed,
    bound: Bound<'f>,
}

impl VisitMut for Place<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let site = Site::of::<Expr>(expr);
        visit_mut::visit_expr_mut(self, expr);
        if self.handed.arguments.contains(&site) {
            *expr = Expr::Verbatim(self.bound.around(&expr.to_token_stream()));
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        if let Some(functions) = self.handed.in_macros.get(&Site::of(call)) {
            call.tokens = in_tokens(&call.tokens, functions, &mut self.bound);
        }
    }
}

/// Finds `after(..)` and `.schedule(..)`.
fn in_tokens(
    tokens: &TokenStream,
    functions: &HashSet<String>,
    bound: &mut Bound<'_>,
) -> TokenStream {
    let mut called = false;
    let mut out = Vec::new();
    for token in tokens.clone() {
        let is_function =
            matches!(&token, TokenTree::Ident(name) if functions.contains(&name.to_string()));
        out.push(match token {
            TokenTree::Group(group) => {
                let mut tokens = in_tokens(&group.stream(), functions, bound);
                if called && group.delimiter() == Delimiter::Parenthesis && !tokens.is_empty() {
                    tokens = bound.around(&tokens);
                }
                let mut new = Group::new(group.delimiter(), tokens);
                new.set_span(group.span());
                new.into()
            }
            token => token,
        });
        called = is_function;
    }
    out.into_iter().collect()
}
