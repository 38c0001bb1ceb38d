//! Macro calls: their tokens are read as Rust as far as they are Rust.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::{
    Block, Expr, Macro, Token,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
};

use super::{
    value::{Value, Work},
    walk::{Site, Walk},
};

impl Walk<'_> {
    /// What a macro makes of its tokens is unknown; it is treated as a call that
    /// evaluates, awaits and hands on all of them.
    pub(super) fn macro_call(&mut self, call: &Macro) -> Value {
        if call.path.is_ident("stringify") {
            return Value::Other;
        }
        let outer = self.enclosing_macro;
        if outer.is_none() {
            self.enclosing_macro = Some((Site::of(call), 0));
        }
        let was_code = std::mem::replace(&mut self.is_code, false);
        self.names.enter();
        let work = self.macro_tokens(call.tokens.clone());
        self.names.leave();
        self.is_code = was_code;
        if outer.is_none() {
            self.enclosing_macro = None;
        }
        Value::Work(work)
    }

    fn macro_tokens(&mut self, tokens: TokenStream) -> Work {
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(arguments) = arguments.parse2(tokens.clone()) {
            return self.arguments(&arguments);
        }
        if let Ok(stmts) = Block::parse_within.parse2(tokens.clone()) {
            return self.as_code(|walk| walk.statements(&stmts)).into_work();
        }
        let pieces = pieces(tokens);
        pieces.into_iter().fold(Work::default(), |work, piece| work.and(self.piece(&piece)))
    }

    /// One branch, argument or pattern of a macro with a syntax of its own.
    fn piece(&mut self, piece: &Piece) -> Work {
        let work = match expression.parse2(piece.tokens.clone()) {
            Ok(expr) => self.unknown_use(&expr),
            Err(_) => self.loose_tokens(piece.tokens.clone()),
        };
        // `pattern = future`, `name = value` and `pattern =>` name something for what follows.
        for name in names_bound_by(piece) {
            self.names.bind(&name, Value::Other);
        }
        work
    }

    fn unknown_use(&mut self, expr: &Expr) -> Work {
        let handed = self.expr(expr).into_work();
        self.hand_to_the_unknown(handed)
    }

    /// Tokens that are no expression: the calls and groups among them are read.
    fn loose_tokens(&mut self, tokens: TokenStream) -> Work {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut work = Work::default();
        let mut rest = tokens.as_slice();
        let mut follows_dot = false;
        while let [first, after_first @ ..] = rest {
            let (read, left) = match call_at(rest) {
                Some((call, left)) if !follows_dot => (self.unknown_use(&call), left),
                _ => match first {
                    TokenTree::Group(group) => (self.macro_tokens(group.stream()), after_first),
                    _ => (Work::default(), after_first),
                },
            };
            follows_dot = is_punct(first, '.') || is_word(first, "fn");
            work = work.and(read);
            rest = left;
        }
        work
    }
}

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
