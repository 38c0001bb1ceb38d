//! The arguments of a job, as they are stored.

use std::collections::BTreeMap;

use riverqueue::{BoxError, encoding::encode_args};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// The arguments of a job, by their names.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    values: BTreeMap<String, Box<RawValue>>,
    /// Why they cannot be stored, or could not be read.
    refused: Option<String>,
}

impl Arguments {
    /// Adds an argument.
    #[must_use]
    pub fn with<T: Serialize>(mut self, name: &'static str, value: &T) -> Self {
        match encode(value) {
            Ok(value) => {
                self.values.insert(name.to_owned(), value);
            }
            Err(reason) => {
                self.refused.get_or_insert_with(|| format!("its argument `{name}`: {reason}"));
            }
        }
        self
    }

    /// Takes an argument out; what is not there is read as `null`, so that an `Option` may be
    /// added while jobs without it are stored.
    ///
    /// # Errors
    ///
    /// Fails if it is not of that type.
    pub fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, BoxError> {
        if let Some(reason) = &self.refused {
            return Err(reason.clone().into());
        }
        let stored = self.values.remove(name);
        let text = stored.as_ref().map_or("null", |stored| stored.get());
        serde_json::from_str(text).map_err(|error| {
            let what = if stored.is_some() { "does not fit its type" } else { "is not stored" };
            format!("the argument `{name}` {what} ({error}): was the function changed?").into()
        })
    }

    /// Returns what is stored.
    pub(crate) fn stored(&self) -> Result<&BTreeMap<String, Box<RawValue>>, &str> {
        self.refused.as_deref().map_or(Ok(&self.values), Err)
    }

    /// Reads what is stored, also by others: what is no object has no arguments.
    pub(crate) fn read(stored: &RawValue) -> Self {
        match serde_json::from_str(stored.get()) {
            Ok(values) => Self { values, refused: None },
            Err(error) => {
                let refused = Some(format!("the stored arguments are no object: {error}"));
                Self { values: BTreeMap::new(), refused }
            }
        }
    }
}

/// Returns the value as JSON, if that has room for all of it.
fn encode<T: Serialize>(value: &T) -> Result<Box<RawValue>, String> {
    let encoded = encode_args(value).map_err(|error| error.to_string())?;
    if has_nul(encoded.get()) {
        return Err("holds a NUL character, which PostgreSQL does not store".to_owned());
    }
    Ok(encoded)
}

/// Returns whether a string in this JSON holds a NUL, which is always escaped.
pub(crate) fn has_nul(json: &str) -> bool {
    let mut rest = json;
    while let Some((_, escape)) = rest.split_once('\\') {
        if escape.starts_with("u0000") {
            return true;
        }
        // What is escaped is ASCII: a backslash among it.
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::read(&Box::<RawValue>::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_is_found_however_many_backslashes_stand_around() {
        for (text, expected) in [
            ("\0", true),
            ("a\\\0", true),
            ("\\u0000", false),
            ("\\\\u0000", false),
            ("\\\\\0\\", true),
            ("\u{1}", false),
            ("ü\n\"", false),
        ] {
            let json = serde_json::to_string(text).expect("a text is JSON");
            assert_eq!(has_nul(&json), expected, "{json}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let mut arguments = Arguments::default()
            .with("wide", &u128::MAX)
            .with("tiny", &5e-324_f64)
            .with("zero", &-0.0_f64);
        assert!(arguments.stored().is_ok());
        assert_eq!(arguments.take::<u128>("wide").ok(), Some(u128::MAX));
        assert_eq!(arguments.take::<f64>("tiny").ok().map(f64::to_bits), Some(1));
        let zero: Option<f64> = arguments.take("zero").ok();
        assert!(zero.is_some_and(f64::is_sign_negative));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let arguments = Arguments::default().with("amount", &vec![Some(number)]);
            let reason = arguments.stored().expect_err("JSON has no such number");
            assert!(reason.starts_with("its argument `amount`: "), "{reason}");
        }
    }
}
