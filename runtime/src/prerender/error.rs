//! The errors of a site.

use std::{error::Error, fmt};

use crate::error::{Caller, MORE};

/// The error of [`SiteBuilder::build`](super::SiteBuilder::build): the site was not built.
///
/// Displays the problems that were found, each with its page and where that was described; of more
/// than 50 the first ones, and how many there are.
#[derive(Debug)]
pub struct BuildError {
    problems: Vec<Problem>,
    /// Whether a signal has ended the build.
    interrupted: bool,
}

/// What is wrong with one page.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) path: String,
    pub(crate) location: Caller,
    pub(crate) kind: ProblemKind,
}

#[derive(Debug)]
pub(crate) enum ProblemKind {
    /// The description is wrong.
    Description(String),
    Render(String),
    Task(String),
}

/// How many problems an error shows, and how many characters of each.
const SHOWN: usize = 50;
const SHOWN_CHARS: usize = 1_000;

impl BuildError {
    /// Returns an error if there are problems.
    pub(crate) fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self { problems, interrupted: false }) }
    }

    pub(crate) fn interrupted() -> Self {
        Self { problems: Vec::new(), interrupted: true }
    }

    /// Returns whether the description of a page is wrong: its path, parameters or tags. Nothing
    /// was rendered then.
    #[must_use]
    pub fn is_description(&self) -> bool {
        self.any(|kind| matches!(kind, ProblemKind::Description(_)))
    }

    /// Returns whether the render of a page failed, panicked, took too long, or found the page
    /// dynamic that [must be static](super::SiteBuilder::require_static).
    #[must_use]
    pub fn is_render(&self) -> bool {
        self.any(|kind| matches!(kind, ProblemKind::Render(_)))
    }

    /// Returns whether a task of a page failed.
    #[must_use]
    pub fn is_task(&self) -> bool {
        self.any(|kind| matches!(kind, ProblemKind::Task(_)))
    }

    /// Returns whether the process was told to stop during the build.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    fn any(&self, is: impl Fn(&ProblemKind) -> bool) -> bool {
        self.problems.iter().any(|problem| is(&problem.kind))
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.interrupted {
            return f.write_str("the site was not built: the process was told to stop");
        }
        f.write_str("the site was not built:")?;
        let shown = self.problems.iter().take(SHOWN);
        shown.clone().try_for_each(|problem| write!(f, "\n  {problem}"))?;
        match self.problems.len() - shown.len() {
            0 => {}
            more => write!(f, "\n  and {more} more")?,
        }
        write!(f, "\n {MORE}")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, location, kind } = self;
        write!(f, "`{}` ({location}): ", beginning(path, 100).escape_debug())?;
        match kind {
            ProblemKind::Description(fault) | ProblemKind::Task(fault) => {
                f.write_str(beginning(fault, SHOWN_CHARS))
            }
            ProblemKind::Render(cause) => {
                write!(f, "the render {}", beginning(cause, SHOWN_CHARS))
            }
        }
    }
}

/// Returns the first characters of a text.
fn beginning(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}

impl Error for BuildError {}

/// The error of [`Site::export`](super::Site::export).
#[derive(Debug)]
pub struct ExportError {
    pub(crate) kind: ExportErrorKind,
}

#[derive(Debug)]
pub(crate) enum ExportErrorKind {
    /// Pages that cannot be files, and why; nothing was written.
    Unsupported(Vec<(String, Caller, String)>),
    Io(std::path::PathBuf, std::io::Error),
}

impl ExportError {
    /// Returns whether there are pages that no files can stand for. Nothing was written then.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        matches!(self.kind, ExportErrorKind::Unsupported(_))
    }

    /// Returns whether a file or folder could not be written.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(self.kind, ExportErrorKind::Io(..))
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExportErrorKind::Unsupported(pages) => {
                f.write_str("the site was not exported, for files can do less than a server:")?;
                let mut pages = pages.iter();
                pages.try_for_each(|(path, location, why)| {
                    write!(f, "\n  `{path}` ({location}): {why}")
                })?;
                write!(f, "\n {MORE}")
            }
            ExportErrorKind::Io(path, error) => {
                write!(f, "`{}` was not written: {error}", path.display())
            }
        }
    }
}

impl Error for ExportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            ExportErrorKind::Unsupported(_) => None,
            ExportErrorKind::Io(_, error) => Some(error),
        }
    }
}
