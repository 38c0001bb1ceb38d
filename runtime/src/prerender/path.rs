//! Paths of pages, with and without parameters.
//!
//! A path has one **canonical** form, in which every character but `A-Z a-z 0-9 - . _ ~` and the
//! separating slash is percent-encoded. Pages are kept and found under it.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Params;

/// The longest value of a parameter, in bytes.
const MAX_VALUE: usize = 256;

/// No longer path is looked at.
const MAX_PATH: usize = 8 * 1024;

const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path of a page: `/blog/{slug}`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Pattern {
    segments: Vec<Segment>,
}

/// Literals before parameters: where both match, the literal is meant.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Segment {
    /// In canonical form.
    Literal(String),
    Param(String),
}

impl Pattern {
    /// Reads a pattern; an error says what is wrong with it.
    pub(super) fn parse(path: &str) -> Result<Self, String> {
        let Some(path) = path.strip_prefix('/') else {
            return Err("the path does not begin with `/`".to_owned());
        };
        if path.is_empty() {
            return Ok(Self { segments: Vec::new() });
        }
        let segments: Vec<_> = path.split('/').map(Segment::parse).collect::<Result<_, _>>()?;
        let names: Vec<_> = segments.iter().filter_map(Segment::name).collect();
        if let Some(name) = names
            .iter()
            .enumerate()
            .find_map(|(at, name)| names[..at].contains(name).then_some(name))
        {
            return Err(format!("the path has two parameters called `{name}`"));
        }
        Ok(Self { segments })
    }

    pub(super) fn has_params(&self) -> bool {
        self.segments.iter().any(|segment| segment.name().is_some())
    }

    /// Returns the pattern without the names of its parameters: equal for pages that answer the
    /// same paths.
    pub(super) fn shape(&self) -> String {
        join(self.segments.iter().map(|segment| match segment {
            Segment::Literal(literal) => literal.as_str(),
            Segment::Param(_) => "{}",
        }))
    }

    /// Returns the canonical path for `params`; an error says what is wrong with them.
    pub(super) fn fill(&self, params: &Params) -> Result<String, String> {
        let mut filled = Vec::with_capacity(self.segments.len());
        let mut used = 0;
        for segment in &self.segments {
            filled.push(match segment {
                Segment::Literal(literal) => literal.clone(),
                Segment::Param(name) => {
                    let value =
                        params.get(name).ok_or(format!("there is no value for `{name}`"))?;
                    check(value).map_err(|fault| {
                        let shown: String = value.chars().take(40).collect();
                        format!("`{name}` cannot be {shown:?}: {fault}")
                    })?;
                    used += 1;
                    encode(value)
                }
            });
        }
        if used < params.len() {
            return Err(format!("there are values that `{self}` has no parameters for"));
        }
        Ok(join(filled.iter()))
    }

    /// Returns the parameters of `path`, which is canonical, if the pattern matches it.
    pub(super) fn matches(&self, path: &str) -> Option<Params> {
        let given = split(path);
        if given.clone().count() != self.segments.len() {
            return None;
        }
        let mut params = Params::default();
        for (segment, given) in self.segments.iter().zip(given) {
            match segment {
                Segment::Literal(literal) if literal == given => {}
                Segment::Literal(_) => return None,
                Segment::Param(name) => {
                    let value = decode(given)?;
                    check(&value).ok()?;
                    params.push(name, value);
                }
            }
        }
        Some(params)
    }

    /// Sorts the pattern that means a path most exactly to the front.
    pub(super) fn precedence(&self) -> impl Ord + use<> {
        self.segments.iter().map(|segment| segment.name().is_some()).collect::<Vec<_>>()
    }
}

impl fmt::Display for Pattern {
    /// In the syntax of axum's routes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments.is_empty() {
            return f.write_str("/");
        }
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Literal(literal) => write!(f, "/{literal}"),
            Segment::Param(name) => write!(f, "/{{{name}}}"),
        })
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, String> {
        let name = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        if let Some(name) = name {
            let fits = |char: char| char == '_' || char.is_ascii_alphanumeric();
            if name.is_empty() || !name.chars().all(fits) {
                return Err(format!(
                    "`{{{name}}}` is no parameter: name it in letters, digits and `_`"
                ));
            }
            return Ok(Self::Param(name.to_owned()));
        }
        if text.contains(['{', '}']) {
            return Err(format!(
                "`{text}` is no segment: a parameter is a whole one, as in `/{{name}}/`"
            ));
        }
        check(text)
            .map_err(|fault| format!("a segment of the path cannot be {text:?}: {fault}"))?;
        Ok(Self::Literal(encode(text)))
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Param(name) => Some(name),
        }
    }
}

/// Returns the canonical form of the path in a request, or `None` if no page can have it.
pub(super) fn canonical(path: &str) -> Option<String> {
    let segments = path.strip_prefix('/').filter(|path| path.len() <= MAX_PATH)?;
    if segments.is_empty() {
        return Some("/".to_owned());
    }
    let segments: Option<Vec<_>> = segments.split('/').map(|s| Some(encode(&decode(s)?))).collect();
    Some(join(segments?.iter()))
}

/// Returns the segments of a canonical path.
pub(super) fn split(path: &str) -> impl Iterator<Item = &str> + Clone {
    // The root has none.
    path.split('/').skip(if path == "/" { 2 } else { 1 })
}

fn join<I: Iterator<Item: AsRef<str>>>(segments: I) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.push_str(segment.as_ref());
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

/// Says what keeps a segment from being served, looked up and written safely.
fn check(segment: &str) -> Result<(), &'static str> {
    match segment {
        "" => Err("it is empty"),
        "." | ".." => Err("no browser asks for it"),
        _ if segment.len() > MAX_VALUE => Err("it is longer than 256 bytes"),
        _ if segment.contains(char::is_control) => Err("it holds a control character"),
        _ => Ok(()),
    }
}

fn encode(segment: &str) -> String {
    utf8_percent_encode(segment, &ENCODED).to_string()
}

fn decode(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_canonical_form() {
        for path in ["/caf%C3%A9/a%2Fb", "/caf%c3%a9/%61%2fb", "/café/a%2Fb"] {
            assert_eq!(canonical(path).as_deref(), Some("/caf%C3%A9/a%2Fb"));
        }
        assert_eq!(canonical("/").as_deref(), Some("/"));
        assert_eq!(canonical("/%ff"), None);
        assert_eq!(canonical(&format!("/{}", "a".repeat(MAX_PATH + 1))), None);
    }

    #[test]
    fn an_empty_segment_is_a_path_of_its_own() {
        let pattern = Pattern::parse("/a").expect("it is a path");
        let path = canonical("/a/").expect("it can be read");
        assert_ne!(path, pattern.fill(&Params::default()).expect("it has no parameters"));
    }
}
