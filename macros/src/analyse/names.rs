//! What a name means where it stands.

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::{ItemUse, Path, UseTree, ext::IdentExt};

use super::value::Value;

/// A function that reads the request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Cookies,
    Headers,
    Connection,
    TryCookies,
    TryHeaders,
    /// Reads the response; wrong in a job alone.
    Outcome,
}

impl Api {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cookies => "cookies",
            Self::Headers => "headers",
            Self::Connection => "connection",
            Self::TryCookies => "try_cookies",
            Self::TryHeaders => "try_headers",
            Self::Outcome => "outcome",
        }
    }

    /// Whether its result is awaited.
    pub(super) fn is_async(self) -> bool {
        !matches!(self, Self::TryCookies | Self::TryHeaders | Self::Outcome)
    }

    pub(super) fn gives_jar(self) -> bool {
        matches!(self, Self::Cookies | Self::TryCookies)
    }
}

pub(super) fn api(name: &str) -> Option<Api> {
    let all = [
        Api::Cookies,
        Api::Headers,
        Api::Connection,
        Api::TryCookies,
        Api::TryHeaders,
        Api::Outcome,
    ];
    all.into_iter().find(|api| api.name() == name)
}

/// The functions, and the builder's methods, that schedule a task.
pub(super) const SCHEDULES: [&str; 2] = ["after", "try_after"];
pub(super) const BUILDER_SCHEDULES: [&str; 2] = ["schedule", "try_schedule"];
/// The methods of the jar that a task cannot call.
pub(super) const JAR_WRITES: [&str; 2] = ["set", "remove"];

/// What the library means by a name.
fn of_library(name: &str) -> Value {
    match name {
        "task" => Value::Task,
        _ if SCHEDULES.contains(&name) => Value::Schedule,
        _ => api(name).map_or(Value::Other, |api| Value::Api { api, named: None }),
    }
}

/// The scopes around the expression that is being read, innermost last.
///
/// A name that no scope knows comes from the module, which the macro cannot see:
/// there a bare `cookies` is taken for the library's.
pub(super) struct Names {
    scopes: Vec<Scope>,
    /// The library's path as `crate = ..` gives it.
    runtime: Vec<String>,
}

#[derive(Default)]
struct Scope {
    locals: HashMap<String, Value>,
    /// Functions, constants and imports: known in the whole block, before their line too.
    items: HashMap<String, Value>,
    /// Imported paths, and whether each is the library.
    modules: HashMap<String, bool>,
}

impl Names {
    pub(super) fn new(runtime: &Path) -> Self {
        Self { scopes: vec![Scope::default()], runtime: segments(runtime) }
    }

    pub(super) fn enter(&mut self) {
        self.scopes.push(Scope::default());
    }

    pub(super) fn leave(&mut self) {
        self.scopes.pop();
    }

    pub(super) fn bind(&mut self, name: &Ident, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.locals.insert(plain(name), value);
        }
    }

    /// Binds an item and says whether that is news.
    pub(super) fn bind_item(&mut self, name: &Ident, value: Value) -> bool {
        let Some(scope) = self.scopes.last_mut() else { return false };
        let before = scope.items.insert(plain(name), value.clone());
        before != Some(value)
    }

    /// `name = value`. From an inner scope it may or may not have happened.
    pub(super) fn assign(&mut self, name: &Ident, value: Value) {
        let name = plain(name);
        let mut is_innermost = true;
        for scope in self.scopes.iter_mut().rev() {
            if let Some(local) = scope.locals.get_mut(&name) {
                *local = if is_innermost { value } else { local.clone().or(value) };
                return;
            }
            is_innermost = false;
        }
    }

    pub(super) fn import(&mut self, item: &ItemUse) {
        let prefix: Vec<String> = item.leading_colon.iter().map(|_| String::new()).collect();
        self.import_tree(prefix, &item.tree);
    }

    fn import_tree(&mut self, mut prefix: Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(plain(&path.ident));
                self.import_tree(prefix, &path.tree);
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.import_tree(prefix.clone(), tree));
            }
            UseTree::Name(name) if name.ident == "self" => {
                if let Some(name) = prefix.last().cloned() {
                    self.import_as(&name, &prefix);
                }
            }
            UseTree::Name(name) => {
                prefix.push(plain(&name.ident));
                self.import_as(&plain(&name.ident), &prefix);
            }
            UseTree::Rename(name) => {
                if name.ident != "self" {
                    prefix.push(plain(&name.ident));
                }
                self.import_as(&plain(&name.rename), &prefix);
            }
            // It may bring in anything, and most often something else.
            UseTree::Glob(_) => {}
        }
    }

    fn import_as(&mut self, name: &str, path: &[String]) {
        let (value, is_library) = (self.value_at(path), self.is_library(path));
        if let Some(scope) = self.scopes.last_mut() {
            scope.items.insert(name.to_owned(), value);
            scope.modules.insert(name.to_owned(), is_library);
        }
    }

    /// What a path means: `cookies`, `with_after::cookies`, `my::alias::cookies`.
    pub(super) fn value(&self, path: &Path) -> Value {
        if let Some(name) = path.get_ident() {
            return self.value_of(&plain(name));
        }
        self.value_at(&segments(path))
    }

    fn value_of(&self, name: &str) -> Value {
        let known = self
            .scopes
            .iter()
            .rev()
            .find_map(|scope| scope.locals.get(name).or_else(|| scope.items.get(name)));
        known.cloned().unwrap_or_else(|| of_library(name))
    }

    fn value_at(&self, path: &[String]) -> Value {
        match path {
            [module @ .., name] if self.is_library(module) => of_library(name),
            _ => Value::Other,
        }
    }

    fn is_library(&self, path: &[String]) -> bool {
        let imported = match path {
            [name] => self.scopes.iter().rev().find_map(|scope| scope.modules.get(name)).copied(),
            _ => None,
        };
        imported.unwrap_or_else(|| {
            path == self.runtime || path == ["with_after"] || path == ["", "with_after"]
        })
    }
}

/// The segments of a path; a leading `::` is an empty one.
fn segments(path: &Path) -> Vec<String> {
    let colon = path.leading_colon.iter().map(|_| String::new());
    colon.chain(path.segments.iter().map(|segment| plain(&segment.ident))).collect()
}

/// `r#type` and `type` are one name.
fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}
