//! Calls: of request APIs, of what schedules, of work, and of everything else.

use quote::ToTokens;
use syn::{Expr, ExprCall, ExprMethodCall, Ident, Path, Token, punctuated::Punctuated};

use super::{
    message::Handover,
    names::{Api, BUILDER_SCHEDULES, JAR_WRITES},
    uses::{UseId, Uses},
    value::{Begins, Value},
    walk::{Site, Walk, What},
};

type Arguments = Punctuated<Expr, Token![,]>;

impl Walk<'_> {
    pub(super) fn call(&mut self, site: &Expr, call: &ExprCall) -> Value {
        let args = &call.args;
        match self.callee(&call.func) {
            // With other arguments it is another function of that name.
            Value::Api { api, .. } if args.is_empty() => {
                let id = self.found(Site::of(site), What::Read(api), call.to_token_stream());
                let uses = self.sets.one(id);
                self.runs(uses);
                result_of(api, id)
            }
            Value::Schedule if args.len() == 1 => self.hand_over(&call.func, None, &args[0]),
            Value::Task if args.len() == 1 => {
                self.expr(&args[0]);
                Value::Builder
            }
            Value::Data | Value::Api { .. } | Value::Schedule | Value::Task => {
                self.unknown_call(&call.func, args)
            }
            function => {
                self.arguments(args);
                self.called(&function)
            }
        }
    }

    fn unknown_call(&mut self, function: &Expr, args: &Arguments) -> Value {
        match (wraps(function), args.len()) {
            (Some(Wrapper::Around), 1) => self.expr(&args[0]),
            (Some(_), _) => {
                let values: Vec<Value> = args.iter().map(|arg| self.expr(arg)).collect();
                Value::tuple(values.into_iter())
            }
            (None, _) => {
                let uses = self.arguments(args);
                let runs_it = matches!(function, Expr::Path(path) if runs_it(&last(&path.path)));
                came_from(if runs_it { Uses::default() } else { uses })
            }
        }
    }

    pub(super) fn method_call(&mut self, site: &Expr, call: &ExprMethodCall) -> Value {
        let (method, args) = (call.method.to_string(), &call.args);
        let method = method.as_str();
        match self.expr(&call.receiver) {
            Value::Builder if BUILDER_SCHEDULES.contains(&method) && args.len() == 1 => {
                self.hand_over(&call.receiver, Some(&call.method), &args[0])
            }
            Value::Builder => {
                self.arguments(args);
                Value::Builder
            }
            Value::Jar(read) => {
                self.arguments(args);
                if JAR_WRITES.contains(&method) {
                    let what = What::Write { read };
                    let id = self.found(Site::of(site), what, call.to_token_stream());
                    let uses = self.sets.one(id);
                    self.runs(uses);
                }
                match method {
                    "into_iter" => Value::Data,
                    _ if STILL_THE_SAME.contains(&method) => Value::Jar(read),
                    _ => Value::Data,
                }
            }
            receiver => {
                let given = self.arguments(args);
                self.method_of(receiver, method, given)
            }
        }
    }

    /// A method of work, of what holds some, or of data.
    fn method_of(&mut self, receiver: Value, method: &str, given: Uses) -> Value {
        if STILL_THE_SAME.contains(&method) {
            return receiver;
        }
        let reached = self.reach(&receiver);
        if runs_it(method) {
            self.runs(reached);
            return Value::Data;
        }
        let uses = self.sets.both(reached, given);
        match receiver {
            // An adaptor: `.map(..)`, `.timeout(..)`.
            Value::Work(work) if work.begins == Begins::OnAwait => {
                Value::awaited(uses, Value::Data)
            }
            // What its methods do with its parts cannot be seen.
            Value::Parts(_) => came_from(given),
            _ => came_from(uses),
        }
    }

    fn callee(&mut self, func: &Expr) -> Value {
        match func {
            Expr::Path(path) if path.qself.is_none() => self.names.value(&path.path),
            Expr::Path(_) => Value::Data,
            Expr::Paren(inner) => self.callee(&inner.expr),
            Expr::Group(inner) => self.callee(&inner.expr),
            other => self.expr(other),
        }
    }

    /// What is handed over runs in the task; what is evaluated on the way does not.
    fn hand_over(&mut self, function: &Expr, method: Option<&Ident>, arg: &Expr) -> Value {
        let value = self.as_code(|walk| walk.expr(arg));
        self.schedule(&value, Handover::new(function, method, arg));
        self.note_task(function, method, arg);
        Value::Data
    }

    /// Gives the arguments to code that we cannot look into, and returns the futures among them.
    pub(super) fn arguments(&mut self, args: &Arguments) -> Uses {
        args.iter().fold(Uses::default(), |uses, arg| {
            let more = self.given(arg);
            self.sets.both(uses, more)
        })
    }

    pub(super) fn given(&mut self, arg: &Expr) -> Uses {
        match (self.expr(arg), arg) {
            // A variable that is passed on is data more likely than a future.
            (Value::CameFrom(_), arg) if is_of_a_variable(arg) => Uses::default(),
            (value, _) => self.given_away(&value),
        }
    }
}

