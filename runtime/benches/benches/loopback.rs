//! Throughput, latency and processor time over loopback, as ratios to `bare` of the same round:
//! median and quartiles, tab-separated, for `plot.py`.
//!
//! Arguments: rounds (60), milliseconds a turn (150), connections (64).

use std::{env, error::Error, path::Path};

use with_after_benches::{
    Variant, ratios,
    rounds::{self, Programs},
};

/// The second shows how far two of the same are apart.
const NAMES: [&str; 12] = [
    "bare",
    "bare",
    "spawn-1",
    "hand-written-0",
    "hand-written-1",
    "layer-0",
    "layer-1",
    "serve-bare",
    "serve-layer-0",
    "serve-layer-1",
    "serve-around-0",
    "serve-around-1",
];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<usize> = env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let arg = |index: usize, otherwise| args.get(index).copied().unwrap_or(otherwise);
    let subject = Path::new(env!("CARGO_BIN_EXE_subject"));
    let load = Path::new(env!("CARGO_BIN_EXE_load"));
    let variants: Vec<_> = NAMES.into_iter().filter_map(Variant::named).collect();
    let programs = Programs { subject, load };
    let rounds = rounds::run(programs, &variants, arg(2, 64), arg(0, 60), arg(1, 150))?;

    ratios::print(&NAMES, &rounds)?;
    Ok(())
}
