//! The functions whose jobs a handle runs.

use std::{any::TypeId, sync::Arc};

use crate::{
    call::{Call, Definition, JobFn},
    error::BuildError,
    state::{Need, State},
    worker::JobWorker,
    workers::Workers,
};

/// A function whose jobs are run.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    job: TypeId,
    definition: &'static Definition,
    needs: fn() -> Vec<Need>,
    add: fn(&mut riverqueue::Workers, &Arc<Workers>) -> Result<(), riverqueue::Error>,
}

impl Entry {
    pub(crate) fn of<J: JobFn>() -> Self {
        Self {
            job: TypeId::of::<J>(),
            definition: J::DEFINITION,
            needs: J::needs,
            add: |table, workers| table.add::<Call<J>, _>(JobWorker::<J>::new(workers)).map(drop),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.definition.name
    }

    pub(crate) fn is_of<J: JobFn>(self) -> bool {
        self.job == TypeId::of::<J>()
    }

    pub(crate) fn add(
        self,
        table: &mut riverqueue::Workers,
        workers: &Arc<Workers>,
    ) -> Result<(), riverqueue::Error> {
        (self.add)(table, workers)
    }
}

/// Checks that the functions have names of their own, and what they borrow.
pub(crate) fn check(entries: &[Entry], state: &State) -> Result<(), BuildError> {
    for (index, entry) in entries.iter().enumerate() {
        let job = entry.definition;
        let mut others = entries[..index].iter().map(|entry| entry.definition);
        if let Some(other) = others.find(|other| other.name == job.name) {
            let clash = format!(
                "two jobs have one name, {other} and {job}: rename one, with `#[job(name = \"..\")]`"
            );
            return Err(BuildError(clash.into()));
        }
        let missing = (entry.needs)().into_iter().find(|need| !state.satisfies(*need));
        if let Some(need) = missing {
            let missing = format!(
                "the job {job} borrows a `&{}`, which nobody lends: add it with `.state(..)`",
                need.name()
            );
            return Err(BuildError(missing.into()));
        }
    }
    Ok(())
}
