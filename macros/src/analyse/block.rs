//! Blocks: their items, which are known from the first line, and their statements.

use syn::{Attribute, Block, ForeignItem, Item, ItemFn, Stmt};

use super::{
    uses::{FunctionId, Uses},
    value::Value,
    walk::Walk,
};

impl Walk<'_> {
    pub(super) fn block(&mut self, block: &Block) -> Value {
        self.statements(&block.stmts)
    }

    /// Reads statements in a scope of their own; the value is that of the tail.
    pub(super) fn statements(&mut self, stmts: &[Stmt]) -> Value {
        self.names.enter();
        self.items(stmts);
        let mut value = Value::Data;
        for stmt in stmts {
            value = self.stmt(stmt);
        }
        self.names.leave();
        value
    }

    fn stmt(&mut self, stmt: &Stmt) -> Value {
        match stmt {
            Stmt::Expr(expr, None) => return self.expr(expr),
            Stmt::Expr(expr, Some(_)) => drop(self.expr(expr)),
            Stmt::Local(local) => match &local.init {
                None => self.bind(&local.pat, &Value::Data),
                Some(init) => {
                    if let Some((_, otherwise)) = &init.diverge {
                        self.expr(otherwise);
                    }
                    // The names are new only behind the whole `let`.
                    let value = self.expr(&init.expr);
                    self.bind(&local.pat, &value);
                }
            },
            Stmt::Macro(stmt) => {
                let value = self.macro_call(&stmt.mac);
                if stmt.semi_token.is_none() {
                    return value;
                }
            }
            Stmt::Item(_) => {}
        }
        Value::Data
    }

    /// Names all items first, since each may use any other, and then reads the functions.
    fn items(&mut self, stmts: &[Stmt]) {
        let items = stmts.iter().filter_map(|stmt| match stmt {
            Stmt::Item(item) => Some(item),
            _ => None,
        });
        let functions: Vec<_> = items.filter_map(|item| self.name_item(item)).collect();
        for (id, function) in functions {
            self.function(id, function);
        }
    }

    fn name_item<'i>(&mut self, item: &'i Item) -> Option<(FunctionId, &'i ItemFn)> {
        let name = match item {
            Item::Fn(function) => {
                let id = self.sets.new_function();
                let body = self.sets.body_of(id);
                let value = if function.sig.asyncness.is_some() {
                    let future = Value::awaited(body, Value::Returned(id));
                    Value::called(Uses::default(), future)
                } else {
                    Value::called(body, Value::Returned(id))
                };
                self.names.bind_item(&function.sig.ident, value);
                return Some((id, function));
            }
            Item::Use(item) => {
                self.names.import(item);
                return None;
            }
            Item::ForeignMod(block) => {
                for item in &block.items {
                    if let ForeignItem::Fn(item) = item {
                        self.names.bind_item(&item.sig.ident, Value::Data);
                    }
                }
                return None;
            }
            Item::Const(item) => &item.ident,
            Item::Static(item) => &item.ident,
            Item::Mod(item) => &item.ident,
            // Tuple and unit structs are values too.
            Item::Struct(item) => &item.ident,
            _ => return None,
        };
        self.names.bind_item(name, Value::Data);
        None
    }

    /// Reads an `fn` inside of the body, once.
    fn function(&mut self, id: FunctionId, function: &ItemFn) {
        self.names.enter_function();
        self.parameters(&function.sig);
        let of_this_kind = self.is_of_this_kind && function.attrs.iter().all(is_plain);
        let outer = std::mem::replace(&mut self.is_of_this_kind, of_this_kind);
        let (body, value) = self.in_frame(|walk| walk.block(&function.block));
        self.is_of_this_kind = outer;
        self.names.leave();
        let result = self.reach(&value);
        self.sets.function_is(id, body, result);
        self.returned.insert(id, value);
    }
}

/// Whether an attribute leaves alone what the function schedules: any other may be `#[with_after]`
/// under a name of the module.
fn is_plain(attr: &Attribute) -> bool {
    const PLAIN: [&str; 17] = [
        "allow",
        "async_recursion",
        "cfg",
        "cfg_attr",
        "cold",
        "deny",
        "deprecated",
        "doc",
        "expect",
        "forbid",
        "inline",
        "instrument",
        "must_use",
        "no_mangle",
        "rustfmt",
        "track_caller",
        "warn",
    ];
    let name = attr.path().segments.last();
    name.is_some_and(|name| PLAIN.iter().any(|plain| name.ident == plain))
}
