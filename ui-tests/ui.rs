//! What the compiler says of right and wrong uses of the attributes.
//!
//! Diagnostics differ between compilers, so these tests run on the pinned one only,
//! and fail on any other. `TRYBUILD=overwrite cargo test -p with-after-ui-tests`
//! writes the expected output anew.

use std::{env, process::Command};

/// The compiler whose words are kept in `fail/*.stderr`.
const PINNED: &str = "rustc 1.95.";

#[test]
fn mistakes_are_refused_and_good_code_compiles() {
    assert_pinned_compiler();
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
}

/// Skipping would hide that nothing is tested.
fn assert_pinned_compiler() {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc can be started");
    let version = String::from_utf8_lossy(&output.stdout);
    assert!(
        version.starts_with(PINNED),
        "the UI tests need {PINNED}x, this is {version}: run them through rustup in this checkout, \
         whose rust-toolchain.toml names the compiler"
    );
}
