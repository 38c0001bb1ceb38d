//! Revalidation by path and by tag.

use std::{
    error::Error,
    fmt,
    panic::Location,
    sync::{Arc, LazyLock, Weak},
};

use super::{describe::tag_fault, entry::Entry, path, site::Shared};
use crate::{
    error::Caller,
    place::{self, Place},
    sync::{Mutex, lock},
};

/// The sites of the process.
static SITES: LazyLock<Mutex<Vec<Weak<Shared>>>> = LazyLock::new(Mutex::default);

/// Lets the page at `path` be rendered anew: the next request for it waits for that one render.
///
/// `path` is that of a request (`/blog/hello`), or that of a page with parameters as it was
/// described (`/blog/{slug}`), which means all of its pages. It applies to every
/// [`Site`](super::Site) of the process; a path that no site knows is no error.
///
/// Call it in handlers, server functions, and tasks of any kind.
///
/// # Errors
///
/// Returns an error while a component or a metadata function renders, and for what is no path.
///
/// # Examples
///
/// ```
/// use with_after::{after, revalidate_path, with_after};
///
/// #[with_after(route)]
/// async fn publish() -> &'static str {
///     after(|| revalidate_path("/blog/hello"));
///     "published"
/// }
/// ```
#[track_caller]
pub fn revalidate_path(path: &str) -> Result<(), RevalidateError> {
    let caller = Location::caller();
    let call = || call("revalidate_path", path);
    check_place(call, caller)?;
    let Some(canonical) = path::canonical(path) else {
        let kind = RevalidateErrorKind::Invalid("a path begins with `/` and holds UTF-8");
        return Err(RevalidateError { call: call(), caller, kind });
    };
    expire(|entry| entry.path == canonical || entry.page.described_as(path));
    Ok(())
}

/// Lets every page with this tag be rendered anew: the next request for each waits for that one
/// render.
///
/// It applies to every [`Site`](super::Site) of the process; a tag that no page has is no error.
///
/// Call it in handlers, server functions, and tasks of any kind.
///
/// # Errors
///
/// Returns an error while a component or a metadata function renders, and for what is no tag.
///
/// # Examples
///
/// ```
/// use with_after::{after, revalidate_tag, with_after};
///
/// #[with_after(server_fn)]
/// async fn comment() -> &'static str {
///     after(|| revalidate_tag("posts"));
///     "thank you"
/// }
/// ```
#[track_caller]
pub fn revalidate_tag(tag: &str) -> Result<(), RevalidateError> {
    let caller = Location::caller();
    let call = || call("revalidate_tag", tag);
    check_place(call, caller)?;
    if tag_fault(tag).is_some() {
        let kind = RevalidateErrorKind::Invalid("a tag is 1 to 256 bytes long");
        return Err(RevalidateError { call: call(), caller, kind });
    }
    expire(|entry| entry.page.tags.iter().any(|own| own == tag));
    Ok(())
}

/// The error of [`revalidate_path`] and
/// [`revalidate_tag`]: nothing was revalidated.
#[derive(Debug)]
pub struct RevalidateError {
    call: String,
    caller: Caller,
    kind: RevalidateErrorKind,
}

#[derive(Debug)]
enum RevalidateErrorKind {
    /// In the component of this name.
    InRender(&'static str),
    Invalid(&'static str),
}

impl RevalidateError {
    /// Returns whether the caller renders: it is a component or a metadata function.
    #[must_use]
    pub fn is_in_render(&self) -> bool {
        matches!(self.kind, RevalidateErrorKind::InRender(_))
    }

    /// Returns whether what was given is no path or tag that a page can have.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(self.kind, RevalidateErrorKind::Invalid(_))
    }
}

impl fmt::Display for RevalidateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, caller, kind } = self;
        write!(f, "`{call}` at {caller} revalidated nothing: ")?;
        match kind {
            RevalidateErrorKind::InRender(component) => write!(
                f,
                "it runs while `{component}` renders, which might render for ever; call it in a \
                 `route` or `server_fn`, or in a task: `after(|| {call})`"
            ),
            RevalidateErrorKind::Invalid(fault) => f.write_str(fault),
        }
    }
}

impl Error for RevalidateError {}

/// Shows a call in a message.
fn call(function: &str, argument: &str) -> String {
    let shown: String = argument.chars().take(40).collect();
    format!("{function}({shown:?})")
}

fn check_place(call: impl Fn() -> String, caller: Caller) -> Result<(), RevalidateError> {
    match place::current() {
        Place::Handler(Some(handler)) if handler.kind.renders() => {
            let kind = RevalidateErrorKind::InRender(handler.name);
            Err(RevalidateError { call: call(), caller, kind })
        }
        _ => Ok(()),
    }
}

fn expire(is_meant: impl Fn(&Entry) -> bool) {
    let sites: Vec<_> = lock(&SITES).iter().filter_map(Weak::upgrade).collect();
    for entry in sites.iter().flat_map(|site| site.entries()).filter(|entry| is_meant(entry)) {
        entry.expire();
    }
}

/// Lets `site` be found by revalidations, for as long as it lives.
pub(super) fn add(site: &Arc<Shared>) {
    let mut sites = lock(&SITES);
    sites.retain(|site| site.strong_count() > 0);
    sites.push(Arc::downgrade(site));
}
