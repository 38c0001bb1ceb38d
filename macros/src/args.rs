//! What stands between the parentheses of `#[with_after(..)]`.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{
    Error, Path, Result, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    parse_quote,
};

use crate::{
    duration,
    model::{Kind, Options},
    nearest::nearest,
};

/// Reads all arguments and reports the mistakes of all of them at once.
pub(crate) fn parse(tokens: TokenStream) -> Result<Options> {
    let mut args = Args::default();
    let mut errors = None;
    for argument in split_at_commas(tokens) {
        if let Err(error) = args.read(argument) {
            combine(&mut errors, error);
        }
    }
    errors.map_or_else(|| Ok(args.or_defaults()), Err)
}

/// What was given so far.
#[derive(Default)]
struct Args {
    kind: Option<Kind>,
    max_duration: Option<Duration>,
    runtime: Option<Path>,
}

impl Args {
    fn read(&mut self, argument: TokenStream) -> Result<()> {
        match split_argument.parse2(argument)? {
            Argument::Word(word) => {
                let kind = kind(&word)?;
                set_once(&mut self.kind, kind, &word, "a kind")
            }
            Argument::KeyValue(key, value) => match key.to_string().as_str() {
                MAX_DURATION => {
                    let duration = duration::parse(&value)?;
                    set_once(&mut self.max_duration, duration, &key, "`max_duration`")
                }
                CRATE => set_once(&mut self.runtime, path(value)?, &key, "`crate`"),
                _ => Err(unknown_key(&key)),
            },
        }
    }

    fn or_defaults(self) -> Options {
        Options {
            kind: self.kind.unwrap_or(Kind::Route),
            max_duration: self.max_duration,
            runtime: self.runtime.unwrap_or_else(|| parse_quote!(::with_after)),
        }
    }
}

enum Argument {
    Word(Ident),
    KeyValue(Ident, TokenStream),
}

/// Reads `word` or `key = value`; what the value is decides the key.
fn split_argument(input: ParseStream<'_>) -> Result<Argument> {
    if !input.peek(Ident::peek_any) {
        let message = format!("expected a kind or `key = value`; {}", the_kinds());
        return Err(Error::new_spanned(input.parse::<TokenStream>()?, message));
    }
    let word = Ident::parse_any(input)?;
    if input.is_empty() {
        return Ok(Argument::Word(word));
    }
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        let value: TokenStream = input.parse()?;
        if value.is_empty() {
            let message = format!("expected a value after `{word} =`");
            return Err(Error::new(word.span(), message));
        }
        return Ok(Argument::KeyValue(word, value));
    }
    let rest: TokenStream = input.parse()?;
    let message = if [MAX_DURATION, CRATE].iter().any(|key| word == key) {
        format!("expected `=`: write `{word} = ..`")
    } else {
        format!("expected `,` after `{word}`")
    };
    Err(Error::new_spanned(rest, message))
}

pub(crate) fn path(value: TokenStream) -> Result<Path> {
    Path::parse_mod_style.parse2(value.clone()).map_err(|_| {
        let message =
            "expected the path of the `with-after` crate, as in `crate = my_framework::with_after`";
        Error::new_spanned(value, message)
    })
}

fn kind(word: &Ident) -> Result<Kind> {
    let written = word.to_string();
    if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == written) {
        return Ok(kind);
    }
    let names = Kind::ALL.map(Kind::name);
    let message = if [MAX_DURATION, CRATE].contains(&written.as_str()) {
        format!("`{word}` needs a value: write `{word} = ..`")
    } else if let Some(name) = nearest(&written, &names) {
        format!("unknown kind `{word}`, did you mean `{name}`? {}", the_kinds())
    } else if let Some(key) = nearest(&written, &[MAX_DURATION, CRATE]) {
        format!("unknown kind `{word}`, did you mean `{key} = ..`? {}", the_kinds())
    } else {
        format!("unknown kind `{word}`; {}", the_kinds())
    };
    Err(Error::new(word.span(), message))
}

fn unknown_key(key: &Ident) -> Error {
    let written = key.to_string();
    let message = if written == "kind" || Kind::ALL.iter().any(|kind| kind.name() == written) {
        format!("a kind stands alone, as in `#[with_after(route)]`; {}", the_kinds())
    } else if let Some(name) = nearest(&written, &[MAX_DURATION, CRATE]) {
        format!("unknown key `{key}`, did you mean `{name}`? {THE_KEYS}")
    } else {
        format!("unknown key `{key}`; {THE_KEYS}")
    };
    Error::new(key.span(), message)
}

/// The one place where a second value for the same thing is refused.
pub(crate) fn set_once<T>(slot: &mut Option<T>, value: T, at: &Ident, what: &str) -> Result<()> {
    if slot.is_some() {
        return Err(Error::new(at.span(), format!("{what} is given twice; remove one")));
    }
    *slot = Some(value);
    Ok(())
}

/// ```text
/// Input:  component, max_duration = "30s",
/// Output: [component] [max_duration = "30s"]
/// ```
pub(crate) fn split_at_commas(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_comma =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    tokens
        .split(is_comma)
        .filter(|argument| !argument.is_empty())
        .map(|argument| argument.iter().cloned().collect())
        .collect()
}

pub(crate) fn combine(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
    }
}

fn the_kinds() -> String {
    let [first, middle @ .., last] = Kind::ALL.map(|kind| format!("`{}`", kind.name()));
    format!("kinds are {first}, {} and {last}", middle.join(", "))
}

const MAX_DURATION: &str = "max_duration";
const CRATE: &str = "crate";
const THE_KEYS: &str = "keys are `max_duration` and `crate`";
