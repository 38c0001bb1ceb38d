//! The request's cookies, and those that the handler writes.

use std::{fmt, panic::Location, sync::Arc};

use cookie::{Cookie, CookieJar};
use http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};

use crate::{
    error::{Caller, CookieWriteError, CookieWriteErrorKind},
    place::{self, Place},
    sync::{Mutex, lock},
};

/// The cookies of the request, together with those that the handler has written.
///
/// A cheap clone of one jar which all code of a request shares. What [`set`](Self::set) and
/// [`remove`](Self::remove) write goes into the response's `Set-Cookie` headers when the handler
/// returns, and is seen by every later read, also in the tasks.
///
/// Where a name arrives twice the first one counts: browsers send the one with the most specific
/// path first (RFC 6265 §5.4). What is not `name=value` in UTF-8 is left out.
#[derive(Clone)]
pub struct Cookies {
    jar: Arc<Jar>,
}

pub(crate) struct Jar {
    state: Mutex<JarState>,
}

struct JarState {
    cookies: CookieJar,
    head_sent: bool,
}

impl Cookies {
    pub(crate) fn new(jar: Arc<Jar>) -> Self {
        Self { jar }
    }

    /// Returns the cookie called `name`, with the handler's own writes applied.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cookie<'static>> {
        lock(&self.jar.state).cookies.get(name).cloned()
    }

    /// Returns whether there is a cookie called `name`.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        lock(&self.jar.state).cookies.get(name).is_some()
    }

    /// Returns every cookie, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = Cookie<'static>> + use<> {
        let cookies: Vec<_> = lock(&self.jar.state).cookies.iter().cloned().collect();
        cookies.into_iter()
    }

    /// Writes `cookie` into the response.
    ///
    /// # Errors
    ///
    /// Returns an error, and writes nothing, in a component or metadata function, in a task, once
    /// the head of the response has been produced, and for a cookie that no header can carry.
    ///
    /// # Examples
    ///
    /// ```
    /// use with_after::{cookies, with_after};
    ///
    /// #[with_after(route)]
    /// async fn login() -> Result<&'static str, with_after::CookieWriteError> {
    ///     cookies().await.set(("session", "4711"))?;
    ///     Ok("welcome")
    /// }
    /// ```
    #[track_caller]
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieWriteError> {
        self.write(cookie.into(), Location::caller(), CookieJar::add)
    }

    /// Tells the client to forget the cookie called `name`.
    ///
    /// For a cookie that was set with a path or a domain, pass a [`Cookie`] which has them too.
    ///
    /// # Errors
    ///
    /// Fails as [`set`](Self::set) does.
    #[track_caller]
    pub fn remove(&self, name: impl Into<Cookie<'static>>) -> Result<(), CookieWriteError> {
        self.write(name.into(), Location::caller(), |jar, cookie| {
            // A jar takes the removal of a cookie that it does not know for nothing.
            if jar.get(cookie.name()).is_none() {
                jar.add_original((cookie.name().to_owned(), ""));
            }
            jar.remove(cookie);
        })
    }

    fn write(
        &self,
        cookie: Cookie<'static>,
        caller: Caller,
        change: impl FnOnce(&mut CookieJar, Cookie<'static>),
    ) -> Result<(), CookieWriteError> {
        let refuse = |kind| Err(CookieWriteError::new(cookie.name(), caller, kind));
        match place::current() {
            Place::Task(task) => return refuse(CookieWriteErrorKind::InTask(task.location)),
            Place::Handler(Some(handler)) if handler.kind.renders() => {
                return refuse(CookieWriteErrorKind::InRender(handler.kind, handler.name));
            }
            Place::Handler(_) => {}
        }
        if !is_valid(&cookie) {
            return refuse(CookieWriteErrorKind::Invalid);
        }
        let mut state = lock(&self.jar.state);
        if state.head_sent {
            drop(state);
            return refuse(CookieWriteErrorKind::HeadSent);
        }
        change(&mut state.cookies, cookie);
        Ok(())
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|cookie| cookie.name().to_owned())).finish()
    }
}

impl Jar {
    /// Reads the `Cookie` headers, leaving out what cannot be read.
    pub(crate) fn parse(headers: &HeaderMap) -> Self {
        let mut cookies = CookieJar::new();
        let values = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        let pairs = values.flat_map(|value| value.split(|byte| *byte == b';'));
        let readable = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
        for cookie in readable.filter_map(|pair| Cookie::parse(pair).ok()) {
            if cookies.get(cookie.name()).is_none() {
                cookies.add_original(cookie.into_owned());
            }
        }
        Self { state: Mutex::new(JarState { cookies, head_sent: false }) }
    }

    /// Refuses every later write, and returns what was written so far.
    pub(crate) fn seal(&self) -> Vec<HeaderValue> {
        let mut state = lock(&self.state);
        state.head_sent = true;
        let written = state.cookies.delta();
        // `set` has made sure that each of them is a header's value.
        written.filter_map(|cookie| HeaderValue::try_from(cookie.to_string()).ok()).collect()
    }

    /// Puts what was written into the response's head.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        for cookie in self.seal() {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

/// Returns whether a client reads `cookie` as it was meant (RFC 6265 §5.2).
fn is_valid(cookie: &Cookie<'_>) -> bool {
    let name = cookie.name();
    let parts = [Some(name), Some(cookie.value()), cookie.path(), cookie.domain()];
    let whole = |part: &str| !part.contains(|c: char| c == ';' || c.is_control());
    let named = !name.is_empty() && !name.contains(|c: char| c == '=' || c.is_whitespace());
    named && parts.into_iter().flatten().all(whole)
}
