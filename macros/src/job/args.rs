//! What stands between the parentheses of `#[job(..)]`.

use std::time::Duration;

use proc_macro2::{Ident, TokenStream};
use syn::{Error, LitInt, LitStr, Path, Result, Token, ext::IdentExt, parse::Parser, parse_quote};

use crate::{
    args::{combine, path, set_once, split_at_commas},
    duration,
    nearest::nearest,
};

/// What the arguments of the attribute say.
pub(super) struct JobOptions {
    /// Under which the job is stored; by default that of the function.
    pub(super) name: Option<String>,
    pub(super) max_attempts: Option<i32>,
    pub(super) max_duration: Option<Duration>,
    /// A function that returns River's `InsertOpts`.
    pub(super) insert_opts: Option<Path>,
    /// Where the runtime is found.
    pub(super) runtime: Path,
}

/// Reads all arguments and reports the mistakes of all of them at once.
pub(super) fn parse(tokens: TokenStream) -> Result<JobOptions> {
    let mut args = Args::default();
    let mut errors = None;
    for argument in split_at_commas(tokens) {
        if let Err(error) = args.read(argument) {
            combine(&mut errors, error);
        }
    }
    if let Some(errors) = errors {
        return Err(errors);
    }
    Ok(JobOptions {
        name: args.name,
        max_attempts: args.max_attempts,
        max_duration: args.max_duration,
        insert_opts: args.insert_opts,
        runtime: args.runtime.unwrap_or_else(|| parse_quote!(::with_after_jobs)),
    })
}

#[derive(Default)]
struct Args {
    name: Option<String>,
    max_attempts: Option<i32>,
    max_duration: Option<Duration>,
    insert_opts: Option<Path>,
    runtime: Option<Path>,
}

impl Args {
    fn read(&mut self, argument: TokenStream) -> Result<()> {
        let split = |input: syn::parse::ParseStream<'_>| {
            let key = Ident::parse_any(input)?;
            if !input.peek(Token![=]) {
                input.parse::<TokenStream>()?;
                return Err(Error::new(key.span(), unknown(&key)));
            }
            input.parse::<Token![=]>()?;
            Ok((key, input.parse::<TokenStream>()?))
        };
        let (key, value) = split.parse2(argument)?;
        let what = format!("`{key}`");
        match key.to_string().as_str() {
            "name" => set_once(&mut self.name, name(value)?, &key, &what),
            "max_attempts" => set_once(&mut self.max_attempts, attempts(value)?, &key, &what),
            "max_duration" => {
                set_once(&mut self.max_duration, duration::parse(&value)?, &key, &what)
            }
            "insert_opts" => set_once(&mut self.insert_opts, opts(value)?, &key, &what),
            "crate" => set_once(&mut self.runtime, path(value)?, &key, &what),
            _ => Err(Error::new(key.span(), unknown(&key))),
        }
    }
}

fn name(value: TokenStream) -> Result<String> {
    let message = "expected a name, as in `name = \"send_receipt\"`";
    let name = syn::parse2::<LitStr>(value.clone());
    let name = name.map_err(|_| Error::new_spanned(&value, message))?.value();
    check_name(&name).map_err(|message| Error::new_spanned(value, message))?;
    Ok(name)
}

/// Checks what River demands of the kind of a job.
pub(super) fn check_name(name: &str) -> std::result::Result<(), String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_allowed = |c: char| is_word(c) || "-[]<>/.·:+".contains(c);
    if (2..128).contains(&name.len()) && name.starts_with(is_word) && name.chars().all(is_allowed) {
        return Ok(());
    }
    Err(format!(
        "River takes no job of the name `{name}`: it has 2 to 127 bytes, begins with a letter, a \
         digit or `_`, and holds but these and `-[]<>/.·:+`; set one with `#[job(name = \"..\")]`"
    ))
}

fn opts(value: TokenStream) -> Result<Path> {
    let message = "expected the path of a function that returns `InsertOpts`";
    syn::parse2(value.clone()).map_err(|_| Error::new_spanned(value, message))
}

fn attempts(value: TokenStream) -> Result<i32> {
    let number = syn::parse2::<LitInt>(value.clone()).and_then(|number| number.base10_parse());
    match number {
        // River's column holds no more.
        Ok(attempts) if (1..=i32::from(i16::MAX)).contains(&attempts) => Ok(attempts),
        _ => Err(Error::new_spanned(value, "expected how often it is tried: `1` to `32767`")),
    }
}

fn unknown(key: &Ident) -> String {
    let written = key.to_string();
    if KEYS.contains(&written.as_str()) {
        return format!("`{key}` needs a value: write `{key} = ..`");
    }
    let keys = "keys are `name`, `max_attempts`, `max_duration`, `insert_opts` and `crate`";
    match nearest(&written, &KEYS) {
        Some(name) => format!("unknown key `{key}`, did you mean `{name} = ..`? {keys}"),
        None => format!("unknown key `{key}`; {keys}"),
    }
}

const KEYS: [&str; 5] = ["name", "max_attempts", "max_duration", "insert_opts", "crate"];
