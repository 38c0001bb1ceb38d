//! Code that is nested deep, or long, is compiled as it is without the attribute: in time, and
//! without running out of the stack.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::tokens;
use crate::pipeline;

/// What `n` levels of a kind look like.
fn nested(before: &str, inner: &str, after: &str, n: usize) -> String {
    format!("{}{inner}{}", before.repeat(n), after.repeat(n))
}

fn shapes(n: usize) -> Vec<(&'static str, String)> {
    let task = "after(async { cookies().await; });";
    let chain = format!("list{};", ".map(|x| try_cookies())".repeat(n));
    let else_ifs = format!("if a {{}}{}", " else if b { try_cookies(); }".repeat(n));
    let rows = |row: &dyn Fn(usize) -> String| (0..n).map(row).collect::<Vec<_>>().concat();
    let calls = rows(&|i| format!("let a{i} = async {{ cookies().await; }};"));
    let functions = rows(&|i| format!("fn f{i}() {{ f{}(); try_headers(); }}", i + 1));
    vec![
        ("matches", nested("match x { _ => ", task, " }", n)),
        ("ifs", nested("if x { ", task, " }", n)),
        ("blocks", nested("{ ", task, " }", n)),
        ("closures", nested("let f = || { ", task, " };", n)),
        ("functions", nested("fn f() { ", task, " } ", n)),
        ("parentheses", format!("{task} {};", nested("(", "x", ")", n))),
        ("calls", format!("{task} {};", nested("f(", "x", ")", n))),
        ("negations", format!("{task} {}x;", "!".repeat(n))),
        ("references", format!("{task} {}x;", "& ".repeat(n))),
        ("closures in a row", format!("{task} {} x;", "|x| ".repeat(n))),
        ("chain", format!("{task} {chain}")),
        ("fields", format!("{task} x{};", ".y".repeat(n))),
        ("sum", format!("{task} x{};", " + y".repeat(n))),
        ("assignments", format!("{task} {}y;", "x = ".repeat(n))),
        ("casts", format!("{task} x{};", " as u8".repeat(n))),
        ("questions", format!("{task} x{};", "?".repeat(n))),
        ("else ifs", format!("{task} {else_ifs}")),
        ("statements", format!("{task} {calls}")),
        ("functions in a row", format!("{task} {functions}")),
        ("types", format!("{task} let x: {} = y;", nested("Vec<", "u8", ">", n))),
        ("patterns", format!("{task} let {} = y;", nested("Some(", "x", ")", n))),
        ("in a macro", format!("html! {{ {} }}", nested("<p> { ", task, " } </p>", n))),
    ]
}

#[test]
fn deep_code_does_not_exhaust_the_stack() {
    for n in [8, 30, 60, 100, 250, 400, 1_000, 3_000] {
        for (shape, body) in shapes(n) {
            for head in ["async fn page()", "fn page()"] {
                let item = format!("{head} -> Html {{ {body} }}");
                in_small_thread(&format!("{n} {shape}"), item);
            }
        }
    }
}

#[test]
fn the_time_grows_no_faster_than_the_code() {
    for (shape, body) in shapes(18).into_iter().chain(shapes(3_000)) {
        let item = format!("async fn page() -> Html {{ {body} }}");
        let began = Instant::now();
        in_small_thread(shape, item);
        // Far more than is needed; what is exponential, or quadratic, takes longer by far.
        assert!(began.elapsed() < Duration::from_secs(20), "{shape}: {:?}", began.elapsed());
    }
}

/// Expands with half of the stack that the compiler's own thread has.
fn in_small_thread(name: &str, item: String) {
    let small = thread::Builder::new().stack_size(4 << 20).name(name.to_owned());
    let run = small
        .spawn(move || pipeline::with_after(tokens("component"), &tokens(&item)).to_string().len());
    assert!(run.expect("starts").join().expect("does not panic") > 0, "{name}");
}
