//! The walk over a body: what it knows, and what it has found.

use std::collections::{BTreeMap, HashMap, HashSet};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::Block;

use super::{
    handed::Handed,
    message::{self, Handover},
    names::{Api, Names},
    place::Error,
    uses::{FunctionId, Sets, UseId, Uses},
    value::Value,
};
use crate::model::{Handler, Kind};

/// The errors of a body, by the place where each belongs.
pub(super) fn errors(handler: &Handler, body: &Block) -> HashMap<Site, Vec<Error>> {
    Walk::over(handler, body).into_errors()
}

/// What a body hands over to run in tasks of its kind.
pub(super) fn handed(handler: &Handler, body: &Block) -> Handed {
    Walk::over(handler, body).handed
}

pub(super) struct Walk<'h> {
    pub(super) handler: &'h Handler,
    pub(super) names: Names,
    pub(super) sets: Sets,
    pub(super) frame: Frame,
    /// The outermost macro call around, and how many uses were found in it.
    pub(super) enclosing_macro: Option<(Site, usize)>,
    /// `false` in the arguments of a macro, where a bare name may be a pattern or a label.
    pub(super) is_code: bool,
    /// `false` in a function whose own attribute may give it another kind.
    pub(super) is_of_this_kind: bool,
    uses: Vec<Use>,
    ids: HashMap<(Site, usize), UseId>,
    scheduled: Vec<(Uses, Handover)>,
    pub(super) handed: Handed,
    /// By function: what comes out of it.
    pub(super) returned: HashMap<FunctionId, Value>,
}

/// What runs together: the function, a closure or an async block.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) uses: Uses,
    pub(super) returned: Value,
    pub(super) broken_out: Value,
}

struct Use {
    site: Site,
    what: What,
    written: TokenStream,
}

/// What is refused in a task.
#[derive(Clone, Copy)]
pub(super) enum What {
    Read(Api),
    /// A write to the jar which that use read.
    Write {
        read: UseId,
    },
}

/// Where an error can be put: the address of a part of the tree, which does not
/// move before the errors are in place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Site(usize);

impl Site {
    pub(super) fn of<T>(part: &T) -> Self {
        Self(std::ptr::from_ref(part).addr())
    }
}

impl<'h> Walk<'h> {
    fn over(handler: &'h Handler, body: &Block) -> Self {
        let mut walk = Self {
            handler,
            names: Names::new(&handler.options.runtime),
            sets: Sets::default(),
            frame: Frame::default(),
            enclosing_macro: None,
            is_code: true,
            is_of_this_kind: true,
            uses: Vec::new(),
            ids: HashMap::new(),
            scheduled: Vec::new(),
            handed: Handed::default(),
            returned: HashMap::new(),
        };
        walk.parameters(&handler.function.sig);
        walk.block(body);
        walk
    }
}

impl Walk<'_> {
    /// Reads a body that runs on its own, and returns what it uses and what comes out of it.
    pub(super) fn in_frame(&mut self, read: impl FnOnce(&mut Self) -> Value) -> (Uses, Value) {
        let outer = std::mem::take(&mut self.frame);
        let value = self.as_code(read);
        let inner = std::mem::replace(&mut self.frame, outer);
        (inner.uses, self.either(inner.returned, value))
    }

    /// Reads what is surely an expression, also in a macro.
    pub(super) fn as_code<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.is_code, true);
        let result = read(self);
        self.is_code = outer;
        result
    }

    /// Reads a loop or a labelled block, whose value may come from a `break`.
    pub(super) fn breakable(&mut self, read: impl FnOnce(&mut Self) -> Value) -> Value {
        let outer = std::mem::take(&mut self.frame.broken_out);
        let value = read(self);
        let broken_out = std::mem::replace(&mut self.frame.broken_out, outer);
        self.either(value, broken_out)
    }

    /// Notes a use; whether it is a mistake depends on what becomes of it.
    pub(super) fn found(&mut self, site: Site, what: What, written: TokenStream) -> UseId {
        let key = match &mut self.enclosing_macro {
            Some((macro_site, found)) => {
                *found += 1;
                (*macro_site, *found)
            }
            None => (site, 0),
        };
        *self.ids.entry(key).or_insert_with(|| {
            self.uses.push(Use { site: key.0, what, written });
            self.uses.len() - 1
        })
    }

    /// Code that runs here: now, or before what runs here is done.
    pub(super) fn runs(&mut self, uses: Uses) {
        self.frame.uses = self.sets.both(self.frame.uses, uses);
    }

    /// All that is handed over runs in the task.
    pub(super) fn schedule(&mut self, value: &Value, handover: Handover) {
        let uses = self.reach(value);
        if self.is_of_this_kind && uses != Uses::default() {
            self.scheduled.push((uses, handover));
        }
    }

    fn into_errors(self) -> HashMap<Site, Vec<Error>> {
        let mut errors: HashMap<Site, Vec<Error>> = HashMap::new();
        if self.handler.options.kind == Kind::Job {
            for used in &self.uses {
                // A write is one mistake with the read that gave the jar.
                let What::Read(api) = used.what else { continue };
                let message = message::in_job(self.handler, api, &used.written);
                errors.entry(used.site).or_default().push(used.error(message));
            }
            return errors;
        }
        let refused = self.refused();
        for (id, handover) in &refused {
            let used = &self.uses[*id];
            let message = match used.what {
                What::Read(api) => message::read(self.handler, api, &used.written, handover),
                // One mistake: where the read is refused, the write is not mentioned.
                What::Write { read } if refused.contains_key(&read) => continue,
                What::Write { .. } => message::write(self.handler, &used.written, handover),
            };
            errors.entry(used.site).or_default().push(used.error(message));
        }
        errors
    }

    /// What a task may not do, and the first that would.
    fn refused(&self) -> BTreeMap<UseId, &Handover> {
        let (mut refused, mut seen) = (BTreeMap::new(), HashSet::new());
        for (uses, handover) in &self.scheduled {
            for id in self.sets.members(*uses, &mut seen) {
                let allowed = match self.uses[id].what {
                    What::Read(Api::Outcome) => true,
                    What::Read(_) => self.handler.options.kind.tasks_may_read_request(),
                    What::Write { .. } => false,
                };
                if !allowed {
                    refused.entry(id).or_insert(handover);
                }
            }
        }
        refused
    }
}

impl Use {
    fn error(&self, message: String) -> Error {
        let mut tokens: Vec<TokenTree> = self.written.clone().into_iter().collect();
        // The arguments.
        if tokens.len() > 1 && matches!(tokens.last(), Some(TokenTree::Group(_))) {
            tokens.pop();
        }
        let at = last_word(tokens).unwrap_or_else(Span::call_site);
        Error { message, written: self.written.clone(), at }
    }
}

/// The function or method, at the end of its path or behind its dot.
fn last_word(tokens: Vec<TokenTree>) -> Option<Span> {
    tokens.into_iter().rev().find_map(|token| match token {
        TokenTree::Ident(word) => Some(word.span()),
        TokenTree::Group(group) => last_word(group.stream().into_iter().collect()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}
