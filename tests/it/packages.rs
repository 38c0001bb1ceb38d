//! What is said of the packages holds for their manifests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

#[test]
fn each_dependency_is_known_to_show_or_not_to_show() {
    let guide = read("CONTRIBUTING.md");
    let (_, section) =
        guide.split_once("### What a major version of others costs").expect("it stands");
    let (section, _) = section.split_once("\n## ").expect("others follow");
    let (table, rest) = section.split_once("Nobody sees:").expect("the hidden ones follow");
    let shown: BTreeMap<_, _> = table.lines().filter_map(row).collect();
    let hidden: BTreeSet<_> =
        names(rest.split("\n\n").next().expect("a paragraph is one")).collect();

    let workspace = versions(&read("Cargo.toml"), "[workspace.dependencies]");
    let mut known = BTreeSet::new();
    for manifest in ["runtime/Cargo.toml", "runtime/jobs/Cargo.toml"] {
        for (name, own) in versions(&read(manifest), "[dependencies]") {
            let version = own.or_else(|| workspace[&name].clone()).expect("it has a version");
            match shown.get(name.as_str()) {
                Some(told) => assert!(
                    format!("{version}.").starts_with(&format!("{told}.")),
                    "{manifest}: `{name}` {version} is told as {told}"
                ),
                None => assert!(hidden.contains(name.as_str()), "{manifest}: tell of `{name}`"),
            }
            known.insert(name);
        }
    }
    let mut told = shown.keys().chain(&hidden);
    assert_eq!(told.find(|name| !known.contains(**name)), None, "it is no dependency");
}

#[test]
fn what_is_published_has_no_address_that_was_made_up() {
    for manifest in
        ["Cargo.toml", "runtime/Cargo.toml", "runtime/jobs/Cargo.toml", "macros/Cargo.toml"]
    {
        let text = read(manifest);
        let mut addresses = text.lines().filter(|line| line.contains("://"));
        assert_eq!(addresses.next(), None, "{manifest}: take it out here when it exists");
    }
}

/// Reads `` | `crate` | version | .. | ``.
fn row(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
    Some((name, rest.split_once(" |")?.0))
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Reads the table of a manifest: names, and their versions where they stand there.
fn versions(manifest: &str, table: &str) -> BTreeMap<String, Option<String>> {
    let lines = manifest.lines().skip_while(|line| *line != table).skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let entries = lines.filter_map(|line| {
        let (name, value) = line.split_once([' ', '.']).filter(|(name, _)| is_name(name))?;
        let version = value.split_once("version = \"").map(|(_, rest)| rest);
        let version = version.or_else(|| value.strip_prefix("= \""));
        let version = version.and_then(|rest| rest.split('"').next());
        Some((name.to_owned(), version.map(|version| version.trim_start_matches('=').to_owned())))
    });
    entries.collect()
}

fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    !text.is_empty() && text.chars().all(is_part)
}

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"))
}
