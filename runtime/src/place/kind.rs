//! What an annotated function is.

use std::{error::Error, fmt, str::FromStr};

/// What an annotated function is: the first argument of `#[with_after(..)]`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// Renders a page, a layout or a part of one.
    Component,
    /// Computes a page's metadata.
    Metadata,
    /// Answers a request; what `#[with_after]` alone means.
    Route,
    /// Is called by a client as a remote procedure.
    ServerFn,
    /// Stands around other handlers.
    Middleware,
    /// Runs from a store, without a request: a job of `with-after-jobs`.
    Job,
}

impl Kind {
    /// Returns the kind as it is written in the attribute: `"server_fn"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Metadata => "metadata",
            Self::Route => "route",
            Self::ServerFn => "server_fn",
            Self::Middleware => "middleware",
            Self::Job => "job",
        }
    }

    /// Returns whether code of this kind renders: it may read the request, but neither write
    /// cookies nor leave the reading to its tasks.
    pub(crate) fn renders(self) -> bool {
        matches!(self, Self::Component | Self::Metadata)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads a kind as it is written in the attribute, which is also how it is displayed.
///
/// ```
/// use with_after::Kind;
///
/// assert_eq!("server_fn".parse(), Ok(Kind::ServerFn));
/// assert_eq!(Kind::ServerFn.to_string(), "server_fn");
/// assert!("page".parse::<Kind>().is_err());
/// ```
impl FromStr for Kind {
    type Err = ParseKindError;

    fn from_str(text: &str) -> Result<Self, ParseKindError> {
        let kinds = [
            Self::Component,
            Self::Metadata,
            Self::Route,
            Self::ServerFn,
            Self::Middleware,
            Self::Job,
        ];
        let found = kinds.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| ParseKindError { text: text.to_owned() })
    }
}

/// The error of reading a [`Kind`] from text: it names none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParseKindError {
    text: String,
}

impl fmt::Display for ParseKindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no kind of function; write `component`, `metadata`, `route`, `server_fn`, \
             `middleware` or `job`",
            self.text.escape_debug()
        )
    }
}

impl Error for ParseKindError {}
