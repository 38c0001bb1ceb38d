//! The README speaks of what exists, and its copy in the package of nothing outside of that.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// What the registry reaches by another way.
const DOCUMENTED: [(&str, &str); 2] = [
    ("runtime/jobs", "https://docs.rs/with-after-jobs"),
    ("runtime/src/guide/mod.rs", "https://docs.rs/with-after/latest/with_after/guide/"),
];

#[test]
fn every_link_into_the_repository_leads_somewhere() {
    let readme = read("README.md");
    let relative: Vec<_> = targets(&readme).filter(|target| is_relative(target)).collect();
    let broken: Vec<_> = relative.iter().filter(|target| !root(target).exists()).collect();
    assert!(relative.len() > 20, "only {} links were found", relative.len());
    assert!(broken.is_empty(), "these lead nowhere: {broken:?}");
}

#[test]
fn the_package_has_the_readme_as_it_is_for_the_registry() {
    let expected = for_the_registry(&read("README.md"));
    if env::var_os("BLESS").is_some() {
        fs::write(root("runtime/README.md"), &expected).expect("the folder is writable");
    }
    let same = read("runtime/README.md") == expected;
    assert!(same, "`BLESS=1 cargo test -p with-after-tests --test it readme` writes it anew");
}

#[test]
fn the_printed_compile_error_is_that_of_the_code_above_it() {
    let (readme, source) = (read("README.md"), read("ui-tests/fail/readme.rs"));
    // Held by the tests of what the compiler says.
    let error = read("ui-tests/fail/readme.stderr").replace("fail/readme.rs", "src/main.rs");
    let code = source.strip_suffix("\nfn main() {}\n").expect("it ends with what a file needs");
    let shown = readme.find(code).expect("the code is shown");
    assert!(readme[shown..].contains(error.trim()), "this is not shown below the code:\n{error}");
}

#[test]
fn no_package_links_to_what_it_lacks() {
    for readme in ["runtime/README.md", "runtime/jobs/README.md", "macros/README.md"] {
        let text = read(readme);
        let broken: Vec<_> = targets(&text).filter(|target| is_relative(target)).collect();
        assert!(
            broken.is_empty(),
            "{readme}: on the registry's page these lead nowhere: {broken:?}"
        );
    }
}

#[test]
fn the_registry_has_its_own_words_and_no_way_into_the_repository() {
    let readme = "\
        <!-- repository -->\n`cargo run` in this directory.\n<!-- /repository -->\n\
        <!-- registry\n`cargo add with-after`\n-->\n\
        See [the guide](guide/mod.rs), [River](https://riverqueue.com) and [costs](#costs).\n\
        ![A picture](picture.svg)\n\n\
        | what | how | tests |\n|---|---|---|\n| a | `b` | [c](c.rs), [d](d.rs) |\n";
    let expected = "\
        `cargo add with-after`\n\
        See the guide, [River](https://riverqueue.com) and [costs](#costs).\n\n\
        | what | how |\n|---|---|\n| a | `b` |\n";
    assert_eq!(for_the_registry(readme), expected);
}

/// Leaves out what only the repository has: parts that are marked so, the columns of tests,
/// pictures, and where links lead. Takes in what is marked as the registry's own.
fn for_the_registry(readme: &str) -> String {
    let mut own = String::new();
    let (mut is_left_out, mut is_table_of_tests, mut was_empty) = (false, false, true);
    for line in readme.lines() {
        match line {
            "<!-- repository -->" => is_left_out = true,
            "<!-- /repository -->" => is_left_out = false,
            "<!-- registry" | "-->" => {}
            _ if is_left_out || is_picture(line) => {}
            "" if was_empty => {}
            _ => {
                let is_row = line.starts_with('|');
                is_table_of_tests = is_row && (is_table_of_tests || line.ends_with("| tests |"));
                let line = if is_table_of_tests { without_last_column(line) } else { line.into() };
                own.push_str(&without_relative_links(&line));
                own.push('\n');
                was_empty = line.is_empty();
            }
        }
    }
    own
}

fn is_picture(line: &str) -> bool {
    line.starts_with("![") && targets(line).any(is_relative)
}

fn without_last_column(row: &str) -> String {
    let (rest, _) = row.trim_end_matches('|').rsplit_once('|').expect("a row has columns");
    format!("{rest}|")
}

fn without_relative_links(line: &str) -> String {
    let mut own = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once("](") {
        let (target, after) = behind.split_once(')').expect("a link ends on its line");
        let documented =
            DOCUMENTED.iter().find_map(|(file, docs)| (*file == target).then_some(*docs));
        match before.rsplit_once('[') {
            Some((before, name)) if documented.is_none() && is_relative(target) => {
                own.extend([before, name]);
            }
            _ => own.extend([before, "](", documented.unwrap_or(target), ")"]),
        }
        rest = after;
    }
    own + rest
}

/// Returns where the links of `text` lead.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

fn is_relative(target: &str) -> bool {
    !target.contains("://") && !target.starts_with('#')
}

fn read(file: &str) -> String {
    fs::read_to_string(root(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn root(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)
}
