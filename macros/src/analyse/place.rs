//! Puts errors where the uses stand.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Block, Expr, FieldValue, Stmt,
    visit_mut::{self, VisitMut},
};

use super::walk::Site;

/// ```text
/// Input:  cookies().await
/// Output: (match cookies() { value if false => value, _ => compile_error!(..) }).await
/// ```
///
/// The value keeps its type for editors, which go on completing behind it. To the compiler an
/// expression that failed to expand has whatever type is wanted of it, so it has nothing to say of
/// the code around; and the names in it stay used.
pub(super) fn put(errors: HashMap<Site, Vec<Error>>, body: &mut Block) {
    Place { errors }.visit_block_mut(body);
}

/// A message, and where it is shown.
pub(super) struct Error {
    pub(super) message: String,
    /// The whole use, which the compiler underlines.
    pub(super) written: TokenStream,
    /// The one token that editors underline: they show an error at the name of its macro.
    pub(super) at: Span,
}

impl Error {
    fn to_tokens(&self) -> TokenStream {
        let mut written = self.written.clone().into_iter();
        let start = written.next().map_or(self.at, |token| token.span());
        let end = written.last().map_or(start, |token| token.span());
        let (name, message) = (Ident::new("compile_error", self.at), &self.message);
        let message = quote_spanned!(end=> (#message));
        quote_spanned!(start=> ::core::#name! #message)
    }
}

struct Place {
    errors: HashMap<Site, Vec<Error>>,
}

impl VisitMut for Place {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let site = match expr {
            Expr::Macro(call) => Site::of(&call.mac),
            _ => Site::of::<Expr>(expr),
        };
        visit_mut::visit_expr_mut(self, expr);
        // A macro call may hold several.
        for error in self.errors.remove(&site).into_iter().flatten() {
            let error = error.to_tokens();
            *expr = Expr::Verbatim(quote_spanned! {Span::mixed_site()=>
                (match #expr { value if false => value, _ => #error })
            });
        }
    }

    /// `Page { cookies }` names the field alone.
    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        visit_mut::visit_field_value_mut(self, field);
        if matches!(field.expr, Expr::Verbatim(_)) {
            field.colon_token.get_or_insert_default();
        }
    }

    /// A macro that is a statement may define names for the next ones, so it stays one.
    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        visit_mut::visit_stmt_mut(self, stmt);
        let Stmt::Macro(call) = stmt else { return };
        if let Some(errors) = self.errors.remove(&Site::of(&call.mac)) {
            let (errors, call) = (errors.iter().map(Error::to_tokens), call.to_token_stream());
            *stmt = Stmt::Expr(Expr::Verbatim(quote!(#(#errors;)* #call)), None);
        }
    }
}
