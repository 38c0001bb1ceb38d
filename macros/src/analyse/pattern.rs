//! What patterns bind.

use proc_macro2::Ident;
use syn::{Expr, Pat};

use super::{value::Value, walk::Walk};

impl Walk<'_> {
    /// `let PATTERN = EXPRESSION`, member by member where both are tuples.
    pub(super) fn bind_expr(&mut self, pat: &Pat, expr: &Expr) {
        match (pat, expr) {
            (Pat::Type(typed), _) => self.bind_expr(&typed.pat, expr),
            (Pat::Tuple(pats), Expr::Tuple(exprs))
                if pats.elems.len() == exprs.elems.len()
                    && !pats.elems.iter().any(|pat| matches!(pat, Pat::Rest(_))) =>
            {
                // The names are new only behind the whole `let`.
                let values: Vec<Value> = exprs.elems.iter().map(|expr| self.expr(expr)).collect();
                for (pat, value) in pats.elems.iter().zip(values) {
                    self.bind(pat, value);
                }
            }
            _ => {
                let value = self.expr(expr);
                self.bind(pat, value);
            }
        }
    }

    /// Binds what a pattern names. Only a single name surely gets the value.
    pub(super) fn bind(&mut self, pat: &Pat, value: Value) {
        match bindings(pat).as_slice() {
            [name] => self.names.bind(name, value),
            names => names.iter().for_each(|name| self.names.bind(name, Value::Other)),
        }
    }
}

/// The names that a pattern binds, each once.
fn bindings(pat: &Pat) -> Vec<&Ident> {
    let mut names: Vec<&Ident> = Vec::new();
    collect(pat, &mut names);
    names
}

fn collect<'p>(pat: &'p Pat, names: &mut Vec<&'p Ident>) {
    match pat {
        Pat::Ident(binding) => {
            // `None` and constants look like bindings.
            let is_constant = binding.ident.to_string().starts_with(char::is_uppercase);
            if !is_constant && !names.contains(&&binding.ident) {
                names.push(&binding.ident);
            }
            binding.subpat.iter().for_each(|(_, pat)| collect(pat, names));
        }
        Pat::Guard(guarded) => collect(&guarded.pat, names),
        Pat::Or(or) => or.cases.iter().for_each(|pat| collect(pat, names)),
        Pat::Paren(inner) => collect(&inner.pat, names),
        Pat::Reference(inner) => collect(&inner.pat, names),
        Pat::Slice(slice) => slice.elems.iter().for_each(|pat| collect(pat, names)),
        Pat::Struct(fields) => fields.fields.iter().for_each(|field| collect(&field.pat, names)),
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(|pat| collect(pat, names)),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|pat| collect(pat, names)),
        Pat::Type(typed) => collect(&typed.pat, names),
        _ => {}
    }
}
