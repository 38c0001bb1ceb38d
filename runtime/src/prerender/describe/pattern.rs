//! Paths with parameters: `/blog/{slug}`, `/docs/{*path}`.

use std::fmt;

use super::{
    Params,
    path::{check, decode, encode, join, split},
};

/// The path of a page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Pattern {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Segment {
    /// In canonical form.
    Literal(String),
    Param(String),
    /// All that is left of the path; the last segment.
    Rest(String),
}

impl Pattern {
    /// Reads a pattern; an error says what is wrong with it.
    pub(crate) fn parse(path: &str) -> Result<Self, String> {
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
        if let Some((_, before)) = segments.split_last() {
            if let Some(rest) = before.iter().find(|s| matches!(s, Segment::Rest(_))) {
                return Err(format!("`{rest}` takes the rest of the path: nothing can follow it"));
            }
        }
        Ok(Self { segments })
    }

    pub(crate) fn has_params(&self) -> bool {
        self.segments.iter().any(|segment| segment.name().is_some())
    }

    /// Returns the pattern without the names of its parameters: equal for pages that answer the
    /// same paths.
    pub(crate) fn shape(&self) -> String {
        join(self.segments.iter().map(|segment| match segment {
            Segment::Literal(literal) => literal.as_str(),
            Segment::Param(_) => "{}",
            Segment::Rest(_) => "{*}",
        }))
    }

    /// Returns the shape that is meant by a path in any spelling, with parameters of any name.
    pub(crate) fn shape_of(path: &str) -> Option<String> {
        let segments =
            path.strip_prefix('/')?.split('/').map(|segment| match Segment::parse(segment).ok() {
                Some(Segment::Param(_)) => Some("{}".to_owned()),
                Some(Segment::Rest(_)) => Some("{*}".to_owned()),
                _ => Some(encode(&decode(segment)?)),
            });
        Some(join(segments.collect::<Option<Vec<_>>>()?.iter()))
    }

    /// Returns the canonical path for `params`; an error says what is wrong with them.
    pub(crate) fn fill(&self, params: &Params) -> Result<String, String> {
        let mut filled = Vec::with_capacity(self.segments.len());
        let mut used = 0;
        for segment in &self.segments {
            let Some(name) = segment.name() else {
                filled.push(segment.to_string());
                continue;
            };
            let value = params.get(name).ok_or(format!("there is no value for `{name}`"))?;
            let parts: Vec<_> = match segment {
                Segment::Rest(_) => value.split('/').collect(),
                _ => vec![value],
            };
            parts.iter().try_for_each(|part| check(part)).map_err(|fault| {
                let shown: String = value.chars().take(40).collect();
                format!("`{name}` cannot be {shown:?}: {fault}")
            })?;
            used += 1;
            filled.extend(parts.into_iter().map(encode));
        }
        if used < params.len() {
            return Err(format!("there are values that `{self}` has no parameters for"));
        }
        Ok(join(filled.iter()))
    }

    /// Returns the parameters of `path`, which is canonical, if the pattern matches it.
    pub(crate) fn matches(&self, path: &str) -> Option<Params> {
        let mut params = Params::default();
        let mut given = split(path);
        for segment in &self.segments {
            let next = given.next()?;
            match segment {
                Segment::Literal(literal) if literal == next => {}
                Segment::Literal(_) => return None,
                Segment::Param(name) => params.push(name, value(next)?),
                Segment::Rest(name) => {
                    let rest: Option<Vec<_>> =
                        std::iter::once(next).chain(given.by_ref()).map(value).collect();
                    // Else two paths would have one value.
                    let rest = rest.filter(|rest| !rest.iter().any(|part| part.contains('/')))?;
                    params.push(name, rest.join("/"));
                }
            }
        }
        given.next().is_none().then_some(params)
    }

    /// Returns whether its catch-all begins where `other` has a parameter.
    #[cfg(feature = "axum")]
    pub(crate) fn rest_clashes_with(&self, other: &Self) -> bool {
        let Some((Segment::Rest(_), before)) = self.segments.split_last() else { return false };
        let mut others = other.segments.iter();
        let same = before.iter().all(|segment| match (segment, others.next()) {
            (Segment::Literal(own), Some(Segment::Literal(other))) => own == other,
            (Segment::Param(_), Some(Segment::Param(_))) => true,
            _ => false,
        });
        same && matches!(others.next(), Some(Segment::Param(_)))
    }

    /// Sorts the pattern that means a path most exactly to the front: literals before parameters,
    /// these before the rest.
    pub(crate) fn precedence(&self) -> impl Ord + use<> {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0_u8,
            Segment::Param(_) => 1,
            Segment::Rest(_) => 2,
        };
        self.segments.iter().map(rank).collect::<Vec<_>>()
    }
}

/// Returns the value that is given by a canonical segment, if it can be one.
fn value(segment: &str) -> Option<String> {
    let value = decode(segment)?;
    check(&value).ok()?;
    Some(value.into_owned())
}

impl fmt::Display for Pattern {
    /// In the syntax of axum's routes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments.is_empty() {
            return f.write_str("/");
        }
        self.segments.iter().try_for_each(|segment| write!(f, "/{segment}"))
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, String> {
        let name = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        if let Some(name) = name {
            let (name, rest) = match name.strip_prefix('*') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let fits = |char: char| char == '_' || char.is_ascii_alphanumeric();
            if name.is_empty() || !name.chars().all(fits) {
                return Err(format!(
                    "`{text}` is no parameter: name it in letters, digits and `_`"
                ));
            }
            let name = name.to_owned();
            return Ok(if rest { Self::Rest(name) } else { Self::Param(name) });
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
            Self::Param(name) | Self::Rest(name) => Some(name),
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => f.write_str(literal),
            Self::Param(name) => write!(f, "{{{name}}}"),
            Self::Rest(name) => write!(f, "{{*{name}}}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(path: &str) -> Pattern {
        Pattern::parse(path).expect("it is a path")
    }

    #[test]
    fn an_empty_segment_is_a_path_of_its_own() {
        assert_eq!(pattern("/a").matches("/a/"), None);
        assert_eq!(pattern("/{a}").matches("/"), None);
        assert_eq!(pattern("/{*a}").matches("/"), None);
        assert_eq!(pattern("/{*a}").matches("/x/"), None);
        assert!(pattern("/").matches("/").is_some());
    }

    #[test]
    fn a_path_that_is_filled_is_matched_with_the_same_values() {
        for (path, values) in [
            ("/{a}/x/{b}", vec![("a", "é/"), ("b", "..x")]),
            ("/docs/{*rest}", vec![("rest", "one/t w o/3")]),
        ] {
            let params = values.into_iter().collect();
            let filled = pattern(path).fill(&params).expect("all values fit");
            assert_eq!(pattern(path).matches(&filled), Some(params));
        }
        let slash = pattern("/docs/{*rest}").matches("/docs/a%2Fb");
        assert_eq!(slash, None, "it would have the value of /docs/a/b");
    }
}
