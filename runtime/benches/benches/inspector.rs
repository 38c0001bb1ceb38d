//! What an inspector costs a shop, as ratios to the shop without one: while nobody looks at it, and
//! with one who does.
//!
//! Arguments: rounds (40), milliseconds a turn (300), connections (64).

use std::{env, error::Error, path::Path};

use with_after_benches::{
    Variant, ratios,
    rounds::{self, Programs},
};

/// The second of each shows how far two of the same are apart.
const NAMES: [[&str; 4]; 2] = [
    ["shop", "shop", "shop-inspected", "shop-watched"],
    ["small", "small", "small-inspected", "small-watched"],
];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<usize> = env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let arg = |index: usize, otherwise| args.get(index).copied().unwrap_or(otherwise);
    let subject = Path::new(env!("CARGO_BIN_EXE_subject"));
    let programs = Programs { subject, load: Path::new(env!("CARGO_BIN_EXE_load")) };
    for names in &NAMES {
        let variants: Vec<_> = names.iter().copied().filter_map(Variant::named).collect();
        let rounds = rounds::run(programs, &variants, arg(2, 64), arg(0, 40), arg(1, 300))?;
        ratios::print(names, &rounds)?;
    }
    Ok(())
}
