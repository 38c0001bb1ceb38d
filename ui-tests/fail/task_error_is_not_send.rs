//! An error that cannot be sent to whoever reports it.

use std::error::Error;
use with_after::after;

fn main() {
    after(async || Err::<(), Box<dyn Error>>("gone".into()));
}
