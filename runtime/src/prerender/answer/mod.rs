//! The answer to a request for a page.

mod asked;
mod body;
mod filled;
mod response;
mod service;
mod stream;

use std::sync::Arc;

use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};

use self::{
    asked::{Asked, has},
    response::{Caching, as_error, bare, method_not_allowed, parts, redirect, text},
};
pub use self::{body::PageBody, service::PageFuture, stream::CspNonce};
use super::{
    Site,
    describe::{Params, canonical},
    keep::{Entry, Family, Fetched, Found},
    render::{Kept, RequestScope, Text, collect, in_net},
};
use crate::{api::Interrupt, error::Caller, work::Cause};

impl Site {
    /// Answers at once if the page is there, and nothing is to be done for it: what nearly every
    /// request comes to.
    fn answer_ready<B>(&self, request: &Request<B>) -> Option<Response<PageBody>> {
        if request.method() != Method::GET {
            return None;
        }
        let path = canonical(request.uri().path())?;
        let entry = self.store().built(&path)?;
        match &*entry.ready()? {
            Kept::Whole(page) => {
                let known = has(request.headers(), &page.etag);
                Some(response::kept(page, false, known, Caching::of(&entry.family)))
            }
            _ => None,
        }
    }

    async fn answer(self, asked: Asked) -> Response<PageBody> {
        let found = canonical(asked.uri.path()).and_then(|path| self.store().find(&path));
        let Some(found) = found else {
            return self.answer_error(StatusCode::NOT_FOUND, Caching::NotFound, &asked).await;
        };
        if !asked.is_get && !asked.is_head {
            return method_not_allowed();
        }
        match found {
            Found::Page(entry) => self.answer_entry(&entry, &asked).await,
            Found::PerRequest(family, params) => {
                self.answer_rendered(&family, &params, &asked.uri.path().into(), &asked).await
            }
            Found::WithoutSlash => match without_slash(&asked.uri) {
                Some(to) => redirect(StatusCode::PERMANENT_REDIRECT, to, Caching::NotFound),
                None => bare(StatusCode::NOT_FOUND, Caching::NotFound),
            },
        }
    }

    async fn answer_entry(&self, entry: &Arc<Entry>, asked: &Asked) -> Response<PageBody> {
        let kept = match entry.fetch(|flight| self.store().start(flight)).await {
            Fetched::Kept(kept) => kept,
            Fetched::Failed => {
                let full = self.store().is_full();
                let status = if full {
                    StatusCode::SERVICE_UNAVAILABLE
                } else {
                    StatusCode::INTERNAL_SERVER_ERROR
                };
                return self.answer_error(status, Caching::Private, asked).await;
            }
        };
        match &*kept {
            Kept::Whole(page) => {
                let known = asked.has(&page.etag);
                response::kept(page, asked.is_head, known, Caching::of(&entry.family))
            }
            Kept::Holed(page) => self.answer_text(page, &entry.path, asked),
            Kept::Dynamic(_) => {
                let params = entry.family.page.params(&entry.path).unwrap_or_default();
                self.answer_rendered(&entry.family, &params, &entry.path, asked).await
            }
            Kept::Interrupt { status, location: Some(to) } => {
                redirect(*status, to.clone(), Caching::of(&entry.family))
            }
            Kept::Interrupt { status, location: None } => {
                self.answer_error(*status, Caching::NotFound, asked).await
            }
        }
    }

    /// Renders the page for this request, in its scope.
    async fn answer_rendered(
        &self,
        family: &Family,
        params: &Params,
        path: &Arc<str>,
        asked: &Asked,
    ) -> Response<PageBody> {
        let scope = RequestScope::current();
        let location = family.page.location;
        match render_in(&scope, family, params).await {
            Ok(text) => self.answer_text(&text, path, asked),
            Err(cause) => {
                let interrupt = match cause {
                    Cause::Error(error) => error.downcast::<Interrupt>().map_err(Cause::Error),
                    cause => Err(cause),
                };
                self.answer_failed(interrupt.map(|i| *i), &scope, path, location, asked).await
            }
        }
    }

