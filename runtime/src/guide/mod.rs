//! Guides: what belongs after the response, how to set up each host, and what the names of other
//! frameworks become here.

/// Makes a file a page.
///
/// Pages name items of every feature. What the features at hand lack is linked where the registry
/// documents it: a page says `[serve][crate::serve()]`, and `links/axum.md` where that leads without
/// the feature `axum`.
macro_rules! page {
    ($name:ident = $file:literal) => {
        #[doc = include_str!($file)]
        #[cfg_attr(not(feature = "axum"), doc = "", doc = include_str!("links/axum.md"))]
        #[cfg_attr(not(feature = "leptos"), doc = "", doc = include_str!("links/leptos.md"))]
        #[cfg_attr(not(feature = "prerender"), doc = "", doc = include_str!("links/prerender.md"))]
        #[cfg_attr(not(feature = "tower"), doc = "", doc = include_str!("links/tower.md"))]
        pub mod $name {}
    };
}
use page;

pub mod hosts;

page!(choosing = "choosing.md");
page!(coming_from = "coming_from.md");
