//! The walk over a body: what it knows, and what it has found.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::Block;

use super::{
    message::{self, Handover},
    names::{Api, Names},
    place::Error,
    value::{UseId, Value, Work},
};
use crate::model::{Handler, Kind};

/// The errors of a body, by the place where each belongs.
pub(super) fn errors(handler: &Handler, body: &Block) -> HashMap<Site, Vec<Error>> {
    let mut walk = Walk {
        handler,
        names: Names::new(&handler.options.runtime),
        frame: Frame::default(),
        enclosing_macro: None,
        is_code: true,
        uses: Vec::new(),
        ids: HashMap::new(),
        refused: BTreeMap::new(),
    };
    walk.parameters(&handler.function.sig);
    walk.block(body);
    walk.into_errors()
}

pub(super) struct Walk<'h> {
    pub(super) handler: &'h Handler,
    pub(super) names: Names,
    pub(super) frame: Frame,
    /// The outermost macro call around, and how many uses were found in it.
    pub(super) enclosing_macro: Option<(Site, usize)>,
    /// `false` in the arguments of a macro, where a bare name may be a pattern or a label.
    pub(super) is_code: bool,
    uses: Vec<Use>,
    ids: HashMap<(Site, usize), UseId>,
    refused: BTreeMap<UseId, Handover>,
}

/// What runs together: the function, a closure or an async block.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) uses: BTreeSet<UseId>,
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

impl Walk<'_> {
    /// Reads a body that runs on its own.
    pub(super) fn in_frame(&mut self, read: impl FnOnce(&mut Self) -> Value) -> Frame {
        let outer = std::mem::take(&mut self.frame);
        let value = self.as_code(read);
        let mut inner = std::mem::replace(&mut self.frame, outer);
        inner.returned = inner.returned.or(value);
        inner
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
        value.or(std::mem::replace(&mut self.frame.broken_out, outer))
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
    pub(super) fn runs(&mut self, work: &Work) {
        self.frame.uses.extend(work.uses());
    }

    /// Refuses what a task may not do.
    pub(super) fn refuse(&mut self, work: &Work, handover: &Handover) {
        for id in work.uses() {
            let allowed = match self.uses[id].what {
                What::Read(Api::Outcome) => true,
                What::Read(_) => self.handler.options.kind.tasks_may_read_request(),
                What::Write { .. } => false,
            };
            if !allowed {
                self.refused.entry(id).or_insert_with(|| handover.clone());
            }
        }
    }

    fn into_errors(self) -> HashMap<Site, Vec<Error>> {
        let mut errors: HashMap<Site, Vec<Error>> = HashMap::new();
        if self.handler.options.kind == Kind::Job {
            for Use { site, what, written } in &self.uses {
                // A write is one mistake with the read that gave the jar.
                let What::Read(api) = *what else { continue };
                let message = message::in_job(self.handler, api, written);
                errors.entry(*site).or_default().push(Error { message, written: written.clone(), at: at(*what, written) });
            }
            return errors;
        }
        for (id, handover) in &self.refused {
            let Use { site, what, written } = &self.uses[*id];
            let message = match *what {
                What::Read(api) => message::read(self.handler, api, written, handover),
                // One mistake: where the read is refused, the write is not mentioned.
                What::Write { read } if self.refused.contains_key(&read) => continue,
                What::Write { .. } => message::write(self.handler, written, handover),
            };
            errors.entry(*site).or_default().push(Error { message, written: written.clone(), at: at(*what, written) });
        }
        errors
    }
}

/// The name that is called, at the end of its path or behind its dot.
fn at(what: What, written: &TokenStream) -> Span {
    let tokens: Vec<TokenTree> = written.clone().into_iter().collect();
    let words = tokens.iter().filter(|token| matches!(token, TokenTree::Ident(_)));
    let _ = what;
    words.last().map_or_else(Span::call_site, TokenTree::span)
}

impl Frame {
    /// `async {}`, `async ||`, `async fn`: everything happens when it is awaited.
    pub(super) fn into_async(self) -> Work {
        let jar = match self.returned {
            Value::Jar(read) => Some(read),
            _ => None,
        };
        Work { called: BTreeSet::new(), awaited: self.uses, jar }
    }

    /// `||`, `fn`: the body runs when it is called, a future that it returns later.
    pub(super) fn into_sync(self) -> Work {
        let (awaited, jar) = match self.returned {
            Value::Jar(read) => (BTreeSet::new(), Some(read)),
            returned => {
                let work = returned.into_work();
                (work.awaited, work.jar)
            }
        };
        Work { called: self.uses, awaited, jar }
    }
}
