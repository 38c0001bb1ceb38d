//! The descriptions of all pages, against each other.

use std::{collections::HashMap, sync::Arc};

use crate::{
    error::Caller,
    prerender::{
        BuildError,
        describe::{self, Checked, Options, Role},
        error::{Problem, ProblemKind},
        keep::{Entry, Family},
    },
};

/// A site whose description has no fault.
pub(super) struct Described {
    pub(super) families: Vec<Arc<Family>>,
    /// What is rendered at build, in the order of the description.
    pub(super) entries: Vec<Arc<Entry>>,
    pub(super) options: Options,
}

/// Checks each description, and all against each other.
pub(super) fn check(
    described: Vec<describe::Described>,
    mut options: Options,
) -> Result<Described, BuildError> {
    let (mut families, mut entries, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let (mut shapes, mut paths) = (HashMap::new(), HashMap::new());
    for described in described {
        let Checked { page, paths: listed } = match described.check() {
            Ok(checked) => checked,
            Err(faults) => {
                problems.extend(faults);
                continue;
            }
        };
        let location = page.location;
        let shape = match &page.role {
            Role::At(pattern) => pattern.shape(),
            other => other.to_string(),
        };
        if let Some(by) = shapes.insert(shape, location) {
            problems.push(taken(page.role.to_string(), location, by));
            continue;
        }
        let family = Arc::new(Family::new(page));
        for path in listed {
            let path: Arc<str> = path.into();
            if let Some(by) = paths.insert(Arc::clone(&path), location) {
                problems.push(taken(path.to_string(), location, by));
                continue;
            }
            entries.push(Arc::new(Entry::new(Arc::clone(&family), path)));
        }
        families.push(family);
    }
    if let Err(fault) = options.check() {
        let path = options.nested_under.clone();
        let kind = ProblemKind::Description(format!("nothing is nested there: {fault}"));
        problems.push(Problem { path, location: options.nested_at, kind });
    }
    BuildError::check(problems)?;
    entries.shrink_to_fit();
    Ok(Described { families, entries, options })
}

fn taken(path: String, location: Caller, by: Caller) -> Problem {
    let kind = ProblemKind::Description(format!("a page at this path is described at {by}"));
    Problem { path, location, kind }
}
