//! The parameters of a page.

/// The values of a path's parameters: `slug` of `/blog/{slug}`.
///
/// They come from whoever asks, decoded. A value is never empty, `.` or `..`, is at most 256 bytes
/// long, and holds no control character: what is not so is answered with 404 before any render. It
/// may hold a slash, which was sent as `%2F`.
///
/// The value of a catch-all parameter, `path` of `/docs/{*path}`, is the rest of the path:
/// `guide/start`. Each of its segments is as above, and holds no slash itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Params {
    values: Vec<(String, String)>,
}

impl Params {
    /// Returns the value of the parameter called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.values.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns all parameters, in the order of the path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn push(&mut self, name: &str, value: String) {
        self.values.push((name.to_owned(), value));
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        Self { values: pairs.map(|(name, value)| (name.into(), value.into())).collect() }
    }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for Params {
    fn from(pairs: [(K, V); N]) -> Self {
        pairs.into_iter().collect()
    }
}
