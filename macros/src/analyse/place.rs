//! Puts errors where the uses stand.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Block, Error, Expr, Stmt,
    visit_mut::{self, VisitMut},
};

use super::walk::Site;

/// ```text
/// Input:  cookies().await
/// Output: (match cookies() { _ => compile_error! { ".." } }).await
/// ```
///
/// An expression that failed to expand has whatever type is wanted of it, so the
/// compiler has nothing to say of the code around it; and the names in it stay
/// used, and known to the editor.
pub(super) fn put(errors: HashMap<Site, Vec<Error>>, body: &mut Block) {
    Place { errors }.visit_block_mut(body);
}

struct Place {
    errors: HashMap<Site, Vec<Error>>,
}

impl Place {
    fn take(&mut self, site: Site) -> Option<TokenStream> {
        let errors = self.errors.remove(&site)?;
        Some(errors.iter().map(Error::to_compile_error).collect())
    }
}

impl VisitMut for Place {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let site = match expr {
            Expr::Macro(call) => Site::of(&call.mac),
            _ => Site::of::<Expr>(expr),
        };
        visit_mut::visit_expr_mut(self, expr);
        if let Some(errors) = self.take(site) {
            let tokens = quote_spanned!(Span::mixed_site()=> (match #expr { _ => { #errors } }));
            *expr = Expr::Verbatim(tokens);
        }
    }

    /// A macro that is a statement may define names for the next ones, so it stays one.
    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        visit_mut::visit_stmt_mut(self, stmt);
        let Stmt::Macro(call) = stmt else { return };
        if let Some(errors) = self.take(Site::of(&call.mac)) {
            let call = call.to_token_stream();
            *stmt = Stmt::Expr(Expr::Verbatim(quote!(#errors #call)), None);
        }
    }
}