pub(super) fn came_from(uses: Uses) -> Value {
    if uses == Uses::default() { Value::Data } else { Value::CameFrom(uses) }
}

/// `n`, `&n.field`, `n.to_string()`
fn is_of_a_variable(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(part) => is_of_a_variable(&part.base),
        Expr::MethodCall(call) => is_of_a_variable(&call.receiver),
        Expr::Paren(inner) => is_of_a_variable(&inner.expr),
        Expr::Reference(inner) => is_of_a_variable(&inner.expr),
        Expr::Unary(inner) => is_of_a_variable(&inner.expr),
        _ => false,
    }
}

/// The request is read at the call, also where the result is awaited later.
fn result_of(api: Api, read: UseId) -> Value {
    match api {
        Api::Cookies => Value::awaited(Uses::default(), Value::Jar(read)),
        Api::TryCookies => Value::Jar(read),
        Api::Headers | Api::TryHeaders | Api::Connection | Api::Outcome => Value::Data,
    }
}

enum Wrapper {
    /// Is what it holds, for our ends.
    Around,
    /// A struct or a variant of its own.
    Constructor,
}

/// Whether a function does no more than to hold what it is given.
fn wraps(function: &Expr) -> Option<Wrapper> {
    let Expr::Path(path) = function else { return None };
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let (name, of) = (names.next()?, names.next().unwrap_or_default());
    if AROUND.contains(&name.as_str())
        || HOLDERS.contains(&of.as_str()) && MAKERS.contains(&name.as_str())
    {
        return Some(Wrapper::Around);
    }
    name.starts_with(char::is_uppercase).then_some(Wrapper::Constructor)
}

pub(super) fn last(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// Functions and variants that are, for our ends, what they hold.
pub(super) const AROUND: [&str; 5] = ["Some", "Ok", "Err", "AssertUnwindSafe", "identity"];
const HOLDERS: [&str; 10] =
    ["Arc", "Box", "Cell", "Mutex", "OnceCell", "Pin", "Rc", "RefCell", "RwLock", "Vec"];
const MAKERS: [&str; 4] = ["from", "new", "pin", "clone"];

/// Methods that hand on what they are called on, perhaps in or out of something around it.
const STILL_THE_SAME: [&str; 26] = [
    "as_mut",
    "as_ref",
    "borrow",
    "borrow_mut",
    "boxed",
    "boxed_local",
    "clone",
    "deref",
    "expect",
    "fuse",
    "in_current_span",
    "instrument",
    "into",
    "into_future",
    "into_inner",
    "into_iter",
    "lock",
    "map_err",
    "ok",
    "or_current",
    "shared",
    "take",
    "to_owned",
    "unwrap",
    "unwrap_or_default",
    "unwrap_or_else",
];

/// Whether a function or method of that name runs work, here or as a task of its own, so that what
/// it returns is none.
fn runs_it(name: &str) -> bool {
    ["block_on", "now_or_never", "spawn", "spawn_local", "spawn_blocking"].contains(&name)
}
