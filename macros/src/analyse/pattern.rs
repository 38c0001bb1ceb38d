//! What patterns bind, and what is assigned.

use std::rc::Rc;

use proc_macro2::Ident;
use syn::{Expr, Member, Pat, Path};

use super::{
    call::AROUND,
    value::{Part, Value},
    walk::Walk,
};

impl Walk<'_> {
    /// Binds what a pattern names, part by part where the parts are known. Of a whole that is not
    /// known only a single name surely gets the value.
    pub(super) fn bind(&mut self, pat: &Pat, value: &Value) {
        match pat {
            Pat::Ident(binding) => {
                // `None` and constants look like bindings.
                if !binding.ident.to_string().starts_with(char::is_uppercase) {
                    self.names.bind(&binding.ident, value.clone());
                }
                binding.subpat.iter().for_each(|(_, pat)| self.bind(pat, value));
            }
            Pat::Guard(guarded) => self.bind(&guarded.pat, value),
            Pat::Or(or) => or.cases.iter().for_each(|pat| self.bind(pat, value)),
            Pat::Paren(inner) => self.bind(&inner.pat, value),
            Pat::Reference(inner) => self.bind(&inner.pat, value),
            Pat::Type(typed) => self.bind(&typed.pat, value),
            Pat::Struct(fields) => {
                let members =
                    fields.fields.iter().map(|field| (name_of(&field.member), &*field.pat));
                self.bind_members(&members.collect::<Vec<_>>(), value);
            }
            Pat::Tuple(tuple) => self.bind_members(&in_places(tuple.elems.iter(), value), value),
            // What wraps one value is that value.
            Pat::TupleStruct(tuple) if tuple.elems.len() == 1 && is_wrapper(&tuple.path) => {
                self.bind(&tuple.elems[0], value);
            }
            Pat::TupleStruct(tuple) => {
                self.bind_members(&in_places(tuple.elems.iter(), value), value);
            }
            // The elements of an array are alike.
            Pat::Slice(slice) => slice.elems.iter().for_each(|pat| self.bind(pat, value)),
            _ => {}
        }
    }

    fn bind_members(&mut self, members: &[(String, &Pat)], value: &Value) {
        let is_known = matches!(value, Value::Parts(_));
        let is_single = members.iter().map(|(_, pat)| count(pat)).sum::<usize>() == 1;
        for (name, pat) in members {
            let part = if is_known || is_single { value.part(name) } else { Value::Data };
            self.bind(pat, &part);
        }
    }

    /// `PLACE = VALUE`
    pub(super) fn assign(&mut self, place: &Expr, value: &Value) {
        match place {
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident() {
                    self.assign_local(name, value.clone());
                }
            }
            Expr::Paren(inner) => self.assign(&inner.expr, value),
            Expr::Tuple(places) => {
                for (index, place) in places.elems.iter().enumerate() {
                    self.assign(place, &value.part(&index.to_string()));
                }
            }
            Expr::Array(places) => places.elems.iter().for_each(|place| self.assign(place, value)),
            Expr::Struct(places) => {
                for field in &places.fields {
                    self.assign(&field.expr, &value.part(&name_of(&field.member)));
                }
            }
            Expr::Field(field) => self.assign_part(&field.base, &name_of(&field.member), value),
            place => drop(self.expr(place)),
        }
    }

    /// From an inner scope it may or may not have happened.
    fn assign_local(&mut self, name: &Ident, value: Value) {
        let Some((local, is_innermost)) = self.names.local(name) else { return };
        let before = if is_innermost { Value::Data } else { std::mem::take(local) };
        let value = self.either(before, value);
        if let Some((local, _)) = self.names.local(name) {
            *local = value;
        }
    }

    fn assign_part(&mut self, whole: &Expr, part: &str, value: &Value) {
        let Expr::Path(path) = whole else { return drop(self.expr(whole)) };
        let Some(name) = path.path.get_ident() else { return };
        let Some((Value::Parts(parts), _)) = self.names.local(name) else { return };
        let parts = Rc::clone(parts);
        let changed = parts.iter().map(|old| Part {
            name: old.name.clone(),
            value: if old.name == part {
                self.either(value.clone(), old.value.clone())
            } else {
                old.value.clone()
            },
        });
        let changed = Value::Parts(changed.collect());
        if let Some((local, _)) = self.names.local(name) {
            *local = changed;
        }
    }
}

pub(super) fn name_of(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

fn is_wrapper(path: &Path) -> bool {
    let name = path.segments.last();
    name.is_some_and(|name| AROUND.iter().any(|around| name.ident == around))
}

/// The places of the members of a tuple; behind a `..` they are counted from the end.
fn in_places<'p>(
    pats: impl ExactSizeIterator<Item = &'p Pat>,
    value: &Value,
) -> Vec<(String, &'p Pat)> {
    let whole = if let Value::Parts(parts) = value { parts.len() } else { 0 };
    let skipped = (whole + 1).saturating_sub(pats.len());
    let (mut places, mut behind_rest) = (Vec::new(), false);
    for (index, pat) in pats.enumerate() {
        if matches!(pat, Pat::Rest(_)) {
            behind_rest = true;
        } else {
            let place = if behind_rest { index + skipped - 1 } else { index };
            places.push((place.to_string(), pat));
        }
    }
    places
}

/// How many names a pattern binds.
fn count(pat: &Pat) -> usize {
    match pat {
        Pat::Ident(binding) => {
            usize::from(!binding.ident.to_string().starts_with(char::is_uppercase))
        }
        Pat::Guard(guarded) => count(&guarded.pat),
        Pat::Or(or) => or.cases.first().map_or(0, count),
        Pat::Paren(inner) => count(&inner.pat),
        Pat::Reference(inner) => count(&inner.pat),
        Pat::Type(typed) => count(&typed.pat),
        Pat::Slice(slice) => slice.elems.iter().map(count).sum(),
        Pat::Struct(fields) => fields.fields.iter().map(|field| count(&field.pat)).sum(),
        Pat::Tuple(tuple) => tuple.elems.iter().map(count).sum(),
        Pat::TupleStruct(tuple) => tuple.elems.iter().map(count).sum(),
        _ => 0,
    }
}
