//! Feeds arbitrary tokens to `#[with_after]` and `#[cache]`: they never panic, and give back every
//! token of the item.
//!
//! The first line of the input is the arguments, the rest is the item.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proc_macro2::{TokenStream, TokenTree};

// A proc-macro crate cannot be linked, so its modules are compiled in.
#[path = "../../src/analyse/mod.rs"]
mod analyse;
#[path = "../../src/args.rs"]
mod args;
#[path = "../../src/body.rs"]
mod body;
#[path = "../../src/cache/mod.rs"]
mod cache;
#[path = "../../src/depth.rs"]
mod depth;
#[path = "../../src/duration.rs"]
mod duration;
#[path = "../../src/expand.rs"]
mod expand;
#[path = "../../src/fallback.rs"]
mod fallback;
#[path = "../../src/item.rs"]
mod item;
#[path = "../../src/job/mod.rs"]
mod job;
#[path = "../../src/model.rs"]
mod model;
#[path = "../../src/nearest.rs"]
mod nearest;
#[path = "../../src/parameters.rs"]
mod parameters;
#[path = "../../src/pipeline.rs"]
mod pipeline;

/// The parser recurses, as rustc's does, and overflows the stack on deeper nesting.
const LONGEST: usize = 2_000;

fuzz_target!(|input: &str| {
    let (args, item) = input.split_once('\n').unwrap_or(("component", input));
    if input.len() > LONGEST {
        return;
    }
    let (Ok(args), Ok(item)) = (args.parse::<TokenStream>(), item.parse::<TokenStream>()) else {
        return;
    };
    for expansion in [pipeline::with_after(args.clone(), &item), cache::cache(args, &item)] {
        let mut emitted = flat(expansion);
        for token in flat(item.clone()) {
            let found = emitted.iter().position(|other| *other == token);
            emitted.swap_remove(found.unwrap_or_else(|| panic!("`{token}` is lost")));
        }
    }
});

fn flat(tokens: TokenStream) -> Vec<String> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) => flat(group.stream()),
            token => vec![token.to_string()],
        })
        .collect()
}
