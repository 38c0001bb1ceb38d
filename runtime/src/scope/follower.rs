//! Work at the end of a scope that is none of its tasks.

use std::{borrow::Cow, sync::Arc, time};

use super::{Ending, Hosting, Inner, Opened, Origin, Platform, Policy, Work};
use crate::{
    error::{AfterError, Caller},
    phase::Place,
    work::{IntoTask, Options},
};

/// A scope that is finished when another one is. It keeps that one until then.
#[derive(Debug)]
pub(super) struct Follower(Opened);

impl Inner {
    /// Runs `task` once this scope is finished, on its platform, which waits for it, but where it
    /// counts as no task: it takes no place, is never refused, and always runs.
    pub(crate) fn follow<M>(
        self: &Arc<Self>,
        name: &'static str,
        task: impl IntoTask<M>,
        caller: Caller,
    ) -> Result<(), AfterError> {
        let hosting = Hosting::Given(Arc::new(Uncounted(Arc::clone(self))));
        let on_failure = self.policy().on_failure.clone();
        let policy = Policy { on_failure, ..Policy::new(hosting) };
        let mut opened = Opened::new(Arc::new(policy), Origin::Call);
        if let Some(scope) = opened.scope().cloned() {
            let _entered = opened.enter(Place::UNANNOTATED);
            let options = Options { name: Some(Cow::Borrowed(name).into()), ..Options::default() };
            scope.schedule(|seed| task.into_task(seed), &options, caller)?;
        }
        self.memo().add_follower(Follower(opened));
        // It may have been finished meanwhile, and then nobody else looks.
        if !self.is_open() {
            self.finish_followers();
        }
        Ok(())
    }

    pub(super) fn finish_followers(&self) {
        let Some(memo) = self.existing_memo() else { return };
        for Follower(mut opened) in memo.take_followers() {
            opened.finish(Ending::returned());
        }
    }
}

/// The platform of a scope for work that it does not count.
struct Uncounted(Arc<Inner>);

impl Platform for Uncounted {
    fn wait_until(&self, work: Work) {
        self.0.platform().wait_until(work);
    }

    fn deadline(&self) -> Option<time::Instant> {
        self.0.platform().deadline()
    }
}
