//! A run of a job that failed, and whom it is told.

use std::{error::Error, fmt, panic::Location};

use riverqueue::JobRow;
use with_after::{__private::contain, Cause};

use crate::call::Definition;

/// More than any error needs: what is longer is cut.
const LONGEST_TEXT: usize = 10_000;
/// More sources than any error has; they may go in a circle.
const MOST_SOURCES: usize = 50;

/// A run of a job that failed, as [`JobsBuilder::on_failure`](crate::JobsBuilder::on_failure) sees
/// it.
///
/// Displays the job's name and id, the `file:line` of its function, the attempt, and the cause
/// with all its sources.
#[derive(Debug)]
pub struct JobFailure {
    pub(crate) job: &'static Definition,
    pub(crate) run: RunInfo,
    pub(crate) cause: Cause,
    /// The cause in words.
    pub(crate) text: String,
}

/// What identifies a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunInfo {
    pub(crate) id: i64,
    pub(crate) attempt: i32,
    pub(crate) max_attempts: i32,
}

impl JobFailure {
    pub(crate) fn new(job: &'static Definition, run: RunInfo, cause: Cause) -> Self {
        let text = match &cause {
            Cause::Error(error) => describe(error.as_ref()),
            // Ours: it shows no code of the user.
            other => clean(&other.to_string()),
        };
        Self { job, run, cause, text }
    }

    /// Returns the kind of the job, as River calls it: the name of its function, or what
    /// `#[job(name = ..)]` says.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.job.name
    }

    /// Returns where the job's function stands.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.job.location
    }

    /// Returns the id of the job, by which River's client finds it.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.run.id
    }

    /// Returns the number of the attempt, the first being 1.
    #[must_use]
    pub fn attempt(&self) -> i32 {
        self.run.attempt
    }

    /// Returns whether it was the last attempt: the job is not run again by itself.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.run.attempt >= self.run.max_attempts
    }

    /// Returns why the run failed.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Returns the cause in words, with all its sources, as it is stored.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl From<&JobRow> for RunInfo {
    fn from(row: &JobRow) -> Self {
        Self { id: row.id, attempt: row.attempt, max_attempts: row.max_attempts }
    }
}

impl fmt::Display for JobFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { job, run, text, .. } = self;
        let RunInfo { id, attempt, max_attempts } = run;
        write!(f, "job {job} {id}, attempt {attempt} of {max_attempts}, {text}")
    }
}

impl Error for JobFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Cause::Error(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

/// Tells an error with all its sources, whatever the user's code in them does.
fn describe(error: &(dyn Error + 'static)) -> String {
    let text = contain(|| {
        let mut texts = Vec::new();
        let mut next = Some(error);
        while let Some(error) = next.filter(|_| texts.len() < MOST_SOURCES) {
            texts.push(error.to_string());
            next = error.source();
        }
        texts.join(": ")
    });
    match text {
        Ok(text) => clean(&format!("failed: {text}")),
        Err(panic) => clean(&format!("failed: its error panicked: {panic}")),
    }
}

/// Returns a text as it can be stored: PostgreSQL refuses the NUL, and with it what other jobs
/// have to tell.
pub(crate) fn clean(text: &str) -> String {
    let text = text.replace('\0', "\\0");
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{} ..", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Circle;

    impl fmt::Display for Circle {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("round\0")
        }
    }

    impl Error for Circle {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(self)
        }
    }

    #[test]
    fn a_circle_of_sources_ends_and_a_nul_is_shown() {
        let text = describe(&Circle);
        assert_eq!(text.matches("round\\0").count(), MOST_SOURCES);
        assert!(!text.contains('\0'));
    }

    #[test]
    fn a_text_without_end_is_cut() {
        let text = clean(&"ü".repeat(LONGEST_TEXT * 3));
        assert_eq!(text.chars().count(), LONGEST_TEXT + 3);
    }
}
