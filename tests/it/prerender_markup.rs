//! Where holes may stand: what a build refuses, and what a browser would see.

use std::future::ready;

use with_after::prerender::{BuildError, Content, IntoPage, Site, suspense};

use crate::support::pages::{Visitor, with_header};

/// Builds a page that is made of what stands before a hole, its fallback, and what stands behind.
async fn build(
    before: &'static str,
    fallback: &'static str,
    behind: &'static str,
) -> Result<Site, BuildError> {
    let page = move || {
        let hole = suspense(fallback, async || "filled");
        ready(format!("{before}{hole}{behind}"))
    };
    Site::builder().page("/", page).build().await
}

#[tokio::test]
async fn a_hole_stands_wherever_an_element_may() {
    for (before, fallback, behind) in [
        ("", "", ""),
        ("", "<p>…</p>", ""),
        ("<!DOCTYPE html><html><body>", "…", "</body></html>"),
        ("<body><p>", "<span>…</span> &amp; <b>more</b>", "</p>"),
        ("<body><div>", "<p>one</p><p>two</p>", "</div>"),
        ("<body><table><tr><td>1</td>", "<td>2</td>", "</tr></table>"),
        ("<body><table><tbody>", "<tr><td>1</td></tr>", "</tbody></table>"),
        ("<body><ul>", "<li>…</li>", "</ul>"),
        ("<body><select>", "<option>…</option>", "</select>"),
        ("<body><h1>Title</h1><!-- comment -->", "<!-- no more -->", "<script>'<p>'</script>"),
        ("<body><svg><foreignObject>", "<p>…</p>", "</foreignObject></svg>"),
    ] {
        let built = build(before, fallback, behind).await;
        assert!(built.is_ok(), "{before}|{fallback}|{behind}: {built:?}");
    }
}

#[tokio::test]
async fn a_hole_where_no_element_can_be_fails_the_build() {
    for (before, behind) in [
        ("<html><head><title>", "</title></head><body></body></html>"),
        ("<body><a href=\"", "\">link</a>"),
        ("<body><!-- ", " -->"),
        ("<body><script>const a = '", "'</script>"),
        ("<body><textarea>", "</textarea>"),
        ("<body><style>", "</style>"),
        // What fills it would be HTML.
        ("<body><svg><g>", "</g></svg>"),
    ] {
        let error = build(before, "…", behind).await.expect_err(before).to_string();
        assert!(error.contains("where no element can"), "{error}");
        assert!(error.contains("made at tests/it/prerender_markup.rs:"), "{error}");
    }
}

#[tokio::test]
async fn a_fallback_that_would_stay_visible_fails_the_build() {
    for (before, fallback, behind) in [
        ("<body><p>", "<div>…</div>", "</p>"),
        ("<body><p>", "<p>…</p>", "</p>"),
        ("<body><table><tr>", "…", "</tr></table>"),
        ("<body><table><tr>", "<p>…</p>", "</tr></table>"),
        ("<body><table>", "<div>…</div>", "</table>"),
        // A browser adds a `<tbody>`.
        ("<body><table>", "<tr><td>1</td></tr>", "</table>"),
        ("<body><div>", "…</div>", "</div>"),
        ("<body><div>", "<div>…", "</div>"),
        ("<body><div>", "<!-- …", "</div>"),
        ("<body><div>", "<p>not closed", "</div>"),
        ("<body><ul>", "<li>not closed", "<li>next</ul>"),
        ("<body><div>", "</template>…</div>", "</div>"),
        ("<!DOCTYPE html><title>no body</title>", "…", ""),
    ] {
        let error = build(before, fallback, behind).await.expect_err(fallback).to_string();
        assert!(error.contains("the fallback of the hole made at tests/it/prerender"), "{error}");
    }
}

#[tokio::test]
async fn the_hole_that_is_wrong_is_the_one_that_is_named() {
    let page = async || {
        let good = suspense("…", async || "x");
        let bad = suspense("<div>…</div>", async || "x");
        format!("<body><p>{good}</p><p>{bad}</p><p>{}</p>", suspense("…", async || "x"))
    };
    let line = line!() - 3;
    let error = Site::builder().page("/", page).build().await.expect_err("one is wrong");
    let place = format!("prerender_markup.rs:{line}:");
    assert!(error.to_string().contains(&place), "{place} {error}");
}

#[tokio::test]
async fn a_page_that_begins_with_a_hole_gets_a_body() {
    let site = build(" ", "…", "").await.expect("it builds");
    let text = Visitor::new(&site).get("/").await;
    assert!(text.starts_with("<body> <template id=\"with-after-"), "{text}");
}

#[tokio::test]
async fn content_that_closes_the_template_around_it_is_a_failure() {
    async fn filled<M: 'static>(
        content: impl Fn() -> std::future::Ready<&'static str> + Clone + Send + Sync + 'static,
    ) -> String
    where
        &'static str: IntoPage<M>,
    {
        let page = move || ready(format!("<body><p>{}</p>", suspense("…", content.clone())));
        let site = Site::builder().error_fallback("!").page("/", page).on_failure(|_| ());
        let visitor = Visitor::new(&site.build().await.expect("it builds"));
        visitor.send(with_header("/", "prefer", "in-order")).await.text
    }

    let stray = || ready("a</template><script>alert(1)</script>");
    assert_eq!(filled(stray).await, "<body><p>!</p>");
    let own = || ready("<template>a</TEMPLATE><b>b</b>");
    assert_eq!(filled(own).await, "<body><p><template>a</TEMPLATE><b>b</b></p>");
    let quoted = || ready("<script>'</template>'</script>");
    assert_eq!(filled(quoted).await, "<body><p><script>'</template>'</script></p>");
}

#[tokio::test]
async fn holes_are_filled_before_the_end_of_the_body_and_not_in_a_comment() {
    let site = build("<body><p>", "…", "</p></body><!-- </body> --></html>").await;
    let text = Visitor::new(&site.expect("it builds")).get("/").await;
    assert!(text.ends_with("</script></body><!-- </body> --></html>"), "{text}");
}

#[tokio::test]
async fn only_html_has_holes_and_no_hole_has_a_type_of_its_own() {
    let page = async || Content::xml(suspense("…", async || "x").to_string());
    let error = Site::builder().page("/", page).build().await.expect_err("XML is no HTML");
    assert!(error.to_string().contains("only HTML can have holes"), "{error}");

    let page = async || format!("<body>{}", suspense("…", async || Content::json("1")));
    let site = Site::builder().error_fallback("!").page("/", page).on_failure(|_| ());
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    assert_eq!(visitor.send(with_header("/", "prefer", "in-order")).await.text, "<body>!");
}
