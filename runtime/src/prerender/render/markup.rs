//! Whether a browser puts the holes of a page where they are meant.

use std::fmt::Write as _;

use super::{
    Piece,
    dom::{Dom, NodeKind},
};

/// Checks that each hole stands where an element may, and that its fallback leaves the page around
/// it as it is; an error names the hole that does not.
pub(super) fn check(pieces: &[Piece]) -> Result<(), String> {
    let bare = Dom::parse(&shown(pieces, |_| false));
    let count = pieces.iter().filter(|piece| matches!(piece, Piece::Hole(_))).count();
    let Some(outside) = outside(&bare, count) else {
        let misplaced = (0..count).find(|hole| bounds(&bare, *hole).is_none()).unwrap_or(0);
        let at = location(pieces, misplaced);
        return Err(format!(
            "the hole made at {at} stands where no element can: in an attribute, a comment, a \
             script, a title, or where a browser would move it, as out of a page without `<body>`"
        ));
    };
    let fits = |shows: &dyn Fn(usize) -> bool| {
        let dom = Dom::parse(&shown(pieces, shows));
        self::outside(&dom, count).is_some_and(|with| with == outside)
    };
    if fits(&|_| true) {
        return Ok(());
    }
    let misfit = (0..count).find(|hole| !fits(&|shown| shown == *hole)).unwrap_or(0);
    let at = location(pieces, misfit);
    Err(format!(
        "the fallback of the hole made at {at} cannot stand there, or is not whole: a browser \
         would take the page apart at it, and leave it in view; use other elements, such as \
         `<span>` in a `<p>` and `<td>` in a `<tr>`, and begin the page with `<body>`"
    ))
}

/// Returns what is to stand before a page that begins with a hole: a browser would put the beginning
/// of that hole into the head, which is still open.
pub(crate) fn opening(pieces: &[Piece]) -> &'static str {
    match pieces {
        [Piece::Text(text), Piece::Hole(_), ..] if text.trim_ascii().is_empty() => "<body>",
        _ => "",
    }
}

/// Returns whether `html` ends within itself: it leaves nothing open that would hide what follows,
/// and closes no `<template>` around it.
pub(crate) fn is_closed(html: &str) -> bool {
    let name = name(0);
    let around =
        format!("<template id=\"{name}\"></template><template>{html}</template><!--{name}-->");
    let dom = Dom::parse(&around);
    let Some((begin, end)) = bounds(&dom, 0) else { return false };
    let siblings = dom.parent(begin).into_iter().flat_map(|parent| &parent.children);
    let within = siblings.skip_while(|s| **s != begin).skip(1).take_while(|s| **s != end);
    within.count() == 1
}

/// Writes the page as it is sent, with the fallbacks for which `shows` says so.
fn shown(pieces: &[Piece], shows: impl Fn(usize) -> bool) -> String {
    let (mut html, mut number) = (opening(pieces).to_owned(), 0);
    for piece in pieces {
        match piece {
            // All text was cut out of strings.
            Piece::Text(text) => html.push_str(std::str::from_utf8(text).unwrap_or_default()),
            Piece::Hole(hole) => {
                let name = name(number);
                let fallback = if shows(number) { &*hole.fallback } else { "" };
                let written =
                    write!(html, "<template id=\"{name}\"></template>{fallback}<!--{name}-->");
                // A string takes everything.
                written.unwrap_or_default();
                number += 1;
            }
        }
    }
    html
}

fn name(hole: usize) -> String {
    format!("with-after-check-{hole}")
}

fn location(pieces: &[Piece], hole: usize) -> String {
    let mut holes = pieces.iter().filter_map(|piece| match piece {
        Piece::Hole(hole) => Some(hole.location),
        Piece::Text(_) => None,
    });
    holes.nth(hole).map_or_else(String::new, ToString::to_string)
}

/// Returns the nodes at which the hole begins and ends, if these have one parent.
fn bounds(dom: &Dom, hole: usize) -> Option<(usize, usize)> {
    let name = name(hole);
    let begins = |kind: &NodeKind| matches!(kind, NodeKind::Element { name: tag, id: Some(id) } if tag == "template" && *id == name);
    let begin = (0..dom.len()).find(|number| begins(&dom.node(*number).kind))?;
    let siblings = &dom.parent(begin)?.children;
    let mut behind = siblings.iter().copied().skip_while(|sibling| *sibling != begin);
    let ends = |kind: &NodeKind| matches!(kind, NodeKind::Comment(text) if *text == name);
    behind.find(|sibling| ends(&dom.node(*sibling).kind)).map(|end| (begin, end))
}

/// Returns what is outside of the holes, or `None` if one is not in one place.
fn outside(dom: &Dom, holes: usize) -> Option<Vec<(usize, &NodeKind)>> {
    let mut inside = vec![false; dom.len()];
    for hole in 0..holes {
        let (begin, end) = bounds(dom, hole)?;
        let siblings = &dom.parent(begin)?.children;
        let within = siblings.iter().skip_while(|s| **s != begin).skip(1);
        within.take_while(|s| **s != end).for_each(|sibling| inside[*sibling] = true);
    }
    let mut seen = Vec::new();
    dom.walk(0, &|number| inside[number], &mut |depth, kind| seen.push((depth, kind)));
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::is_closed;

    #[test]
    fn content_is_closed_where_a_browser_finds_its_end() {
        for html in [
            "",
            "<b>text</b>",
            "<td>cell</td>",
            "<p>open",
            "<script>'</template>'</script>",
            "<!--</template>-->",
            "<template>inner</template>",
        ] {
            assert!(is_closed(html), "{html}");
        }
        for html in
            ["a</template>b", "a</template><b>", "<!--", "<script>", "<a href=\"", "<title>"]
        {
            assert!(!is_closed(html), "{html}");
        }
    }
}
