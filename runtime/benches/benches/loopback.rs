//! Throughput and latency over loopback, as ratios to `bare` of the same round, with the smallest
//! and the greatest: tab-separated, for `plot.py`.
//!
//! Arguments: rounds (20), milliseconds a turn (500), connections (64).

use std::{
    env,
    error::Error,
    io::{self, Write as _},
    path::Path,
};

use with_after_benches::{
    Variant,
    rounds::{self, Programs, Turn},
};

const NAMES: [&str; 10] = [
    "bare",
    "spawn-1",
    "hand-written-0",
    "hand-written-1",
    "layer-0",
    "layer-1",
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
    let rounds = rounds::run(programs, &variants, arg(2, 64), arg(0, 20), arg(1, 500))?;

    let mut out = io::stdout();
    writeln!(out, "variant\twhat\tmin\tmedian\tmax\tmedian figure")?;
    for (index, variant) in variants.iter().enumerate() {
        let mut line = |what, figure: fn(&Turn) -> f64| {
            let ratios = sorted(rounds.iter().map(|r| figure(&r[index]) / figure(&r[0])));
            let figures = sorted(rounds.iter().map(|round| figure(&round[index])));
            let [min, median, max] = [ratios[0], middle(&ratios), ratios[ratios.len() - 1]];
            let name = variant.name;
            let figure = middle(&figures);
            writeln!(out, "{name}\t{what}\t{min:.3}\t{median:.3}\t{max:.3}\t{figure:.0}")
        };
        line("requests per second", |turn| turn.throughput)?;
        line("p50", |turn| turn.p50)?;
        line("p99", |turn| turn.p99)?;
        line("processor time", |turn| turn.cpu)?;
    }
    Ok(())
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn middle(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}
