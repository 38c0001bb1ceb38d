//! What is to be rendered anew.

use std::{error::Error, fmt, str::FromStr};

/// What is to be rendered anew, and what visitors get meanwhile.
///
/// [`revalidate_path`](crate::revalidate_path()) and [`revalidate_tag`](crate::revalidate_tag())
/// are short for `Revalidation::path(..).apply()` and `Revalidation::tag(..).apply()`.
///
/// It can be told to other machines: it displays as a line of text, which
/// [parses](str::parse) into the same. See the [module docs](crate::prerender#many-machines).
///
/// # Examples
///
/// ```
/// use with_after::{after, prerender::Revalidation, with_after};
///
/// #[with_after(route)]
/// async fn import() -> &'static str {
///     // Nobody waits for the new prices, and everybody has them soon.
///     after(|| Revalidation::tag("prices").serving_stale().apply());
///     "imported"
/// }
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[must_use = "nothing is rendered anew unless it is applied"]
pub struct Revalidation {
    pub(crate) subject: Subject,
    pub(crate) stale: bool,
}

/// Which pages are meant.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Subject {
    Path(String),
    Tag(String),
}

impl Revalidation {
    /// Means the page at this path, or all pages of this description: see
    /// [`revalidate_path`](crate::revalidate_path()).
    pub fn path(path: impl Into<String>) -> Self {
        Self { subject: Subject::Path(path.into()), stale: false }
    }

    /// Means every page with this tag.
    pub fn tag(tag: impl Into<String>) -> Self {
        Self { subject: Subject::Tag(tag.into()), stale: false }
    }

    /// Lets visitors have the old page until the new one is rendered, which the next of them
    /// starts, instead of waiting for it: `revalidateTag(tag, 'max')` in Next.js.
    pub fn serving_stale(self) -> Self {
        Self { stale: true, ..self }
    }

    /// Returns the path, if one is meant.
    #[must_use]
    pub fn as_path(&self) -> Option<&str> {
        match &self.subject {
            Subject::Path(path) => Some(path),
            Subject::Tag(_) => None,
        }
    }

    /// Returns the tag, if one is meant.
    #[must_use]
    pub fn as_tag(&self) -> Option<&str> {
        match &self.subject {
            Subject::Path(_) => None,
            Subject::Tag(tag) => Some(tag),
        }
    }

    /// Returns whether visitors have the old page meanwhile.
    #[must_use]
    pub fn serves_stale(&self) -> bool {
        self.stale
    }
}

const STALE: &str = "stale ";
const PATH: &str = "path ";
const TAG: &str = "tag ";

impl fmt::Display for Revalidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stale = if self.stale { STALE } else { "" };
        match &self.subject {
            Subject::Path(path) => write!(f, "{stale}{PATH}{path}"),
            Subject::Tag(tag) => write!(f, "{stale}{TAG}{tag}"),
        }
    }
}

impl FromStr for Revalidation {
    type Err = ParseRevalidationError;

    fn from_str(text: &str) -> Result<Self, ParseRevalidationError> {
        let (rest, stale) = match text.strip_prefix(STALE) {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let path = rest.strip_prefix(PATH).map(|path| Subject::Path(path.to_owned()));
        let tag = || rest.strip_prefix(TAG).map(|tag| Subject::Tag(tag.to_owned()));
        match path.or_else(tag) {
            Some(subject) => Ok(Self { subject, stale }),
            None => Err(ParseRevalidationError { text: text.chars().take(40).collect() }),
        }
    }
}

/// The error of a text that no [`Revalidation`] has displayed.
#[derive(Debug)]
pub struct ParseRevalidationError {
    text: String,
}

impl fmt::Display for ParseRevalidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no revalidation: it begins with `path ` or `tag `", self.text)
    }
}

impl Error for ParseRevalidationError {}

/// Next's limit.
const MAX_TAG: usize = 256;

/// Says what keeps `tag` from being one.
pub(crate) fn tag_fault(tag: &str) -> Option<String> {
    match tag.len() {
        0 => Some("a tag is empty".to_owned()),
        1..=MAX_TAG => None,
        len => Some(format!("a tag is {len} bytes long, more than {MAX_TAG}")),
    }
}
