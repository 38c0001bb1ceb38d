//! Tests of the whole expansion of `#[job]`.

use proc_macro2::TokenStream;

use crate::pipeline;

#[test]
fn a_request_api_anywhere_in_a_job_is_refused() {
    let table: &[(&str, &[&str])] = &[
        ("cookies().await.get(\"a\");", &["cookies()"]),
        ("let agent = headers().await; send(agent)", &["headers()"]),
        ("connection().await", &["connection()"]),
        (
            "let _ = try_cookies(); let _ = with_after::try_headers();",
            &["try_cookies()", "with_after::try_headers()"],
        ),
        ("after(async { cookies().await; })", &["cookies()"]),
        ("let later = || headers(); later().await;", &["headers()"]),
        ("fn helper() { let _ = try_headers(); }", &["try_headers()"]),
        ("println!(\"{:?}\", outcome())", &["outcome()"]),
        ("if outcome().is_some() {}", &["outcome()"]),
        ("read(cookies).await", &["cookies"]),
        ("use with_after::cookies as jar; jar().await", &["jar()"]),
        ("cookies().await.set(cookie)", &["cookies()"]),
        ("request.headers(); let outcome = pay().await; log(outcome)", &[]),
        ("other::cookies().await", &[]),
        ("self::headers()", &[]),
        ("let headers = map(); send(headers)", &[]),
    ];
    for (body, expected) in table {
        let found = errors(&format!("async fn send(order: i64) {{ {body} }}"));
        let uses: Vec<_> = found.iter().filter_map(|error| error.split('`').nth(1)).collect();
        assert_eq!(uses, *expected, "{body}");
    }
}

#[test]
fn an_outcome_in_a_task_of_another_kind_is_allowed() {
    let item = tokens("async fn page() { after(|| { outcome(); }); }");
    for kind in ["component", "metadata", "route", "server_fn", "middleware"] {
        let expansion = pipeline::with_after(tokens(kind), &item).to_string();
        assert!(!expansion.contains("compile_error"), "{kind}: {expansion}");
    }
}

#[test]
fn a_function_that_cannot_be_a_job_is_refused_and_survives() {
    let table = [
        ("fn send() {}", "a job is an `async fn`"),
        ("async fn send<T>(what: T) {}", "a job cannot be generic"),
        ("async fn send(what: impl Serialize) {}", "name the type of the argument"),
        ("async fn send(&self) {}", "a job is a free function"),
        ("async fn send(mail: &str) {}", "take `String`"),
        ("async fn send(mails: &[Mail]) {}", "take `Vec<..>`"),
        ("async fn send(mailer: &mut Mailer) {}", "take `&` and not `&mut`"),
        ("async fn send(context: WorkContext) {}", "take `&WorkContext`"),
        ("async fn send(row: riverqueue::JobRow) {}", "take `&JobRow`"),
        ("async fn s() {}", "River takes no job of the name `s`"),
        ("async fn größe() {}", "River takes no job of the name `größe`"),
        ("async fn send((a, b): (i64, i64)) {}", "has a plain name"),
    ];
    for (item, message) in table {
        let found = errors(item);
        assert_eq!(found.len(), 1, "{item}: {found:?}");
        assert!(found[0].contains(message), "{item}: {found:?}");
        assert!(expand("", item).starts_with(&tokens(item).to_string()), "{item}");
    }
}

#[test]
fn all_mistakes_in_the_arguments_are_told_at_once() {
    let expansion = expand(
        "max_attempts = 0, nam = \"x\", max_duration, name = 3, insert_opts = 7",
        "async fn ab() {}",
    );
    for message in [
        "`1` to `32767`",
        "did you mean `name = ..`?",
        "needs a value",
        "expected a name",
        "expected the path of a function",
    ] {
        assert!(expansion.contains(message), "{message}: {expansion}");
    }
}

#[test]
fn a_name_is_one_that_river_takes() {
    for (name, expected) in
        [("a b", false), ("-ab", false), ("", false), ("mail:send.v2", true), ("7", false)]
    {
        let expansion = expand(&format!("name = \"{name}\""), "async fn s() {}");
        assert_eq!(!expansion.contains("compile_error"), expected, "{name}: {expansion}");
    }
}

#[test]
fn a_half_typed_body_survives() {
    let expansion = expand("", "async fn send(order: i64) { let x = order. }");
    assert!(
        expansion.contains("enum send") && expansion.contains("let x = order ."),
        "{expansion}"
    );
}

/// The messages of an expansion.
fn errors(item: &str) -> Vec<String> {
    let expansion = expand("", item).replace("\\\"", "\"");
    let messages = expansion.split("compile_error").skip(1);
    messages.map(|message| message.split('"').nth(1).unwrap_or_default().to_owned()).collect()
}

fn expand(args: &str, item: &str) -> String {
    pipeline::job(tokens(args), &tokens(item)).to_string()
}

fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap_or_else(|error| panic!("{error}: {source}"))
}
