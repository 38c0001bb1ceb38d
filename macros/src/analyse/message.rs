//! What the user reads: what is wrong, why, and what to type instead.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{Expr, ext::IdentExt};

use super::names::Api;
use crate::model::Handler;

/// How the work was scheduled, in the user's words.
#[derive(Clone)]
pub(super) struct Handover {
    /// `after`, `later`, `task("mail").schedule`
    function: String,
    is_closure: bool,
}

impl Handover {
    pub(super) fn new(function: &Expr, method: Option<&syn::Ident>, arg: &Expr) -> Self {
        let method = method.map(|method| format!(".{method}")).unwrap_or_default();
        Self {
            function: format!("{}{method}", source(quote::quote!(#function))),
            is_closure: matches!(arg, Expr::Closure(closure) if closure.asyncness.is_none()),
        }
    }

    /// A line that schedules work which uses `value`.
    fn example(&self, value: &str) -> String {
        let head = if self.is_closure { "move ||" } else { "async move" };
        let body = if value.is_empty() { "..".to_owned() } else { format!(".. {value} ..") };
        format!("{}({head} {{ {body} }});", self.function)
    }
}

/// A request API in a task of a component.
pub(super) fn read(
    handler: &Handler,
    api: Api,
    written: &TokenStream,
    handover: &Handover,
) -> String {
    let kind = handler.options.kind.name();
    let name = handler.function.sig.ident.unraw();
    let written = source(written.clone());
    let function = &handover.function;

    let path = written.strip_suffix("()").unwrap_or(&written);
    let own_name = path.rsplit("::").next().unwrap_or(path);
    let alias = if own_name == api.name() { String::new() } else { format!(" (`{}`)", api.name()) };
    let is_async = handler.function.sig.asyncness.is_some();
    let early_read = match api {
        _ if !api.is_async() => format!("{path}()"),
        // `.await` is for async functions only.
        Api::Cookies if !is_async => "try_cookies()".to_owned(),
        Api::Headers if !is_async => "try_headers()".to_owned(),
        _ => format!("{path}().await"),
    };
    let (remedy, example) = if api == Api::Connection {
        let remedy = format!("await it before `{function}`");
        (remedy, format!("{early_read};\n    {}", handover.example("")))
    } else {
        let variable = if api.gives_jar() { "cookies" } else { "headers" };
        let remedy = format!("read it before `{function}` and move the value in");
        (remedy, format!("let {variable} = {early_read};\n    {}", handover.example(variable)))
    };
    format!(
        "`{written}`{alias} is used in a task of the {kind} `{name}`, where there is no request\n\
         the task runs when `{name}` has rendered and the request is gone; {remedy}:\n\
         \n    {example}\n\n\
         in a `route` or `server_fn` function it would be allowed"
    )
}

/// A cookie write in a task of any kind.
pub(super) fn write(handler: &Handler, written: &TokenStream, handover: &Handover) -> String {
    let name = handler.function.sig.ident.unraw();
    let written = source(written.clone());
    let function = &handover.function;
    let remedy = if handler.options.kind.tasks_may_read_request() {
        format!("write it before `{function}`:\n\n    {written}?;\n    {}", handover.example(""))
    } else {
        "write it in a `route`, `server_fn` or `middleware` function, before the response"
            .to_owned()
    };
    format!(
        "`{written}` writes a cookie in a task, where it cannot reach the client\n\
         the task runs when the response of `{name}`, with its headers, is sent; {remedy}"
    )
}

/// A request API in a job, all of which runs without a request.
pub(super) fn in_job(handler: &Handler, api: Api, written: &TokenStream) -> String {
    let name = handler.function.sig.ident.unraw();
    let written = source(written.clone());
    let remedy = match api {
        Api::Connection => {
            "it is never prerendered, so there is nothing to wait for: remove it".to_owned()
        }
        Api::Outcome => format!(
            "what depends on the response is decided in a task, which then enqueues the job:\n\
             \n    after(async move {{ if outcome().is_some_and(..) {{ jobs.enqueue({name}(..)).await?; }} .. }});\n"
        ),
        Api::Cookies | Api::Headers | Api::TryCookies | Api::TryHeaders => {
            let argument = if api.gives_jar() { "visitor" } else { "agent" };
            format!(
                "read the value in the handler, and pass it as an argument:\n\
                 \n    async fn {name}({argument}: String, ..)\n"
            )
        }
    };
    format!(
        "`{written}` is used in the job `{name}`, which runs without a request and its response\n\
         a job is read from the store, perhaps in another process; {remedy}"
    )
}

/// Tokens as one would type them, with long arguments left out.
pub(super) fn source(tokens: TokenStream) -> String {
    let mut whole = String::new();
    print(tokens.clone(), &mut whole);
    if whole.chars().count() <= LONGEST {
        return whole;
    }
    let mut short = String::new();
    print(tokens.into_iter().map(without_contents).collect(), &mut short);
    short
}

const LONGEST: usize = 48;

fn print(tokens: TokenStream, to: &mut String) {
    let mut after_word = false;
    for token in tokens {
        let is_word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if is_word && after_word {
            to.push(' ');
        }
        after_word = is_word;
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                to.push_str(open);
                print(group.stream(), to);
                to.push_str(close);
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => to.push_str(", "),
            token => to.push_str(&token.to_string()),
        }
    }
}

fn without_contents(token: TokenTree) -> TokenTree {
    match token {
        TokenTree::Group(group) if !group.stream().is_empty() => {
            TokenTree::Group(Group::new(group.delimiter(), quote::quote!(..)))
        }
        token => token,
    }
}
