//! The cookies of a request, and what was written.

use std::collections::HashMap;

use cookie::{Cookie, CookieJar, time::Duration};
use http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};

use crate::sync::{Mutex, lock};

/// The path of a cookie that was written without one.
const DEFAULT_PATH: &str = "/";

pub(crate) struct Jar {
    state: Mutex<State>,
}

struct State {
    /// What the request carried, one of each name.
    received: CookieJar,
    /// By name; all of one name are different cookies.
    written: HashMap<String, Vec<Written>>,
    writes: u64,
    head_sent: bool,
}

struct Written {
    cookie: Cookie<'static>,
    /// Which write it was.
    number: u64,
}

/// Why a cookie was not written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    Invalid,
    HeadSent,
}

impl Jar {
    /// Reads the `Cookie` headers, leaving out what cannot be read.
    pub(crate) fn parse(headers: &HeaderMap) -> Self {
        let mut received = CookieJar::new();
        let values = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
        let pairs = values.flat_map(|value| value.split(|byte| *byte == b';'));
        let readable = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
        for cookie in readable.filter_map(|pair| Cookie::parse(pair).ok()) {
            if received.get(cookie.name()).is_none() {
                received.add_original(cookie.into_owned());
            }
        }
        let state = State { received, written: HashMap::new(), writes: 0, head_sent: false };
        Self { state: Mutex::new(state) }
    }

    pub(super) fn get(&self, name: &str) -> Option<Cookie<'static>> {
        let state = lock(&self.state);
        let Some(written) = state.written.get(name) else {
            return state.received.get(name).cloned();
        };
        let live = written.iter().filter(|written| written.is_live());
        live.max_by_key(|written| written.number).map(|written| written.cookie.clone())
    }

    pub(super) fn all(&self) -> Vec<Cookie<'static>> {
        let state = lock(&self.state);
        let unwritten = |cookie: &&Cookie<'_>| !state.written.contains_key(cookie.name());
        let received = state.received.iter().filter(unwritten).cloned();
        let written = state.in_order().filter(|written| written.is_live());
        received.chain(written.map(|written| written.cookie.clone())).collect()
    }

    pub(super) fn add(&self, mut cookie: Cookie<'static>) -> Result<(), Refusal> {
        normalise(&mut cookie);
        if !is_valid(&cookie) {
            return Err(Refusal::Invalid);
        }
        let mut state = lock(&self.state);
        if state.head_sent {
            return Err(Refusal::HeadSent);
        }
        state.writes += 1;
        let number = state.writes;
        let namesakes = state.written.entry(cookie.name().to_owned()).or_default();
        namesakes.retain(|other| !is_same(&other.cookie, &cookie));
        namesakes.push(Written { cookie, number });
        Ok(())
    }

    /// Refuses every later write, and returns what was written so far.
    pub(crate) fn seal(&self) -> Vec<HeaderValue> {
        let mut state = lock(&self.state);
        state.head_sent = true;
        // `add` has made sure that each of them is a header's value.
        let value = |written: &Written| HeaderValue::try_from(written.cookie.to_string()).ok();
        state.in_order().filter_map(value).collect()
    }

    /// Puts what was written into the response's head.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        for cookie in self.seal() {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

impl State {
    fn in_order(&self) -> impl Iterator<Item = &Written> {
        let mut written: Vec<_> = self.written.values().flatten().collect();
        written.sort_unstable_by_key(|written| written.number);
        written.into_iter()
    }
}

impl Written {
    /// Returns whether the client keeps the cookie: it forgets one whose time is over.
    fn is_live(&self) -> bool {
        self.cookie.max_age().is_none_or(Duration::is_positive)
    }
}

/// Gives `cookie` the path `/` if it has none, leaves out a domain that is none, and has a name which
/// says that it is secure tell the truth: a client would take none of them for what it is.
fn normalise(cookie: &mut Cookie<'_>) {
    if cookie.path().is_none_or(|path| path.trim_ascii().is_empty()) {
        cookie.set_path(DEFAULT_PATH);
    }
    if cookie.domain().is_some_and(|domain| domain.trim_ascii().is_empty()) {
        cookie.unset_domain();
    }
    if cookie.secure().is_none() && (is_for_host(cookie) || has_prefix(cookie, "__Secure-")) {
        cookie.set_secure(true);
    }
}

/// Returns whether a client that gets both keeps the second alone (RFC 6265 §5.3, and CHIPS for
/// what is partitioned).
fn is_same(first: &Cookie<'_>, second: &Cookie<'_>) -> bool {
    let domain =
        |cookie: &Cookie<'_>| cookie.domain().map(|it| it.trim_ascii().to_ascii_lowercase());
    let partitioned = |cookie: &Cookie<'_>| cookie.partitioned() == Some(true);
    first.name() == second.name()
        && first.path().map(str::trim_ascii) == second.path().map(str::trim_ascii)
        && domain(first) == domain(second)
        && partitioned(first) == partitioned(second)
}

/// Returns whether a client reads `cookie` as it was meant (RFC 6265 §5.2).
fn is_valid(cookie: &Cookie<'_>) -> bool {
    let name = cookie.name();
    let parts = [Some(name), Some(cookie.value()), cookie.path(), cookie.domain()];
    let whole = |part: &str| !part.contains(|c: char| c == ';' || c.is_control());
    let named = !name.is_empty() && !name.contains(|c: char| c == '=' || c.is_whitespace());
    // Of another path a client makes that of the request.
    let placed = cookie.path().is_some_and(|path| path.trim_ascii_start().starts_with('/'));
    // Clients do not keep those whose prefix promises what they are not (RFC 6265bis §4.1.3).
    let secure = !has_prefix(cookie, "__Secure-") || cookie.secure() == Some(true);
    let for_host = !is_for_host(cookie)
        || (cookie.secure() == Some(true)
            && cookie.domain().is_none()
            && cookie.path() == Some(DEFAULT_PATH));
    named && placed && secure && for_host && parts.into_iter().flatten().all(whole)
}

fn is_for_host(cookie: &Cookie<'_>) -> bool {
    has_prefix(cookie, "__Host-")
}

fn has_prefix(cookie: &Cookie<'_>, prefix: &str) -> bool {
    cookie.name().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
