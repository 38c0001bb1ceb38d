//! The first render of a page, at build.

use std::{fs, path::Path, sync::Arc, time::Duration};

use tokio::{task::JoinError, time::Instant};

use super::{PageReport, report::Found};
use crate::{
    net::contain,
    prerender::{
        describe::{FileNames, Options, Rendering, file_name},
        error::{Problem, ProblemKind},
        keep::Entry,
        render::{Dynamic, Kept, TasksOfBuild, render},
    },
};

/// What became of one page of a build.
pub(super) struct Built {
    pub(super) report: PageReport,
    pub(super) problems: Vec<Problem>,
}

/// Renders a page, and drives its tasks to their end.
pub(super) async fn first_render(entry: &Arc<Entry>, options: &Options) -> Built {
    let flight = entry.first_flight();
    let mut report = PageReport::new(entry);
    let page = &entry.family.page;
    if page.rendering == Rendering::Dynamic {
        let found = Found { dynamic: Some(Dynamic::FORCED), ..Found::default() };
        report.found(found, Duration::ZERO);
        flight.land(Kept::Dynamic(Dynamic::FORCED));
        return Built { report, problems: Vec::new() };
    }

    if let Some(text) = options.warm_start.as_deref().and_then(|folder| exported(entry, folder)) {
        flight.land(Kept::html(text));
        // Was right for the process that wrote it.
        entry.revalidate(true);
        return Built { report, problems: Vec::new() };
    }

    let tasks = TasksOfBuild::new();
    #[cfg(feature = "observe")]
    let tasks = tasks.observed(options);
    let params = page.params(&entry.path).unwrap_or_default();
    let begun = Instant::now();
    let (result, rendered) = render(page, &entry.path, &params, tasks.host(options)).await;
    let elapsed = begun.elapsed();
    let mut found = Found::default();
    let failed = match result {
        Ok(kept) => {
            if let Kept::Dynamic(dynamic) = &kept {
                found.dynamic = Some(*dynamic);
            }
            found.holes = kept.holes();
            flight.land(kept);
            None
        }
        Err(cause) => {
            // The error inside is the user's code.
            let told = contain(|| cause.to_string());
            drop(contain(|| drop(cause)));
            let told = told.unwrap_or_else(|panic| format!("failed: its error panicked: {panic}"));
            Some(ProblemKind::Render(told))
        }
    };
    let scheduled = rendered.finish();
    let failures = tasks.drive().await;
    if found.dynamic.is_none() {
        found.tasks = scheduled.locations();
    }
    report.found(found, elapsed);
    let kinds = failed.into_iter().chain(failures.into_iter().map(ProblemKind::Task));
    Built { report, problems: kinds.map(|kind| problem(entry, kind)).collect() }
}

/// Returns what an earlier process has written for a page.
fn exported(entry: &Entry, folder: &Path) -> Option<Vec<u8>> {
    let names = [FileNames::Files, FileNames::Folders];
    let paths = names.map(|names| folder.join(file_name(&entry.path, names, true)));
    paths.iter().find_map(|path| fs::read(path).ok())
}

impl Built {
    /// Stands for a render whose runtime has ended.
    pub(super) fn lost(entry: &Arc<Entry>, error: &JoinError) -> Self {
        let kind = ProblemKind::Render(format!("was lost: {error}"));
        let mut report = PageReport::new(entry);
        report.found(Found::default(), Duration::ZERO);
        Self { report, problems: vec![problem(entry, kind)] }
    }
}

fn problem(entry: &Entry, kind: ProblemKind) -> Problem {
    Problem { path: entry.path.to_string(), location: entry.family.page.location, kind }
}
