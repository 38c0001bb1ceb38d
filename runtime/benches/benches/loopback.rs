//! Throughput, latency and processor time over loopback, as ratios to `bare` of the same round:
//! median and quartiles, tab-separated, for `plot.py`.
//!
//! Arguments: rounds (60), milliseconds a turn (150), connections (64).

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

    let mut out = io::stdout();
    writeln!(out, "variant\twhat\tlower quartile\tmedian\tupper quartile\tmedian figure")?;
    for (index, name) in NAMES.into_iter().enumerate() {
        let name = if NAMES[..index].contains(&name) { &format!("{name} again") } else { name };
        let mut line = |what, figure: fn(&Turn) -> f64| {
            let ratios = sorted(rounds.iter().map(|r| figure(&r[index]) / figure(&r[0])));
            let figures = sorted(rounds.iter().map(|round| figure(&round[index])));
            let [lower, median, upper] = [1, 2, 3].map(|quarter| at(&ratios, quarter));
            let figure = at(&figures, 2);
            writeln!(out, "{name}\t{what}\t{lower:.3}\t{median:.3}\t{upper:.3}\t{figure:.0}")
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

/// Returns the value below which so many quarters of the others are.
fn at(sorted: &[f64], quarter: usize) -> f64 {
    sorted[sorted.len() * quarter / 4]
}
