//! Macro calls: their tokens are read as Rust as far as they are Rust.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::{
    Block, Expr, Macro, Token,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
};

use super::{
    call::came_from,
    uses::Uses,
    value::Value,
    walk::{Site, Walk},
};

impl Walk<'_> {
    /// What a macro makes of its tokens is unknown; it is treated as a call that
    /// evaluates, awaits and hands on all of them.
    pub(super) fn macro_call(&mut self, call: &Macro) -> Value {
        let name = call.path.segments.last().map(|segment| segment.ident.to_string());
        let name = name.unwrap_or_default();
        if name == "stringify" {
            return Value::Data;
        }
        let outer = self.enclosing_macro;
        if outer.is_none() {
            self.enclosing_macro = Some((Site::of(call), 0));
        }
        let was_code = std::mem::replace(&mut self.is_code, false);
        self.names.enter();
        let value = self.macro_tokens(&name, call.tokens.clone());
        self.names.leave();
        self.is_code = was_code;
        if outer.is_none() {
            self.enclosing_macro = None;
        }
        value
    }

    fn macro_tokens(&mut self, name: &str, tokens: TokenStream) -> Value {
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
        match arguments.parse2(tokens.clone()) {
            Ok(arguments) if AWAITS.contains(&name) => {
                let values = arguments.iter().map(|future| {
                    let value = self.expr(future);
                    self.awaited(&value)
                });
                Value::tuple(values.collect::<Vec<_>>().into_iter())
            }
            Ok(arguments) if HOLDS.contains(&name) => self.any_of(&mut arguments.iter()),
            Ok(arguments) => came_from(self.arguments(&arguments)),
            Err(_) => {
                let uses = self.unknown_tokens(tokens);
                // The branches of a `select!` have run.
                came_from(if name.starts_with("select") { Uses::default() } else { uses })
            }
        }
    }

    fn unknown_tokens(&mut self, tokens: TokenStream) -> Uses {
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(arguments) = arguments.parse2(tokens.clone()) {
            return self.arguments(&arguments);
        }
        if let Ok(stmts) = Block::parse_within.parse2(tokens.clone()) {
            let value = self.as_code(|walk| walk.statements(&stmts));
            return self.given_away(&value);
        }
        pieces(tokens).iter().fold(Uses::default(), |uses, piece| {
            let more = self.piece(piece);
            self.sets.both(uses, more)
        })
    }

    /// One branch, argument or pattern of a macro with a syntax of its own.
    fn piece(&mut self, piece: &Piece) -> Uses {
        let uses = match expression.parse2(piece.tokens.clone()) {
            Ok(expr) => self.given(&expr),
            Err(_) => self.loose_tokens(piece.tokens.clone()),
        };
        // `pattern = future`, `name = value` and `pattern =>` name something for what follows.
        for name in names_bound_by(piece) {
            self.names.bind(&name, Value::Data);
        }
        uses
    }

    /// Tokens that are no expression: the calls and groups among them are read.
    fn loose_tokens(&mut self, tokens: TokenStream) -> Uses {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut uses = Uses::default();
        let mut rest = tokens.as_slice();
        let mut follows_dot = false;
        while let [first, after_first @ ..] = rest {
            let (read, left) = match call_at(rest) {
                Some((call, left)) if !follows_dot => (self.given(&call), left),
                _ => match first {
                    TokenTree::Group(group) => (self.unknown_tokens(group.stream()), after_first),
                    _ => (Uses::default(), after_first),
                },
            };
            follows_dot = is_punct(first, '.') || is_word(first, "fn");
            uses = self.sets.both(uses, read);
            rest = left;
        }
        uses
    }
}

/// Macros that await their arguments, and give what they resolve to.
const AWAITS: [&str; 2] = ["join", "try_join"];
/// Macros that hold their arguments.
const HOLDS: [&str; 4] = ["dbg", "pin", "ready", "vec"];

/// A run of tokens up to `,`, `;` or `=>`.
struct Piece {
    tokens: TokenStream,
    is_pattern: bool,
}

/// ```text
/// Input:  Some(x) = rx.recv(), if open => { use_it(x) }
/// Output: [Some(x) = rx.recv()] [if open =>] [{ use_it(x) }]
/// ```
fn pieces(tokens: TokenStream) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut current = Vec::new();
    for token in tokens {
        let is_arrow = is_punct(&token, '>') && current.last().is_some_and(is_joint_equals);
        if is_arrow {
            current.pop();
        }
        if is_arrow || is_punct(&token, ',') || is_punct(&token, ';') {
            let tokens = std::mem::take(&mut current).into_iter().collect();
            pieces.push(Piece { tokens, is_pattern: is_arrow });
            continue;
        }
        // A block in braces ends what came before it was an expression, as in `select!`.
        let is_block =
            matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        let stands_first = current.is_empty();
        current.push(token);
        if is_block && stands_first {
            pieces.push(Piece {
                tokens: std::mem::take(&mut current).into_iter().collect(),
                is_pattern: false,
            });
        }
    }
    pieces.push(Piece { tokens: current.into_iter().collect(), is_pattern: false });
    pieces
}

/// The words left of a `=`, or all words of a pattern.
fn names_bound_by(piece: &Piece) -> Vec<proc_macro2::Ident> {
    let tokens: Vec<TokenTree> = piece.tokens.clone().into_iter().collect();
    let equals = tokens.iter().position(|token| is_punct(token, '=') && !is_joint_equals(token));
    let end = equals.unwrap_or(if piece.is_pattern { tokens.len() } else { 0 });
    let mut names = Vec::new();
    words(tokens[..end].iter().cloned().collect(), &mut names);
    names
}

fn words(tokens: TokenStream, found: &mut Vec<proc_macro2::Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => found.push(word),
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// `path::to::function(..)` at the front of the tokens, and what follows it.
fn call_at(tokens: &[TokenTree]) -> Option<(Expr, &[TokenTree])> {
    let is_path = |token: &TokenTree| matches!(token, TokenTree::Ident(_)) || is_punct(token, ':');
    let length = tokens.iter().take_while(|token| is_path(token)).count();
    let (call, left) = tokens.split_at_checked(length + 1)?;
    if length == 0
        || !matches!(call.last(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
    {
        return None;
    }
    let call = expression.parse2(call.iter().cloned().collect()).ok()?;
    matches!(call, Expr::Call(_)).then_some((call, left))
}

fn expression(input: ParseStream<'_>) -> syn::Result<Expr> {
    input.parse()
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn is_joint_equals(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=' && punct.spacing() == Spacing::Joint)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}
