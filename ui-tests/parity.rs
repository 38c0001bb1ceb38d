//! What the compiler says of ordinary mistakes: with the attribute the same as without.
//!
//! Each case in `parity/` is compiled as it is, and with its attributes in comments. Compared are
//! the number of diagnostics and of each its level, code, message, primary places and help. What
//! differs stands in `parity/differences.txt`, with the reason; `BLESS=1` writes it anew.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::diagnostic::{Diagnostic, difference};

mod diagnostic;
mod pinned;

#[test]
fn mistakes_read_as_they_do_without_the_attribute() {
    pinned::assert_pinned_compiler();
    let cases = cases();
    assert!(cases.len() >= 120, "only {} cases were found", cases.len());
    let project = write_project(&cases);
    let said = check(&project);

    let mut differences = Differences::read();
    let mut wrong = Vec::new();
    for name in cases.keys() {
        let said = |variant| said.get(&format!("{variant}_{name}")).cloned().unwrap_or_default();
        let (plain, with): (Vec<_>, Vec<_>) = (said(PLAIN), said(WITH));
        if plain.is_empty() {
            wrong.push(format!("{name} is no mistake: nothing is said without the attribute"));
        }
        differences.compare(name, &difference(&plain, &with), &mut wrong);
    }
    differences.finish(&cases, &mut wrong);
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

const PLAIN: &str = "plain";
const WITH: &str = "with";

/// The cases by name: `//# name`, and the lines up to the next.
fn cases() -> BTreeMap<String, String> {
    let mut cases = BTreeMap::new();
    for entry in fs::read_dir(folder()).expect("the folder is there") {
        let path = entry.expect("can be listed").path();
        if path.extension().is_none_or(|extension| extension != "rs") || path.ends_with(SUPPORT) {
            continue;
        }
        let source = fs::read_to_string(&path).expect("is text");
        for case in source.split("//# ").skip(1) {
            let (name, code) = case.split_once('\n').expect("a name stands on a line of its own");
            let before = cases.insert(name.to_owned(), code.to_owned());
            assert!(before.is_none(), "two cases are called {name}");
        }
    }
    cases
}

/// A package with each case twice, as an example: cargo checks all, whatever fails.
fn write_project(cases: &BTreeMap<String, String>) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("is a member");
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parity");
    let mut manifest = format!(
        "[package]\nname = \"parity\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
         [lib]\nname = \"parity_support\"\npath = \"{SUPPORT}\"\n[dependencies]\n\
         axum = {{ version = \"0.8\", default-features = false }}\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"rt\"] }}\n\
         with-after = {{ path = '{}' }}\n[profile.dev]\ndebug = false\nincremental = false\n",
        workspace.join("runtime").display(),
    );
    write(&project.join(SUPPORT), &read(&folder().join(SUPPORT)));
    for (name, code) in cases {
        for (variant, code) in [(PLAIN, &without_attributes(code)), (WITH, code)] {
            let path = format!("examples/{variant}/{name}.rs");
            let example =
                ["[[example]]\nname = '", variant, "_", name, "'\npath = '", &path, "'\n"];
            manifest.extend(example);
            manifest.push_str("crate-type = ['lib']\n");
            write(&project.join(path), &format!("{PRELUDE}\n{code}"));
        }
    }
    write(&project.join("Cargo.toml"), &manifest);
    let lock = project.join("Cargo.lock");
    if !lock.exists() {
        fs::copy(workspace.join("Cargo.lock"), lock).expect("the lock file is there");
    }
    project
}

/// Puts the attributes in comments, where all that follows keeps its place.
fn without_attributes(code: &str) -> String {
    let line = |line: &str| match line.trim_start() {
        attribute if ["#[with_after", "#[cache"].iter().any(|ours| attribute.starts_with(ours)) => {
            format!("{}// {attribute}\n", &line[..line.len() - attribute.len()])
        }
        _ => format!("{line}\n"),
    };
    code.lines().map(line).collect()
}

/// What is said, by example.
fn check(project: &Path) -> BTreeMap<String, Vec<Diagnostic>> {
    let output = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--keep-going", "--examples", "--message-format=json"])
        .current_dir(project)
        .env("CARGO_TARGET_DIR", project.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo can be started");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let mut said: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for line in stdout.lines() {
        let message: Value = serde_json::from_str(line).expect("cargo writes JSON");
        let is_example = message["target"]["kind"][0] == "example";
        if message["reason"] == "compiler-message" && is_example {
            let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
            said.entry(name).or_default().extend(Diagnostic::read(&message["message"]));
        }
    }
    assert!(!said.is_empty(), "nothing was compiled:\n{stderr}");
    said
}

/// What is known to differ: `name: reason`, and below it what differs.
struct Differences {
    known: BTreeMap<String, (String, String)>,
    found: BTreeMap<String, (String, String)>,
}

impl Differences {
    fn read() -> Self {
        let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
        let mut name = String::new();
        for line in read(&folder().join(LIST)).lines() {
            if line.starts_with(' ') {
                let (_, difference) = known.get_mut(&name).expect("the name comes first");
                difference.extend([line, "\n"]);
            } else if let Some((case, reason)) = line.split_once(": ") {
                case.clone_into(&mut name);
                known.insert(name.clone(), (reason.to_owned(), String::new()));
            }
        }
        Self { known, found: BTreeMap::new() }
    }

    fn compare(&mut self, name: &str, difference: &str, wrong: &mut Vec<String>) {
        let known = self.known.get(name).cloned().unwrap_or_default();
        if !difference.is_empty() {
            self.found.insert(name.to_owned(), (known.0, difference.to_owned()));
        }
        if known.1 != difference && env::var_os("BLESS").is_none() {
            let known =
                if known.1.is_empty() { String::new() } else { format!("  known:\n{}", known.1) };
            wrong.push(format!("{name} reads otherwise\n{difference}{known}"));
        }
    }

    fn finish(&self, cases: &BTreeMap<String, String>, wrong: &mut Vec<String>) {
        if env::var_os("BLESS").is_some() {
            let entry = |(name, (reason, difference)): (&String, &(String, String))| {
                format!("{name}: {reason}\n{difference}\n")
            };
            let list: String = self.found.iter().map(entry).collect();
            fs::write(folder().join(LIST), list).expect("the checkout can be written");
        }
        let reasonless = self.found.iter().filter(|(_, (reason, _))| reason.is_empty());
        wrong.extend(reasonless.map(|(name, _)| format!("{name} differs without a reason")));
        let unknown = self.known.keys().filter(|name| !cases.contains_key(*name));
        wrong.extend(unknown.map(|name| format!("{name} is listed, but no case")));
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("parity")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Writes what has changed, so that the rest is not built again.
fn write(path: &Path, text: &str) {
    if read(path) != text {
        fs::create_dir_all(path.parent().expect("is in a folder")).expect("can be made");
        fs::write(path, text).expect("can be written");
    }
}

const SUPPORT: &str = "support.rs";
const LIST: &str = "differences.txt";
const PRELUDE: &str = "#![allow(unused_imports)] use {axum::response::IntoResponse, parity_support::*, \
                       std::pin::Pin, with_after::{after, cache, cookies, headers, with_after}};";
