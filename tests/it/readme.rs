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
