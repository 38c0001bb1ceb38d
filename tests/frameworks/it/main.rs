//! Frameworks that are served by the layer of tower, each with its real crate.

mod poem;
mod rules;
mod salvo;
mod warp;
