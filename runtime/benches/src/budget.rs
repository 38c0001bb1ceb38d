//! What the counts may be: `budget.toml`.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, Write as _},
};

const FILE: &str = include_str!("../budget.toml");

/// The budget, and what has been found beside it.
#[derive(Debug)]
pub struct Budget {
    limits: BTreeMap<&'static str, usize>,
    exceeded: usize,
}

impl Budget {
    /// Reads the budget file: lines of `"name" = number`.
    ///
    /// # Errors
    ///
    /// Fails at a line that is something else.
    pub fn read() -> Result<Self, Box<dyn Error>> {
        let mut limits = BTreeMap::new();
        for line in FILE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (name, limit) = line.split_once(" = ").ok_or(line)?;
            limits.insert(name.trim_matches('"'), limit.parse()?);
        }
        Ok(Self { limits, exceeded: 0 })
    }

    /// Prints `count`, and whether it is within the budget called `name`.
    ///
    /// # Errors
    ///
    /// Fails where nothing can be printed.
    pub fn check(&mut self, name: &str, count: usize) -> io::Result<()> {
        let verdict = match self.limits.get(name) {
            None => String::new(),
            Some(limit) if count <= limit + tolerance(name, *limit) => format!("of {limit}"),
            Some(limit) => {
                self.exceeded += 1;
                format!("of {limit}: EXCEEDED")
            }
        };
        writeln!(io::stdout(), "{name:60} {count:7} {verdict}")
    }

    /// # Errors
    ///
    /// Fails if a count was over its budget.
    pub fn result(self) -> Result<(), Box<dyn Error>> {
        match self.exceeded {
            0 => Ok(()),
            exceeded => Err(format!("{exceeded} counts exceed budget.toml").into()),
        }
    }
}

/// Instructions change with the compiler, the C library and the processor, and by the order in
/// which `select!` polls; everything else is exact.
fn tolerance(name: &str, limit: usize) -> usize {
    if name.contains("instructions") { limit * 3 / 100 + 150 } else { 0 }
}
