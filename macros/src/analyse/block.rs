//! Blocks: their items, which are known from the first line, and their statements.

use syn::{Block, ForeignItem, Item, ItemFn, Stmt};

use super::{value::Value, walk::Walk};
use crate::item::is_named;

impl Walk<'_> {
    pub(super) fn block(&mut self, block: &Block) -> Value {
        self.statements(&block.stmts)
    }

    /// Reads statements in a scope of their own; the value is that of the tail.
    pub(super) fn statements(&mut self, stmts: &[Stmt]) -> Value {
        self.names.enter();
        self.hoist_items(stmts);
        let mut value = Value::Other;
        for stmt in stmts {
            value = self.stmt(stmt);
        }
        self.names.leave();
        value
    }

    fn stmt(&mut self, stmt: &Stmt) -> Value {
        match stmt {
            Stmt::Expr(expr, None) => self.expr(expr),
            Stmt::Expr(expr, Some(_)) => {
                self.expr(expr);
                Value::Other
            }
            Stmt::Local(local) => {
                match &local.init {
                    None => self.bind(&local.pat, Value::Other),
                    Some(init) => {
                        if let Some((_, otherwise)) = &init.diverge {
                            self.expr(otherwise);
                        }
                        self.bind_expr(&local.pat, &init.expr);
                    }
                }
                Value::Other
            }
            Stmt::Macro(stmt) => {
                let value = self.macro_call(&stmt.mac);
                if stmt.semi_token.is_some() { Value::Other } else { value }
            }
            Stmt::Item(_) => Value::Other,
        }
    }

    fn hoist_items(&mut self, stmts: &[Stmt]) {
        let items = || {
            stmts.iter().filter_map(|stmt| match stmt {
                Stmt::Item(item) => Some(item),
                _ => None,
            })
        };
        items().for_each(|item| self.hoist(item));

        let functions: Vec<&ItemFn> = items().filter_map(plain_function).collect();
        // A function may call one that stands below it, so what they use is
        // gathered until nothing is added: one round more than there are functions.
        for _ in 0..=functions.len() {
            let mut grew = false;
            for function in &functions {
                let value = self.function_item(function);
                grew |= self.names.bind_item(&function.sig.ident, value);
            }
            if !grew || functions.len() == 1 {
                return;
            }
        }
    }

    fn hoist(&mut self, item: &Item) {
        match item {
            Item::Use(item) => self.names.import(item),
            Item::Fn(item) => self.hide(&item.sig.ident),
            Item::Const(item) => self.hide(&item.ident),
            Item::Static(item) => self.hide(&item.ident),
            // Tuple and unit structs are values too.
            Item::Struct(item) => self.hide(&item.ident),
            Item::ForeignMod(block) => {
                for item in &block.items {
                    if let ForeignItem::Fn(item) = item {
                        self.hide(&item.sig.ident);
                    }
                }
            }
            _ => {}
        }
    }

    fn hide(&mut self, name: &proc_macro2::Ident) {
        self.names.bind_item(name, Value::Other);
    }
}

/// A function whose body belongs to the annotated one; `#[with_after]` inside it reads its own.
fn plain_function(item: &Item) -> Option<&ItemFn> {
    match item {
        Item::Fn(function) if !function.attrs.iter().any(|attr| is_named(attr, "with_after")) => {
            Some(function)
        }
        _ => None,
    }
}
