//! Evaluates expressions, as far as values matter here: each yields a [`Value`],
//! and what it uses when it runs is noted in the frame around it.

use quote::ToTokens;
use syn::{Expr, ExprClosure, ExprPath, FnArg, ItemFn, Signature};

use super::{
    value::{Value, Work},
    walk::{Site, Walk, What},
};

impl Walk<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Path(path) => self.path(expr, path),
            Expr::Call(call) => self.call(expr, call),
            Expr::MethodCall(call) => self.method_call(expr, call),
            Expr::Macro(call) => self.macro_call(&call.mac),
            Expr::Await(await_) => match self.expr(&await_.base) {
                Value::Work(work) => {
                    self.frame.uses.extend(work.awaited.iter().copied());
                    work.after_await()
                }
                _ => Value::Other,
            },
            Expr::Async(block) => {
                let body = self.in_frame(|walk| walk.block(&block.block));
                Value::Work(body.into_async())
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
                let otherwise =
                    branch.else_branch.as_ref().map(|(_, otherwise)| self.expr(otherwise));
                value.or(otherwise.unwrap_or_default())
            }
            Expr::Let(binding) => {
                self.bind_expr(&binding.pat, &binding.expr);
                Value::Other
            }
            Expr::Match(choice) => {
                let matched = self.expr(&choice.expr);
                choice
                    .arms
                    .iter()
                    .fold(Value::Other, |value, arm| value.or(self.arm(arm, &matched)))
            }
            Expr::Loop(body) => self.breakable(|walk| {
                walk.block(&body.body);
                Value::Other
            }),
            Expr::While(body) => self.breakable(|walk| {
                walk.names.enter();
                walk.expr(&body.cond);
                walk.block(&body.body);
                walk.names.leave();
                Value::Other
            }),
            Expr::ForLoop(body) => self.breakable(|walk| {
                let items = walk.expr(&body.expr);
                walk.names.enter();
                walk.bind(&body.pat, items);
                walk.block(&body.body);
                walk.names.leave();
                Value::Other
            }),
            Expr::Return(jump) => {
                let value = self.optional(jump.expr.as_deref());
                self.frame.returned = std::mem::take(&mut self.frame.returned).or(value);
                Value::Other
            }
            Expr::Break(jump) => {
                let value = self.optional(jump.expr.as_deref());
                self.frame.broken_out = std::mem::take(&mut self.frame.broken_out).or(value);
                Value::Other
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

            Expr::Array(whole) => self.parts(&mut whole.elems.iter()),
            Expr::Tuple(whole) => self.parts(&mut whole.elems.iter()),
            Expr::Struct(whole) => {
                let fields = whole.fields.iter().map(|field| &field.expr);
                self.parts(&mut fields.chain(whole.rest.as_deref()))
            }
            Expr::Repeat(whole) => self.expr(&whole.expr),
            Expr::Range(whole) => {
                self.parts(&mut whole.start.iter().chain(&whole.end).map(|end| &**end))
            }
            Expr::Binary(whole) => self.parts(&mut [&*whole.left, &*whole.right].into_iter()),
            Expr::Index(part) => self.parts(&mut [&*part.expr, &*part.index].into_iter()),
            Expr::Field(part) => self.parts(&mut [&*part.base].into_iter()),
            Expr::Yield(jump) => {
                self.optional(jump.expr.as_deref());
                Value::Other
            }
            Expr::Assign(assign) => {
                let value = self.expr(&assign.right);
                match &*assign.left {
                    // In a macro it is a named argument.
                    _ if !self.is_code => return value,
                    Expr::Path(path) => {
                        path.path
                            .get_ident()
                            .into_iter()
                            .for_each(|name| self.names.assign(name, value.clone()));
                    }
                    place => drop(self.expr(place)),
                }
                Value::Other
            }
            // Literals, `continue`, `_`, and what syn does not know.
            _ => Value::Other,
        }
    }

    fn optional(&mut self, expr: Option<&Expr>) -> Value {
        expr.map_or(Value::Other, |expr| self.expr(expr))
    }

    /// Members of something larger: the work in them stays reachable, a jar is no longer one.
    fn parts(&mut self, parts: &mut dyn Iterator<Item = &Expr>) -> Value {
        let works = parts.map(|part| self.expr(part).into_work());
        Value::Work(works.fold(Work::default(), Work::and))
    }

    /// A name that is not called: a function value, if it means a request API.
    fn path(&mut self, site: &Expr, path: &ExprPath) -> Value {
        if path.qself.is_some() {
            return Value::Other;
        }
        match self.names.value(&path.path) {
            Value::Api { .. } if !self.is_code => Value::Other,
            Value::Api { api, .. } => {
                let id = self.found(Site::of(site), What::Read(api), path.to_token_stream());
                Value::Api { api, named: Some(id) }
            }
            value => value,
        }
    }

    fn arm(&mut self, arm: &syn::Arm, matched: &Value) -> Value {
        self.names.enter();
        self.bind(&arm.pat, matched.clone());
        if let syn::Pat::Guard(guarded) = &arm.pat {
            self.expr(&guarded.guard);
        }
        let value = self.expr(&arm.body);
        self.names.leave();
        value
    }

    fn closure(&mut self, closure: &ExprClosure) -> Value {
        self.names.enter();
        closure.inputs.iter().for_each(|input| self.bind(input, Value::Other));
        let body = self.in_frame(|walk| walk.expr(&closure.body));
        self.names.leave();
        Value::Work(if closure.asyncness.is_some() { body.into_async() } else { body.into_sync() })
    }

    /// What an `fn` item inside the body uses when it is called.
    pub(super) fn function_item(&mut self, function: &ItemFn) -> Value {
        self.names.enter();
        self.parameters(&function.sig);
        let body = self.in_frame(|walk| walk.block(&function.block));
        self.names.leave();
        Value::Work(if function.sig.asyncness.is_some() {
            body.into_async()
        } else {
            body.into_sync()
        })
    }

    pub(super) fn parameters(&mut self, sig: &Signature) {
        for input in &sig.inputs {
            if let FnArg::Typed(input) = input {
                self.bind(&input.pat, Value::Other);
            }
        }
    }
}
