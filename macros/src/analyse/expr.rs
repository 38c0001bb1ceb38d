//! Evaluates expressions, as far as values matter here: each yields a [`Value`],
//! and what it uses when it runs is noted in the frame around it.

use quote::ToTokens;
use syn::{Expr, ExprClosure, ExprPath, ExprStruct, FnArg, Signature};

use super::{
    pattern::name_of,
    uses::Uses,
    value::{Part, Value},
    walk::{Site, Walk, What},
};

impl Walk<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Path(path) => self.path(expr, path),
            Expr::Call(call) => self.call(expr, call),
            Expr::MethodCall(call) => self.method_call(expr, call),
            Expr::Macro(call) => self.macro_call(&call.mac),
            Expr::Await(await_) => {
                let value = self.expr(&await_.base);
                self.awaited(&value)
            }
            Expr::Async(block) => {
                let (uses, result) = self.in_frame(|walk| walk.block(&block.block));
                Value::awaited(uses, result)
            }
            Expr::Closure(closure) => self.closure(closure),
            _ => self.control_flow(expr),
        }
    }

    fn control_flow(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Block(block) if block.label.is_some() => {
                self.breakable(|walk| walk.block(&block.block))
            }
            Expr::Block(block) => self.block(&block.block),
            Expr::Const(block) => self.block(&block.block),
            Expr::Unsafe(block) => self.block(&block.block),
            Expr::TryBlock(block) => self.block(&block.block),
            Expr::If(branch) => {
                self.names.enter();
                self.expr(&branch.cond);
                let value = self.block(&branch.then_branch);
                self.names.leave();
                let otherwise = branch.else_branch.as_ref().map(|(_, expr)| self.expr(expr));
                self.either(value, otherwise.unwrap_or_default())
            }
            Expr::Let(binding) => {
                let value = self.expr(&binding.expr);
                self.bind(&binding.pat, &value);
                Value::Data
            }
            Expr::Match(choice) => {
                let matched = self.expr(&choice.expr);
                choice.arms.iter().fold(Value::Data, |value, arm| {
                    let other = self.arm(arm, &matched);
                    self.either(value, other)
                })
            }
            Expr::Loop(body) => self.breakable(|walk| {
                walk.block(&body.body);
                Value::Data
            }),
            Expr::While(body) => self.breakable(|walk| {
                walk.names.enter();
                walk.expr(&body.cond);
                walk.block(&body.body);
                walk.names.leave();
                Value::Data
            }),
            Expr::ForLoop(body) => self.breakable(|walk| {
                let items = walk.expr(&body.expr).elements();
                walk.names.enter();
                walk.bind(&body.pat, &items);
                walk.block(&body.body);
                walk.names.leave();
                Value::Data
            }),
            Expr::Return(jump) => {
                let value = self.optional(jump.expr.as_deref());
                let before = std::mem::take(&mut self.frame.returned);
                self.frame.returned = self.either(before, value);
                Value::Data
            }
            Expr::Break(jump) => {
                let value = self.optional(jump.expr.as_deref());
                let before = std::mem::take(&mut self.frame.broken_out);
                self.frame.broken_out = self.either(before, value);
                Value::Data
            }
            _ => self.operation(expr),
        }
    }

    fn operation(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Reference(inner) => self.expr(&inner.expr),
            Expr::RawAddr(inner) => self.expr(&inner.expr),
            Expr::Unary(inner) => self.expr(&inner.expr),
            Expr::Cast(inner) => self.expr(&inner.expr),
            Expr::Try(inner) => self.expr(&inner.expr),
            Expr::Repeat(whole) => self.expr(&whole.expr),

            Expr::Array(whole) => self.any_of(&mut whole.elems.iter()),
            Expr::Tuple(whole) => {
                let values: Vec<Value> = whole.elems.iter().map(|part| self.expr(part)).collect();
                Value::tuple(values.into_iter())
            }
            Expr::Struct(whole) => self.structure(whole),
            Expr::Field(part) => self.expr(&part.base).part(&name_of(&part.member)),
            Expr::Index(part) => {
                self.expr(&part.index);
                self.expr(&part.expr)
            }
            Expr::Range(whole) => {
                self.any_of(&mut whole.start.iter().chain(&whole.end).map(|end| &**end))
            }
            Expr::Binary(whole) => {
                self.expr(&whole.left);
                self.expr(&whole.right);
                Value::Data
            }
            Expr::Yield(jump) => {
                self.optional(jump.expr.as_deref());
                Value::Data
            }
            Expr::Assign(assign) => {
                let value = self.expr(&assign.right);
                // In a macro it is a named argument.
                if !self.is_code {
                    return value;
                }
                self.assign(&assign.left, &value);
                Value::Data
            }
            // Literals, `continue`, `_`, and what syn does not know.
            _ => Value::Data,
        }
    }

    fn optional(&mut self, expr: Option<&Expr>) -> Value {
        expr.map_or(Value::Data, |expr| self.expr(expr))
    }

    pub(super) fn any_of(&mut self, exprs: &mut dyn Iterator<Item = &Expr>) -> Value {
        exprs.fold(Value::Data, |value, expr| {
            let other = self.expr(expr);
            self.either(value, other)
        })
    }

    fn structure(&mut self, whole: &ExprStruct) -> Value {
        let mut parts: Vec<Part> = Vec::new();
        for field in &whole.fields {
            let value = self.expr(&field.expr);
            parts.push(Part { name: name_of(&field.member), value });
        }
        if let Value::Parts(rest) = self.optional(whole.rest.as_deref()) {
            let is_new =
                |part: &&Part| !whole.fields.iter().any(|f| name_of(&f.member) == part.name);
            parts.extend(rest.iter().filter(is_new).cloned());
        }
        Value::Parts(parts.into())
    }

    /// A name that is not called: a function value, if it means a request API.
    fn path(&mut self, site: &Expr, path: &ExprPath) -> Value {
        if path.qself.is_some() {
            return Value::Data;
        }
        match self.names.value(&path.path) {
            Value::Api { .. } if !self.is_code => Value::Data,
            Value::Api { api, .. } => {
                let id = self.found(Site::of(site), What::Read(api), path.to_token_stream());
                Value::Api { api, named: self.sets.one(id) }
            }
            value => value,
        }
    }

    fn arm(&mut self, arm: &syn::Arm, matched: &Value) -> Value {
        self.names.enter();
        self.bind(&arm.pat, matched);
        if let syn::Pat::Guard(guarded) = &arm.pat {
            self.expr(&guarded.guard);
        }
        let value = self.expr(&arm.body);
        self.names.leave();
        value
    }

    fn closure(&mut self, closure: &ExprClosure) -> Value {
        self.names.enter();
        closure.inputs.iter().for_each(|input| self.bind(input, &Value::Data));
        let (uses, result) = self.in_frame(|walk| walk.expr(&closure.body));
        self.names.leave();
        if closure.asyncness.is_some() {
            Value::called(Uses::default(), Value::awaited(uses, result))
        } else {
            Value::called(uses, result)
        }
    }

    pub(super) fn parameters(&mut self, sig: &Signature) {
        for input in &sig.inputs {
            if let FnArg::Typed(input) = input {
                self.bind(&input.pat, &Value::Data);
            }
        }
    }
}
