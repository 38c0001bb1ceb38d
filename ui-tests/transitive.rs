//! What the compiler says of tasks that read the request through functions, with
//! `--cfg with_after_transitive`.
//!
//! That needs a nightly compiler, or `RUSTC_BOOTSTRAP=1`: where there is neither, nothing is tested,
//! and a line says so. `TRYBUILD=overwrite cargo test -p with-after-ui-tests --test transitive` writes
//! the expected output anew.

use std::{
    env,
    io::{self, Write as _},
    path::Path,
    process::Command,
};

/// The compilers whose words are kept: they say the same.
const NIGHTLY: &str = "rustc 1.97.";
const PINNED: &str = "rustc 1.95.";

/// `trybuild` reads the environment that it is to give to the compiler, so it gets a process of its
/// own.
#[test]
fn tasks_are_refused_that_read_the_request_through_functions() {
    let mut tests = Command::new(env::current_exe().expect("this runs"));
    if version(Command::new("rustc").env("RUSTUP_TOOLCHAIN", "nightly")).starts_with(NIGHTLY) {
        tests.env("RUSTUP_TOOLCHAIN", "nightly").env("CARGO", "cargo");
    } else if env::var_os("RUSTC_BOOTSTRAP").is_none()
        || !version(&mut Command::new("rustc")).starts_with(PINNED)
    {
        // Not caught by the test harness, as `println!` is.
        let line = format!(
            "skipped: the transitive check was not tested, which needs a nightly {NIGHTLY}x \
             (`rustup toolchain install nightly`), or {PINNED}x with `RUSTC_BOOTSTRAP=1`"
        );
        writeln!(io::stderr(), "{line}").expect("stderr is open");
        return;
    }
    // Beside those of the other tests, which are built without the flag.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("transitive");
    let flags = ["--cfg", "with_after_transitive", "-A", "dead_code", "--diagnostic-width=140"];
    let status = tests
        .args(["--ignored", "--exact", "snapshots"])
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        .env("CARGO_TARGET_DIR", target)
        .status()
        .expect("this can be started again");
    assert!(status.success());
}

#[test]
#[ignore = "started by the other test, with the compiler and the flags that it needs"]
fn snapshots() {
    trybuild::TestCases::new().compile_fail("transitive/*.rs");
}

fn version(rustc: &mut Command) -> String {
    let output = rustc.arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}
