//! The build of a site.

use std::{collections::HashMap, mem, sync::Arc};

use futures_util::{StreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

use super::{
    BuildError, BuildReport, Dynamic, Site,
    builder::Options,
    describe::{Checked, Described},
    entry::Entry,
    error::{Problem, ProblemKind},
    page::{Page, Rendering},
    render::{Kept, render},
    report::{Built, PageReport},
    revalidate,
    site::Shared,
};
use crate::{
    host::Policy,
    platform::Driver,
    sync::{Mutex, lock},
};

/// How many pages are rendered side by side.
const CONCURRENT: usize = 16;

pub(super) async fn build(described: Vec<Described>, options: Options) -> Result<Site, BuildError> {
    let begun = Instant::now();
    let (pages, entries) = check(described)?;
    let built = entries.iter().map(|entry| (entry.path.clone(), Arc::clone(entry))).collect();
    let shared = Arc::new(Shared::new(pages, built, options));
    // Before the first render, whose tasks may revalidate.
    revalidate::add(&shared);

    // Is not drawn where there is no terminal.
    let progress = ProgressBar::new(entries.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        progress.set_style(style);
    }
    let renders = entries.into_iter().map(|entry| {
        let (shared, progress) = (Arc::clone(&shared), progress.clone());
        async move {
            progress.set_message(entry.path.clone());
            let built = first_render(entry, &shared.options).await;
            progress.inc(1);
            built
        }
    });
    let all: Vec<Built> = stream::iter(renders).buffered(CONCURRENT).collect().await;
    progress.finish_and_clear();

    let (pages, problems): (Vec<_>, Vec<_>) =
        all.into_iter().map(|built| (built.report, built.problems)).unzip();
    BuildError::check(problems.into_iter().flatten().collect())?;
    Ok(Site::new(shared, BuildReport { pages, elapsed: begun.elapsed() }))
}

type PagesAndEntries = (Vec<Arc<Page>>, Vec<Arc<Entry>>);

/// Checks each description, and all against each other.
fn check(described: Vec<Described>) -> Result<PagesAndEntries, BuildError> {
    let (mut pages, mut entries, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let (mut shapes, mut paths) = (HashMap::new(), HashMap::new());
    for described in described {
        let Checked { page, listed } = match described.check() {
            Ok(checked) => checked,
            Err(faults) => {
                problems.extend(faults);
                continue;
            }
        };
        let location = page.location;
        let taken = |path: String, by| Problem {
            path,
            location,
            kind: ProblemKind::Description(format!("a page at this path is described at {by}")),
        };
        if let Some(by) = shapes.insert(page.pattern.shape(), location) {
            problems.push(taken(page.pattern.to_string(), by));
            continue;
        }
        for (path, params) in listed {
            if let Some(by) = paths.insert(path.clone(), location) {
                problems.push(taken(path, by));
                continue;
            }
            entries.push(Arc::new(Entry::new(Arc::clone(&page), path, params)));
        }
        pages.push(page);
    }
    BuildError::check(problems)?;
    Ok((pages, entries))
}

/// Renders a page, and drives its tasks to their end.
async fn first_render(entry: Arc<Entry>, options: &Options) -> Built {
    let mut report = PageReport {
        path: entry.path.clone(),
        location: entry.page.location,
        dynamic: None,
        elapsed: std::time::Duration::ZERO,
        tasks: Vec::new(),
        holes: Vec::new(),
    };
    let flight = entry.first_flight();
    if entry.page.rendering == Rendering::Dynamic {
        report.dynamic = Some(Dynamic::FORCED);
        flight.land(Kept::Dynamic(Dynamic::FORCED));
        return Built { report, problems: Vec::new() };
    }

    let driver = Driver::new();
    let failures = Arc::new(Mutex::new(Vec::new()));
    let policy = Policy {
        max_duration: Some(options.max_duration),
        on_failure: Some({
            let failures = Arc::clone(&failures);
            Arc::new(move |failure| lock(&failures).push(ProblemKind::Task(failure.to_string())))
        }),
        ..Policy::new(driver.hosting())
    };
    let begun = Instant::now();
    let (kept, rendered) = render(&entry.page, &entry.path, &entry.params, policy).await;
    report.elapsed = begun.elapsed();
    let failed = match kept {
        Ok(kept) => {
            if let Kept::Dynamic(dynamic) = &kept {
                report.dynamic = Some(*dynamic);
            }
            report.holes = kept.holes();
            flight.land(kept);
            None
        }
        Err(cause) => Some(ProblemKind::Render(cause.to_string())),
    };
    let prerender = rendered.finish();
    driver.drive().await;
    if report.is_static() {
        report.tasks = prerender.tasks();
    }
    let kinds = failed.into_iter().chain(mem::take(&mut *lock(&failures)));
    let problem = |kind| Problem { path: entry.path.clone(), location: entry.page.location, kind };
    let problems = kinds.map(problem).collect();
    Built { report, problems }
}
