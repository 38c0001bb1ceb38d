//! The compiler whose words are kept.

use std::{env, ffi::OsString, process::Command};

const PINNED: &str = "rustc 1.95.";

/// Skipping would hide that nothing is tested.
pub(crate) fn assert_pinned_compiler() {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let output = Command::new(rustc).arg("--version").output().expect("rustc can be started");
    let version = String::from_utf8_lossy(&output.stdout);
    assert!(
        version.starts_with(PINNED),
        "the UI tests need {PINNED}x, this is {version}: run them through rustup in this checkout, \
         whose rust-toolchain.toml names the compiler"
    );
}
