//! Reads the value of `max_duration`.

use std::time::Duration;

use proc_macro2::TokenStream;
use syn::{Error, Lit, LitInt, LitStr, Result};

/// Reads `"250ms"`, `"30s"`, `"1h 30m"` or whole seconds.
pub(crate) fn parse(value: &TokenStream) -> Result<Duration> {
    let literal: Lit = syn::parse2(value.clone())
        .map_err(|_| Error::new_spanned(value, format!("expected a duration; {ACCEPTED}")))?;
    let duration = match &literal {
        Lit::Str(text) => from_text(text),
        Lit::Int(seconds) => from_seconds(seconds),
        other => Err(Error::new_spanned(other, format!("expected a duration; {ACCEPTED}"))),
    }?;
    if duration.is_zero() {
        return Err(Error::new_spanned(
            literal,
            format!("`max_duration` must be longer than zero; {ACCEPTED}"),
        ));
    }
    Ok(duration)
}

fn from_text(text: &LitStr) -> Result<Duration> {
    humantime::parse_duration(&text.value()).map_err(|_| {
        Error::new(text.span(), format!("cannot read `{}` as a duration; {ACCEPTED}", text.value()))
    })
}

fn from_seconds(seconds: &LitInt) -> Result<Duration> {
    if !seconds.suffix().is_empty() {
        let message = format!("a duration with a unit is a string: write `\"{seconds}\"`");
        return Err(Error::new(seconds.span(), message));
    }
    let whole = seconds.base10_parse().map_err(|_| {
        Error::new(seconds.span(), format!("`{seconds}` seconds are too many; {ACCEPTED}"))
    })?;
    Ok(Duration::from_secs(whole))
}

const ACCEPTED: &str =
    "write it as `\"250ms\"`, `\"30s\"`, `\"5m\"`, `\"1h\"` or as whole seconds, `30`";
