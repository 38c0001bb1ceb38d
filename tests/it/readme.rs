//! The README speaks of what exists.

use std::{fs, path::Path};

#[test]
fn every_link_into_the_repository_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).expect("it is readable");
    let targets = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let (mut links, mut broken) = (0, Vec::new());
    for target in targets.filter(|target| !target.contains("://")) {
        links += 1;
        if !root.join(target).exists() {
            broken.push(target);
        }
    }
    assert!(links > 20, "only {links} links were found");
    assert!(broken.is_empty(), "these lead nowhere: {broken:?}");
}

#[test]
fn the_printed_compile_error_is_that_of_the_code_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |file: &str| fs::read_to_string(root.join(file)).expect("it is readable");
    let (readme, source) = (read("README.md"), read("ui-tests/fail/readme.rs"));
    // Held by the tests of what the compiler says.
    let error = read("ui-tests/fail/readme.stderr").replace("fail/readme.rs", "src/main.rs");
    let code = source.strip_suffix("\nfn main() {}\n").expect("it ends with what a file needs");
    let shown = readme.find(code).expect("the code is shown");
    assert!(readme[shown..].contains(error.trim()), "this is not shown below the code:\n{error}");
}
