//! The picture of the guide and the README is drawn from its text.

use std::{env, fmt::Write as _, fs, path::Path};

#[test]
fn the_picture_shows_its_text() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src/guide");
    let text = fs::read_to_string(folder.join("request.txt")).expect("it is readable");
    let drawn = draw(&text);
    let file = folder.join("request.svg");
    if env::var_os("BLESS").is_some() {
        fs::write(&file, &drawn).expect("the folder is writable");
    }
    let same = fs::read_to_string(file).is_ok_and(|picture| picture == drawn);
    assert!(same, "`BLESS=1 cargo test -p with-after-tests --test it picture` draws it anew");
    assert!(!drawn.contains("\n\n"), "rustdoc takes it for one block of HTML");
}

/// The size of a line of text, with what is around it.
const LINE: u32 = 30;
const WIDTH: u32 = 720;
/// Where time begins.
const LEFT: u32 = 110;
/// How wide a unit of time is.
const UNIT: u32 = 40;

/// Draws `layer`s in one another, and below them `row`s of time with their `bar`s and `mark`s.
fn draw(text: &str) -> String {
    let lines: Vec<_> =
        text.lines().filter_map(|line| line.split_once(": ").or(line.split_once(':'))).collect();
    let layers: Vec<_> = of("layer", &lines).collect();
    let count = u32::try_from(layers.len()).expect("there are few");
    let mut svg = String::new();
    for (depth, layer) in (0..).zip(&layers) {
        let (inset, height) = (10 + depth * 14, LINE * (count - depth) + (count - depth) * 8);
        let y = 10 + depth * LINE;
        rect(
            &mut svg,
            (inset, y, WIDTH - 2 * inset, height),
            LAYERS[depth as usize % LAYERS.len()],
        );
        label(&mut svg, (inset + 10, y + 20), "start", layer);
    }
    let mut y = 10 + count * (LINE + 8) + 40;
    let (top, mut marks) = (y - 14, Vec::new());
    for (what, said) in lines {
        match what {
            "row" => {
                label(&mut svg, (LEFT - 14, y + 19), "end", said);
                y += LINE;
            }
            "bar" => {
                let (from, said) = number(said);
                let (to, said) = number(said);
                let x = LEFT + from * UNIT;
                rect(&mut svg, (x, y - LINE + 3, (to - from) * UNIT, LINE - 6), BAR);
                label(&mut svg, (x + 8, y - LINE + 19), "start", said);
            }
            "mark" => marks.push(number(said)),
            _ => {}
        }
    }
    for (at, said) in marks {
        let x = LEFT + at * UNIT;
        let line = format!("x1=\"{x}\" x2=\"{x}\" y1=\"{top}\" y2=\"{y}\"");
        writeln!(svg, "<line {line} stroke=\"#b3261e\" stroke-dasharray=\"4 3\"/>")
            .expect("it is text");
        label(&mut svg, (x, top - 6), "middle", said);
    }
    let height = y + 12;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" font-family=\"sans-serif\" font-size=\"14\" role=\"img\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n{svg}</svg>\n"
    )
}

const LAYERS: [&str; 3] = ["#e8eef7", "#d3e0f2", "#b9cfea"];
const BAR: &str = "#cfe8cf";

fn of<'a>(kind: &'static str, lines: &[(&'a str, &'a str)]) -> impl Iterator<Item = &'a str> {
    lines.iter().filter(move |(what, _)| *what == kind).map(|(_, said)| *said)
}

/// Reads the number at the beginning.
fn number(text: &str) -> (u32, &str) {
    let (number, rest) = text.split_once(' ').unwrap_or((text, ""));
    (number.parse().expect("time is a number"), rest)
}

fn rect(svg: &mut String, (x, y, width, height): (u32, u32, u32, u32), fill: &str) {
    let size = format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
    writeln!(svg, "<rect {size} rx=\"4\" fill=\"{fill}\" stroke=\"#4a5a70\"/>")
        .expect("it is text");
}

fn label(svg: &mut String, (x, y): (u32, u32), anchor: &str, text: &str) {
    if !text.is_empty() {
        let place = format!("x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\"");
        writeln!(svg, "<text {place} fill=\"#1b1f24\">{text}</text>").expect("it is text");
    }
}
