//! What a name means where it stands.

use std::collections::HashMap;

use proc_macro2::Ident;
use syn::{ItemUse, Path, UseTree, ext::IdentExt};

use super::{uses::Uses, value::Value};

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
        _ => api(name).map_or(Value::Data, |api| Value::Api { api, named: Uses::default() }),
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
    /// Functions, constants and modules: known in the whole block, before their line too.
    items: HashMap<String, Value>,
    /// What `use` names: the path that each name stands for.
    imports: HashMap<String, Vec<String>>,
    /// Whether the locals further out are out of reach, as they are in an `fn`.
    is_function: bool,
}

impl Names {
    pub(super) fn new(runtime: &Path) -> Self {
        Self { scopes: vec![Scope::default()], runtime: segments(runtime) }
    }

    pub(super) fn enter(&mut self) {
        self.scopes.push(Scope::default());
    }

    pub(super) fn enter_function(&mut self) {
        self.scopes.push(Scope { is_function: true, ..Scope::default() });
    }

    pub(super) fn leave(&mut self) {
        self.scopes.pop();
    }

    pub(super) fn bind(&mut self, name: &Ident, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.locals.insert(plain(name), value);
        }
    }

    pub(super) fn bind_item(&mut self, name: &Ident, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.items.insert(plain(name), value);
        }
    }

    /// The variable of that name, and whether it is of the innermost scope.
    pub(super) fn local(&mut self, name: &Ident) -> Option<(&mut Value, bool)> {
        let name = plain(name);
        let mut is_innermost = true;
        for scope in self.scopes.iter_mut().rev() {
            if scope.locals.contains_key(&name) {
                return scope.locals.get_mut(&name).map(|local| (local, is_innermost));
            }
            is_innermost = false;
        }
        None
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
            UseTree::Name(name) => {
                let name = plain(&name.ident);
                if name != "self" {
                    prefix.push(name);
                }
                if let Some(name) = prefix.last().cloned() {
                    self.import_as(name, prefix);
                }
            }
            UseTree::Rename(name) => {
                if name.ident != "self" {
                    prefix.push(plain(&name.ident));
                }
                self.import_as(plain(&name.rename), prefix);
            }
            // It may bring in anything, and most often something else.
            UseTree::Glob(_) => {}
        }
    }

    fn import_as(&mut self, name: String, path: Vec<String>) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.imports.insert(name, path);
        }
    }

    /// What a path means: `cookies`, `with_after::cookies`, `my::alias::cookies::<T>`.
    pub(super) fn value(&self, path: &Path) -> Value {
        self.value_at(&segments(path), LONGEST_ALIAS)
    }

    fn value_at(&self, path: &[String], hops: usize) -> Value {
        match path {
            [name] => self.value_of(name, hops),
            [module @ .., name] if self.is_library(module, hops) => of_library(name),
            _ => Value::Data,
        }
    }

    fn value_of(&self, name: &str, hops: usize) -> Value {
        let mut sees_locals = true;
        for scope in self.scopes.iter().rev() {
            if let Some(local) = scope.locals.get(name).filter(|_| sees_locals) {
                return local.clone();
            }
            if let Some(item) = scope.items.get(name) {
                return item.clone();
            }
            match scope.imports.get(name) {
                // `use cookies;` names what is further out.
                Some(path) if *path != [name] => {
                    return hops
                        .checked_sub(1)
                        .map_or(Value::Data, |hops| self.value_at(path, hops));
                }
                _ => sees_locals &= !scope.is_function,
            }
        }
        of_library(name)
    }

    /// Whether a path leads to the library, perhaps by names for a part of it.
    fn is_library(&self, path: &[String], hops: usize) -> bool {
        let Some(first) = path.first() else { return false };
        for scope in self.scopes.iter().rev() {
            if scope.items.contains_key(first) {
                return false;
            }
            match scope.imports.get(first) {
                Some(import) if import.as_slice() != [first.as_str()] => {
                    let whole = [import, &path[1..]].concat();
                    return hops.checked_sub(1).is_some_and(|hops| self.is_library(&whole, hops));
                }
                _ => {}
            }
        }
        path == self.runtime || path == ["with_after"] || path == ["", "with_after"]
    }
}

/// How many names may stand for each other; more are a circle.
const LONGEST_ALIAS: usize = 16;

/// The segments of a path; a leading `::` is an empty one.
fn segments(path: &Path) -> Vec<String> {
    let colon = path.leading_colon.iter().map(|_| String::new());
    colon.chain(path.segments.iter().map(|segment| plain(&segment.ident))).collect()
}

/// `r#type` and `type` are one name.
fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}
