//! What `tracing_subscriber::fmt` prints.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use super::traces::subscribe;

/// What was printed by the current thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Printed(Arc<Mutex<Vec<u8>>>);

/// Prints what this thread traces, as far as `filter` lets it, until the guard is dropped.
pub(crate) fn fmt_log(filter: &str) -> (Printed, DefaultGuard) {
    let printed = Printed::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(false)
        .without_time()
        .with_writer(printed.clone())
        .finish();
    (printed, subscribe(subscriber))
}

impl Printed {
    pub(crate) fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().expect("nobody panics under it").clone();
        let text = String::from_utf8(bytes).expect("it is text");
        text.lines().map(|line| line.trim().to_owned()).collect()
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics under it").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Printed {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
