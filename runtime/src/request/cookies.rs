//! The request's cookies, and those that the handler writes.

use std::{fmt, panic::Location, sync::Arc};

use cookie::Cookie;

use super::jar::{Jar, Refusal};
use crate::{
    error::{Caller, CookieWriteError, CookieWriteErrorKind},
    place::{self, Place},
};

/// The cookies of the request, together with those that the handler has written.
///
/// A cheap clone of one jar which all code of a request shares. What [`set`](Self::set) and
/// [`remove`](Self::remove) write goes into the response's `Set-Cookie` headers when the handler
/// returns, in the order of writing, and is seen by every later read, also in the tasks.
///
/// # Which cookie is which
///
/// A written cookie without a path, or with an empty one, gets the path `/`, as in Next.js: the
/// client would otherwise derive one from the path of the request, and not send the cookie back to
/// the rest of the site.
///
/// Two writes are of the same cookie if name, path and domain are the same (a domain with or
/// without a leading dot, in capitals or not), and both are
/// [partitioned](Cookie::partitioned), or neither: the last one counts. All others are written side
/// by side. In Next.js the last write of a name makes those with other paths and domains
/// disappear.
///
/// A client does not tell the path and domain of the cookies that it sends. So once a name has been
/// written, reads of it see what was written alone: [`get`](Self::get) the last one that was not
/// removed, [`iter`](Self::iter) all of these. Names differ by case.
///
/// Where a name arrives twice the first one counts: browsers send the one with the most specific
/// path first (RFC 6265 §5.4). What is not `name=value` in UTF-8 is left out.
///
/// [The guide](crate::guide::cookies) has recipes for signed and private cookies, and tells how this
/// jar stands beside axum-extra's and beside sessions.
#[doc(alias = "CookieJar")]
#[derive(Clone)]
pub struct Cookies {
    jar: Arc<Jar>,
}

impl Cookies {
    pub(crate) fn new(jar: Arc<Jar>) -> Self {
        Self { jar }
    }

    /// Returns the cookie called `name`, with the handler's own writes applied.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cookie<'static>> {
        self.jar.get(name)
    }

    /// Returns whether there is a cookie called `name`.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.jar.get(name).is_some()
    }

    /// Returns every cookie: those of the request in no particular order, then those that were
    /// written, in the order of writing.
    pub fn iter(&self) -> impl Iterator<Item = Cookie<'static>> + use<> {
        self.jar.all().into_iter()
    }

    /// Writes `cookie` into the response, with the path `/` if it has none.
    ///
    /// # Errors
    ///
    /// Returns an error, and writes nothing, in a component or metadata function, in a task, once
    /// the head of the response has been produced, and for a cookie that a client would take for
    /// another one or that no header can carry.
    ///
    /// # Examples
    ///
    /// ```
    /// use with_after::{Cookie, cookies, with_after};
    ///
    /// #[with_after(route)]
    /// async fn login() -> Result<&'static str, with_after::CookieWriteError> {
    ///     let cookies = cookies().await;
    ///     cookies.set(("theme", "dark"))?; // for the whole site
    ///     cookies.set(Cookie::build(("session", "4711")).path("/account").http_only(true))?;
    ///     Ok("welcome")
    /// }
    /// ```
    #[track_caller]
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieWriteError> {
        self.write(cookie.into(), Location::caller())
    }

    /// Tells the client to forget the cookie called `name`, of the path `/`.
    ///
    /// A cookie that was set with another path, or with a domain, is another cookie: to remove it,
    /// pass a [`Cookie`] which has them too.
    ///
    /// # Errors
    ///
    /// Fails as [`set`](Self::set) does.
    ///
    /// # Examples
    ///
    /// ```
    /// use with_after::{Cookie, cookies, with_after};
    ///
    /// #[with_after(route)]
    /// async fn logout() -> Result<&'static str, with_after::CookieWriteError> {
    ///     let cookies = cookies().await;
    ///     cookies.remove("theme")?;
    ///     cookies.remove(Cookie::build("session").path("/account"))?;
    ///     Ok("good bye")
    /// }
    /// ```
    #[track_caller]
    pub fn remove(&self, name: impl Into<Cookie<'static>>) -> Result<(), CookieWriteError> {
        let mut cookie = name.into();
        cookie.make_removal();
        self.write(cookie, Location::caller())
    }

    fn write(&self, cookie: Cookie<'static>, caller: Caller) -> Result<(), CookieWriteError> {
        let name = cookie.name().to_owned();
        let refuse = |kind| Err(CookieWriteError::new(&name, caller, kind));
        match place::current() {
            Place::Task(task) => return refuse(CookieWriteErrorKind::InTask(task.location)),
            Place::Handler(Some(handler)) if handler.kind.renders() => {
                return refuse(CookieWriteErrorKind::InRender(handler.kind, handler.name));
            }
            Place::Handler(_) => {}
        }
        self.jar.add(cookie).or_else(|refusal| {
            refuse(match refusal {
                Refusal::Invalid => CookieWriteErrorKind::Invalid,
                Refusal::HeadSent => CookieWriteErrorKind::HeadSent,
            })
        })
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|cookie| cookie.name().to_owned())).finish()
    }
}
