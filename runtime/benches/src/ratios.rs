//! The figures of rounds, as ratios to the first variant of the same round.

use std::io::{self, Write as _};

use crate::rounds::Turn;

/// Prints median and quartiles of each variant, tab-separated.
///
/// # Errors
///
/// Fails where nobody reads.
pub fn print(names: &[&str], rounds: &[Vec<Turn>]) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "variant\twhat\tlower quartile\tmedian\tupper quartile\tmedian figure")?;
    for (index, name) in names.iter().enumerate() {
        let name = if names[..index].contains(name) { &format!("{name} again") } else { *name };
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

/// Returns the values in ascending order.
#[must_use]
pub fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Returns the median of values in ascending order.
///
/// # Panics
///
/// Panics where there are none.
#[must_use]
pub fn median(sorted: &[f64]) -> f64 {
    at(sorted, 2)
}

/// Returns the value below which so many quarters of the others are.
fn at(sorted: &[f64], quarter: usize) -> f64 {
    sorted[sorted.len() * quarter / 4]
}
