//! One diagnostic of the compiler.

use serde_json::Value;

/// As far as two are compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Diagnostic(String);

impl Diagnostic {
    /// `None` for the summary at the end.
    pub(crate) fn read(message: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let places: Vec<String> = list(&message["spans"])
            .iter()
            .filter(|span| span["is_primary"] == true)
            .map(|span| {
                let at = |end| {
                    format!("{}:{}", span[format!("line_{end}")], span[format!("column_{end}")])
                };
                format!("{}-{}", at("start"), at("end"))
            })
            .collect();
        if places.is_empty() {
            return None;
        }
        let helps = list(&message["children"]).into_iter().filter(|child| child["level"] == "help");
        let helps = helps.map(|help| {
            let insertions = list(&help["spans"]).into_iter().filter_map(|span| {
                let replacement = span["suggested_replacement"].as_str()?.to_owned();
                Some(format!(" {}:{} `{replacement}`", span["line_start"], span["column_start"]))
            });
            format!("\n      help: {}{}", text(&help["message"]), insertions.collect::<String>())
        });
        let whole = format!(
            "{}[{}] {}: {}{}",
            text(&message["level"]),
            text(&message["code"]["code"]),
            places.join(" "),
            text(&message["message"]),
            helps.collect::<String>(),
        );
        // The two stand in folders of their own.
        Some(Self(
            whole.replace("examples/plain/", "examples/").replace("examples/with/", "examples/"),
        ))
    }
}

/// What only one of them says, a line each; empty where they say the same.
pub(crate) fn difference(plain: &[Diagnostic], with: &[Diagnostic]) -> String {
    let only = |mark: &str, these: &[Diagnostic], others: &[Diagnostic]| {
        let mut others = others.to_vec();
        let mut lines = String::new();
        for one in these {
            match others.iter().position(|other| other == one) {
                Some(same) => drop(others.swap_remove(same)),
                None => lines.extend(["    ", mark, " ", &one.0, "\n"]),
            }
        }
        lines
    };
    only("-", plain, with) + &only("+", with, plain)
}
