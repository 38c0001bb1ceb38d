//! Modules use only what stands below them: holds the module tables of `CONTRIBUTING.md`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

#[test]
fn modules_use_only_the_rows_below_their_own() {
    let folders = ["runtime/src", "runtime/jobs/src", "macros/src"];
    let modules = folders.into_iter().flat_map(|folder| mistakes(folder, "crate::"));
    // The core in its turn: its files name one another by `super::`.
    let mistakes: Vec<_> = modules.chain(mistakes("runtime/src/scope", "super::")).collect();
    assert!(mistakes.is_empty(), "see the tables in CONTRIBUTING.md:\n{}", mistakes.join("\n"));
}

#[test]
fn the_way_of_a_page_has_no_way_back() {
    let folder = "runtime/src/prerender";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let rows = rows(&root, folder);
    let exported = exported(&root.join(folder));
    let mut mistakes = Vec::new();
    for path in sources(&root.join(folder)) {
        let file = path.strip_prefix(&root).expect("it was found below the root");
        let inner = file.strip_prefix(folder).expect("it was found in the folder");
        let module = top_module(inner);
        // The folder's own file names what others use.
        if module == "mod" {
            continue;
        }
        let Some(row) = rows.get(&module) else {
            mistakes.push(format!("{}: `{module}` stands in no row", file.display()));
            continue;
        };
        let text = fs::read_to_string(&path).expect("sources are readable");
        // Outside of folders, and in their first files, what is above is the whole.
        let is_first = inner.iter().count() == 1 || inner.ends_with("mod.rs");
        let above = is_first.then(|| paths(&text, "super::")).into_iter().flatten();
        for (line, used) in paths(&text, "prerender::").chain(above) {
            let used = exported.get(&used).unwrap_or(&used);
            let allowed = *used == module || rows.get(used).is_some_and(|below| below > row);
            if !allowed {
                let file = file.display();
                mistakes.push(format!("{file}:{line}: `{module}` must not use `{used}`"));
            }
        }
    }
    assert!(mistakes.is_empty(), "see the tables in CONTRIBUTING.md:\n{}", mistakes.join("\n"));
}

/// Reads which module each public name of the folder is of.
fn exported(folder: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder.join("mod.rs")).expect("sources are readable");
    let (_, names) = text.split_once("pub use self::{").expect("it has public names");
    let mut exported = BTreeMap::new();
    for (at, module) in names_in(names) {
        let (_, behind) = names[at..].split_once("::").expect("it names a module");
        match behind.strip_prefix('{') {
            Some(group) => {
                let own = names_in(group).map(|(_, name)| (name, module.clone()));
                exported.extend(own);
            }
            None => {
                exported.insert(name_at(behind), module);
            }
        }
    }
    exported
}

#[test]
fn paths_are_found_in_groups_and_on_their_lines() {
    let text = "use crate::{\n    api::{self, run},\n    scope::Inner,\n};\n\
                // crate::comment\nfn f() { crate::work::go(\"crate::text\") }\n\
                pub(crate) use crate::phase;\n$crate::outside();\n#[cfg(test)]\nuse crate::tests;";
    let found: Vec<_> = paths(text, "crate::").collect();
    let expected = [(2, "api"), (3, "scope"), (6, "work"), (7, "phase")];
    assert_eq!(found, expected.map(|(line, name)| (line, name.to_owned())));
}

/// Returns the paths behind `prefix` that lead up in the folder's table.
fn mistakes(folder: &str, prefix: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let rows = rows(&root, folder);
    let mut seen = BTreeSet::new();
    let mut mistakes = Vec::new();
    for path in sources(&root.join(folder)) {
        let file = path.strip_prefix(&root).expect("it was found below the root");
        let module = top_module(file.strip_prefix(folder).expect("it was found in the folder"));
        if module == "mod" {
            continue;
        }
        let Some(row) = rows.get(&module) else {
            mistakes.push(format!("{}: `{module}` stands in no row", file.display()));
            continue;
        };
        let text = fs::read_to_string(&path).expect("sources are readable");
        for (line, used) in paths(&text, prefix) {
            let allowed = used == module || rows.get(&used).is_some_and(|below| below > row);
            if !allowed {
                let file = file.display();
                mistakes.push(format!("{file}:{line}: `{module}` must not use `{used}`"));
            }
        }
        seen.insert(module);
    }
    let gone = rows.keys().filter(|module| !seen.contains(*module));
    mistakes.extend(gone.map(|module| format!("{folder}: there is no module `{module}`")));
    mistakes
}

/// Reads in which row of the folder's table each module stands; the first row is the top.
fn rows(root: &Path, folder: &str) -> BTreeMap<String, usize> {
    let guide = fs::read_to_string(root.join("CONTRIBUTING.md")).expect("the guide is readable");
    let heading = format!("### `{folder}`");
    let section = guide.lines().skip_while(|line| *line != heading).skip(1);
    let table = section.take_while(|line| !line.starts_with('#'));
    let rows = table.filter(|line| line.starts_with("| `"));
    rows.enumerate()
        .flat_map(|(row, line)| {
            let modules = line.split('|').nth(1).unwrap_or_default().split(',');
            modules.map(move |module| (module.trim().trim_matches('`').to_owned(), row))
        })
        .collect()
}

/// Returns the source files in a folder, without those that hold only tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let paths = entries.map(|entry| entry.expect("its entries are readable").path());
    let own = paths.filter(|path| !matches!(file_stem(path), "tests" | "models"));
    own.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// Returns the module at the crate's root to which a file belongs.
fn top_module(file: &Path) -> String {
    let first = file.iter().next().expect("a file has a name");
    file_stem(Path::new(first)).to_owned()
}

fn file_stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("names are UTF-8")
}

/// Returns what the code names behind `prefix`, with the number of its line.
///
/// It knows as much of Rust as these sources need: line comments, simple strings, groups, and that
/// tests come last.
fn paths(text: &str, prefix: &str) -> impl Iterator<Item = (usize, String)> + use<> {
    let code = text.split_once("#[cfg(test)]\n").map_or(text, |(code, _tests)| code);
    let code: Vec<_> = code.lines().map(without_comment_and_strings).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let path = at + prefix.len();
        if code[..at]
            .ends_with(|before: char| before == '$' || before == '_' || before.is_alphanumeric())
        {
            continue;
        }
        match code[path..].strip_prefix('{') {
            Some(group) => {
                let names = names_in(group).map(|(offset, name)| (path + 1 + offset, name));
                found.extend(names);
            }
            None => found.push((path, name_at(&code[path..]))),
        }
    }
    let line = move |at: usize| code[..at].matches('\n').count() + 1;
    found.into_iter().map(move |(at, name)| (line(at), name))
}

/// Returns the first name of each path in a group, up to the brace that closes it.
fn names_in(group: &str) -> impl Iterator<Item = (usize, String)> {
    let mut depth = 1;
    let mut at_name = true;
    let mut names = Vec::new();
    for (at, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => at_name = true,
            _ if at_name && char.is_alphabetic() => {
                names.push((at, name_at(&group[at..])));
                at_name = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names.into_iter()
}

fn name_at(code: &str) -> String {
    code.chars().take_while(|char| *char == '_' || char.is_alphanumeric()).collect()
}

fn without_comment_and_strings(line: &str) -> String {
    let mut code = String::new();
    for (part, text) in line.split('"').enumerate() {
        let in_string = part % 2 == 1;
        match text.split_once("//") {
            _ if in_string => {}
            None => code.push_str(text),
            Some((before, _comment)) => {
                code.push_str(before);
                break;
            }
        }
    }
    code
}
