//! Measurements side by side: in turn, some rounds of each, so that what else the machine does
//! disturbs all alike.

use std::{env, fmt};

/// Ratios of one thing to another, one of each round.
pub(crate) struct Ratios(Vec<f64>);

pub(crate) fn rounds() -> usize {
    env::var("ROUNDS").map_or(9, |rounds| rounds.parse().unwrap())
}

impl Ratios {
    pub(crate) fn of(ours: &[f64], bare: &[f64]) -> Self {
        Self(ours.iter().zip(bare).map(|(ours, bare)| ours / bare).collect())
    }
}

impl fmt::Display for Ratios {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (percentile(&self.0, 0.0), percentile(&self.0, 1.0));
        write!(f, "{:.2} ({least:.2} to {most:.2})", median(&self.0))
    }
}

pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "there are a few hundred values"
)]
pub(crate) fn percentile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part).round() as usize]
}
