//! The parts of a page with holes, in the order in which they are sent.

use std::{
    collections::{HashMap, VecDeque},
    future::ready,
    sync::Arc,
};

use bytes::Bytes;
use futures_util::{
    FutureExt as _, StreamExt as _,
    stream::{self, BoxStream},
};

use super::filled::{Filled, Holes, Name, Part};
use crate::prerender::{
    describe::Options,
    render::{Piece, opening},
};

/// The nonce that the `Content-Security-Policy` of the response names, for the scripts that fill
/// the [holes](crate::prerender::suspense()) of a page.
///
/// Put it into the extensions of the request.
///
/// # Examples
///
/// ```
/// use with_after::prerender::CspNonce;
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(CspNonce::new("R4nd0mN0nce"));
/// ```
#[derive(Clone, Debug)]
pub struct CspNonce {
    value: Arc<str>,
}

impl CspNonce {
    /// Creates a nonce: in base64, and new for each response.
    ///
    /// # Panics
    ///
    /// Panics if `value` is not base64, which no policy could name.
    #[must_use]
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        let value = value.into();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
        assert!(value.bytes().all(fits), "the nonce {value:?} is not base64");
        Self { value }
    }
}

/// Moves the template before it to the place of its hole. Stands in a block of its own, so that
/// it leaves no names.
const SCRIPT: &str = "{const s=document.currentScript,t=s.previousElementSibling,n=t.dataset.hole,\
    h=document.getElementById(n);if(h){while(h.nextSibling&&h.nextSibling.data!==n)\
    h.nextSibling.remove();h.replaceWith(t.content)}t.remove();s.remove()}";

/// Returns the page with the holes' fallbacks, and behind it each hole as it is rendered, with a
/// script that moves it to its place.
pub(super) fn out_of_order(
    pieces: &[Piece],
    path: &Arc<str>,
    options: &Options,
    nonce: Option<&CspNonce>,
) -> BoxStream<'static, Bytes> {
    let mut holes = Holes::new(path, options);
    let parts = holes.begin(pieces, 0);
    let mut page = opening(pieces).to_owned();
    push(&mut page, &parts);
    let end = page.split_off(body_end(&page));
    let nonce = nonce.map_or(String::new(), |nonce| format!(" nonce=\"{}\"", nonce.value));
    let state = Some((holes, page, end));
    let parts = stream::unfold(state, move |state| {
        let nonce = nonce.clone();
        async move {
            let (mut holes, mut part, end) = state?;
            // What is ready is sent together; the page itself waits for nothing.
            if part.is_empty() {
                match holes.rendered().await {
                    Some(filled) => push_filled(&mut part, filled, &mut holes, &nonce),
                    None => return Some((Bytes::from(end), None)),
                }
            }
            while let Some(filled) = holes.rendered().now_or_never() {
                match filled {
                    Some(filled) => push_filled(&mut part, filled, &mut holes, &nonce),
                    None => return Some((Bytes::from(part + &end), None)),
                }
            }
            Some((Bytes::from(part), Some((holes, String::new(), end))))
        }
    });
    parts.filter(|part| ready(!part.is_empty())).boxed()
}

/// Writes the content of a hole, and what moves it into its place.
fn push_filled(html: &mut String, filled: Filled, holes: &mut Holes, nonce: &str) {
    let Filled { name, pieces, depth } = filled;
    let parts = holes.begin(&pieces, depth);
    for text in ["<template data-hole=\"", &name.text, "\">"] {
        html.push_str(text);
    }
    push(html, &parts);
    for text in ["</template><script", nonce, ">", SCRIPT, "</script>"] {
        html.push_str(text);
    }
}

/// Returns the page from its beginning to its end, each part when all before it are there.
pub(super) fn in_order(
    pieces: &[Piece],
    path: &Arc<str>,
    options: &Options,
) -> BoxStream<'static, Bytes> {
    let mut holes = Holes::new(path, options);
    let parts = VecDeque::from(holes.begin(pieces, 0));
    let state = (holes, parts, HashMap::new());
    let parts = stream::unfold(state, |(mut holes, mut parts, mut rendered)| async move {
        loop {
            match parts.pop_front()? {
                Part::Text(text) if text.is_empty() => {}
                Part::Text(text) => return Some((text, (holes, parts, rendered))),
                Part::Hole(Name { number, .. }, _) => {
                    while !rendered.contains_key(&number) {
                        let Filled { name, pieces, depth } = holes.rendered().await?;
                        rendered.insert(name.number, holes.begin(&pieces, depth));
                    }
                    let inner: Vec<_> = rendered.remove(&number).unwrap_or_default();
                    inner.into_iter().rev().for_each(|part| parts.push_front(part));
                }
            }
        }
    });
    parts.boxed()
}

/// Writes what is there at once; a hole is what stands between an empty template and a comment.
fn push(html: &mut String, parts: &[Part]) {
    let lens = parts.iter().map(|part| match part {
        Part::Text(text) => text.len(),
        Part::Hole(name, hole) => 2 * name.text.len() + hole.fallback.len() + AROUND_HOLE,
    });
    html.reserve(lens.sum::<usize>() + SCRIPT.len());
    for part in parts {
        match part {
            // All text was cut out of strings.
            Part::Text(text) => html.push_str(std::str::from_utf8(text).unwrap_or_default()),
            Part::Hole(name, hole) => {
                let name = &*name.text;
                for text in
                    ["<template id=\"", name, "\"></template>", &hole.fallback, "<!--", name, "-->"]
                {
                    html.push_str(text);
                }
            }
        }
    }
}

/// What stands around names and fallback.
const AROUND_HOLE: usize = "<template id=\"\"></template><!---->".len();

/// Returns where the end tags of the page begin, before which its holes are sent. Nothing but
/// white space and comments stands between and behind these, else they are not the page's.
fn body_end(page: &str) -> usize {
    let mut end = page.len();
    for tag in ["</html>", "</body>"] {
        let rest = without_comments(&page[..end]);
        let begin = rest.len().checked_sub(tag.len());
        let is_tag = |begin: &usize| {
            rest.is_char_boundary(*begin) && rest[*begin..].eq_ignore_ascii_case(tag)
        };
        end = begin.filter(is_tag).unwrap_or(end);
    }
    end
}

/// Cuts white space and comments from the end.
fn without_comments(mut html: &str) -> &str {
    loop {
        html = html.trim_end();
        let Some(comment) = html.strip_suffix("-->") else { return html };
        let Some(begin) = comment.rfind("<!--") else { return html };
        html = &html[..begin];
    }
}

#[cfg(test)]
mod tests {
    use super::body_end;

    #[test]
    fn holes_are_sent_before_the_end_tags_and_no_words_that_look_like_them() {
        for (page, end) in [
            ("<body>text</body></html>", "</body></html>"),
            ("<body>text</BODY>\n</html>\n", "</BODY>\n</html>\n"),
            (
                "<body>text</body><!-- no </body> --></html><!---->",
                "</body><!-- no </body> --></html><!---->",
            ),
            ("text<!-- </body> -->", ""),
            ("text</html>", "</html>"),
            ("<script>'</body>'</script>", ""),
            ("", ""),
            ("é", ""),
        ] {
            assert_eq!(&page[body_end(page)..], end, "{page}");
        }
    }
}