    async fn answer_failed(
        &self,
        interrupt: Result<Interrupt, Cause>,
        scope: &RequestScope,
        path: &Arc<str>,
        location: Caller,
        asked: &Asked,
    ) -> Response<PageBody> {
        let cause = match interrupt {
            Ok(interrupt) => match interrupt.location_header() {
                Ok(Some(to)) => return redirect(interrupt.status(), to, Caching::Private),
                Ok(None) => {
                    return Box::pin(self.answer_error(
                        interrupt.status(),
                        Caching::Private,
                        asked,
                    ))
                    .await;
                }
                Err(_) => Cause::Error("the target of its redirect is no URL".into()),
            },
            Err(cause) => cause,
        };
        let hook = self.store().options.on_failure.as_ref();
        scope.report(format!("page {path}"), location, cause, hook);
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Box::pin(self.answer_error(status, Caching::Private, asked)).await
    }

    /// Answers with the site's page for an error, if there is one and it does not fail itself.
    async fn answer_error(
        &self,
        status: StatusCode,
        caching: Caching,
        asked: &Asked,
    ) -> Response<PageBody> {
        let not_found = status == StatusCode::NOT_FOUND;
        let entry = if not_found { &self.store().not_found } else { &self.store().error };
        let shown = match entry {
            Some(entry) => self.error_page(entry, caching.clone(), asked).await,
            None => None,
        };
        as_error(shown.unwrap_or_else(|| bare(status, caching)), status)
    }

    async fn error_page(
        &self,
        entry: &Arc<Entry>,
        caching: Caching,
        asked: &Asked,
    ) -> Option<Response<PageBody>> {
        let Fetched::Kept(kept) = entry.fetch(|flight| self.store().start(flight)).await else {
            return None;
        };
        match &*kept {
            Kept::Whole(page) => {
                Some(text(&page.text, page.head.as_deref(), asked.is_head, caching))
            }
            Kept::Holed(page) => Some(self.answer_text(page, &entry.path, asked)),
            Kept::Interrupt { .. } => None,
            Kept::Dynamic(_) => {
                let scope = RequestScope::current();
                match render_in(&scope, &entry.family, &Params::default()).await {
                    Ok(text) => Some(self.answer_text(&text, &entry.path, asked)),
                    Err(cause) => {
                        let (hook, location) =
                            (self.store().options.on_failure.as_ref(), entry.family.page.location);
                        scope.report(format!("page {}", entry.path), location, cause, hook);
                        None
                    }
                }
            }
        }
    }

    /// Answers with what is personal.
    fn answer_text(&self, page: &Text, path: &Arc<str>, asked: &Asked) -> Response<PageBody> {
        if let Some(whole) = page.whole() {
            return text(whole, Some(&page.head), asked.is_head, Caching::Private);
        }
        let body = if asked.is_head {
            PageBody::unsent()
        } else if asked.in_order {
            PageBody::stream(stream::in_order(&page.pieces, path, &self.store().options))
        } else {
            let nonce = asked.nonce.as_ref();
            PageBody::stream(stream::out_of_order(&page.pieces, path, &self.store().options, nonce))
        };
        parts(body, &page.head, asked)
    }
}

async fn render_in(scope: &RequestScope, family: &Family, params: &Params) -> Result<Text, Cause> {
    scope.run(in_net(collect(|| (family.page.component)(params)))).await
}

/// Returns the same URI without the slash at the end of its path, relative to itself: so it holds
/// under any prefix, and leads to no other host.
fn without_slash(uri: &Uri) -> Option<HeaderValue> {
    let path = uri.path().strip_suffix('/')?;
    let last = path.rsplit('/').next().unwrap_or_default();
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    HeaderValue::try_from(format!("../{last}{query}")).ok()
}
