//! How deep code is nested.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Whether code is nested so flat that it can be parsed: the parser, and all that follows a tree,
/// takes room on the stack for each level, and the compiler's own thread is all there is.
pub(crate) fn is_flat(code: &TokenStream) -> bool {
    weight_fits(code.clone(), 0)
}

fn weight_fits(tokens: TokenStream, outside: usize) -> bool {
    if outside > HEAVIEST {
        return false;
    }
    // Of the statement so far: `a.b().c()` and `if a {} else if b {}` are as deep as they are long.
    let mut weight = outside;
    let mut tokens = tokens.into_iter().peekable();
    let mut follows_word = false;
    while let Some(token) = tokens.next() {
        let is_word = matches!(token, TokenTree::Ident(_));
        match token {
            TokenTree::Punct(punct) if [',', ';'].contains(&punct.as_char()) => weight = outside,
            // Types are nested without brackets.
            TokenTree::Punct(punct) if punct.as_char() == '<' => weight += LEVEL,
            TokenTree::Punct(punct) if punct.as_char() == '>' => {
                weight = weight.saturating_sub(LEVEL).max(outside);
            }
            TokenTree::Punct(_) => weight += LINK,
            TokenTree::Ident(word) if word == "else" => weight += LEVEL,
            TokenTree::Group(group) => {
                let is_block = group.delimiter() == Delimiter::Brace;
                if !weight_fits(group.stream(), weight + LEVEL) {
                    return false;
                }
                let goes_on = match tokens.peek() {
                    Some(TokenTree::Ident(word)) => word == "else",
                    _ => true,
                };
                if is_block && !goes_on {
                    weight = outside;
                }
            }
            // `x as u8 as u64`, `return return`
            TokenTree::Ident(_) if follows_word => weight += LINK,
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
        follows_word = is_word;
        if weight > HEAVIEST {
            return false;
        }
    }
    true
}

/// What a level of brackets weighs, what an operator, and what is too much: some 2 MiB of stack in
/// a build without optimisation, which attributes are.
const LEVEL: usize = 16;
const LINK: usize = 2;
const HEAVIEST: usize = 64 * LEVEL;
