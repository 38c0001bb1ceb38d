//! Calls: of request APIs, of what schedules, of work, and of everything else.

use quote::ToTokens;
use syn::{Expr, ExprCall, ExprMethodCall, Ident, Token, punctuated::Punctuated};

use super::{
    message::Handover,
    names::{Api, BUILDER_SCHEDULES, JAR_WRITES},
    value::{UseId, Value, Work},
    walk::{Site, Walk, What},
};

type Arguments = Punctuated<Expr, Token![,]>;

impl Walk<'_> {
    pub(super) fn call(&mut self, site: &Expr, call: &ExprCall) -> Value {
        match self.callee(&call.func) {
            // With arguments it is another function of that name.
            Value::Api { api, .. } if call.args.is_empty() => {
                let written = call.to_token_stream();
                let id = self.found(Site::of(site), What::Read(api), written);
                self.runs(&Work { called: [id].into(), ..Work::default() });
                result_of(api, id)
            }
            Value::Schedule => self.schedule(&call.func, None, &call.args),
            Value::Task => {
                self.arguments(&call.args);
                Value::Builder
            }
            Value::Work(work) => {
                self.arguments(&call.args);
                self.frame.uses.extend(work.called.iter().copied());
                work.after_call()
            }
            _ => Value::Work(self.arguments(&call.args)),
        }
    }

    pub(super) fn method_call(&mut self, site: &Expr, call: &ExprMethodCall) -> Value {
        let method = call.method.to_string();
        match self.expr(&call.receiver) {
            Value::Builder if BUILDER_SCHEDULES.contains(&method.as_str()) => {
                self.schedule(&call.receiver, Some(&call.method), &call.args)
            }
            Value::Builder => {
                self.arguments(&call.args);
                Value::Builder
            }
            Value::Jar(read) if JAR_WRITES.contains(&method.as_str()) => {
                self.arguments(&call.args);
                let id = self.found(Site::of(site), What::Write { read }, call.to_token_stream());
                self.frame.uses.insert(id);
                Value::Other
            }
            Value::Jar(read) => {
                self.arguments(&call.args);
                if STILL_THE_SAME.contains(&method.as_str()) {
                    Value::Jar(read)
                } else {
                    Value::Other
                }
            }
            receiver => {
                let handed = self.arguments(&call.args);
                Value::Work(receiver.into_work().and(handed))
            }
        }
    }

    fn callee(&mut self, func: &Expr) -> Value {
        match func {
            Expr::Path(path) if path.qself.is_none() => self.names.value(&path.path),
            Expr::Path(_) => Value::Other,
            Expr::Paren(inner) => self.callee(&inner.expr),
            Expr::Group(inner) => self.callee(&inner.expr),
            other => self.expr(other),
        }
    }

    /// What is handed over runs in the task; what is evaluated on the way does not.
    fn schedule(&mut self, function: &Expr, method: Option<&Ident>, args: &Arguments) -> Value {
        for arg in args {
            let work = self.as_code(|walk| walk.expr(arg)).into_work();
            self.refuse(&work, &Handover::new(function, method, arg));
        }
        Value::Other
    }

    pub(super) fn arguments(&mut self, args: &Arguments) -> Work {
        let works = args.iter().map(|arg| self.expr(arg).into_work());
        let handed = works.fold(Work::default(), Work::and);
        self.hand_to_the_unknown(handed)
    }

    /// Work that is given to code which we cannot look into. Closures run at the
    /// call, so only what is awaited may live on in the result.
    pub(super) fn hand_to_the_unknown(&mut self, handed: Work) -> Work {
        self.runs(&handed);
        Work { awaited: handed.awaited, ..Work::default() }
    }
}

/// The request is read at the call, also where the result is awaited later.
fn result_of(api: Api, read: UseId) -> Value {
    match api {
        Api::Cookies => Value::Work(Work { jar: Some(read), ..Work::default() }),
        Api::TryCookies => Value::Jar(read),
        Api::Headers | Api::TryHeaders | Api::Connection | Api::Outcome => Value::Other,
    }
}

/// Methods of `Result`, `Option` and `Clone` that hand the jar on.
const STILL_THE_SAME: [&str; 9] = [
    "as_ref",
    "clone",
    "expect",
    "map_err",
    "ok",
    "unwrap",
    "unwrap_or_default",
    "unwrap_or_else",
    "to_owned",
];
