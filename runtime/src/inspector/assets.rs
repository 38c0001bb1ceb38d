//! The files of the page.

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! files {
    ($($name:literal: $content_type:expr,)*) => {
        &[$((concat!("/", $name), $content_type, include_str!(concat!("page/", $name)))),*]
    };
}

const FILES: &[(&str, &str, &str)] = files! {
    "index.html": HTML,
    "style.css": CSS,
    "icon.svg": SVG,
    "app.js": SCRIPT,
    "elements.js": SCRIPT,
    "filters.js": SCRIPT,
    "format.js": SCRIPT,
    "jobs.js": SCRIPT,
    "overview.js": SCRIPT,
    "pages.js": SCRIPT,
    "rows.js": SCRIPT,
    "store.js": SCRIPT,
    "timeline.js": SCRIPT,
};

/// Finds the file at a path: its content type, and its text.
pub(super) fn find(path: &str) -> Option<(&'static str, &'static str)> {
    let file = FILES.iter().find(|(name, ..)| *name == path);
    file.map(|(_, content_type, text)| (*content_type, *text))
}
