//! Request APIs in the tasks of components.

use super::{assert_accepted, assert_refused};

pub(super) fn refuses(table: &[(&str, &[&str])]) {
    assert_refused("component", table);
    assert_refused("metadata", table);
    for kind in ["route", "server_fn", "middleware"] {
        let bodies: Vec<&str> = table.iter().map(|(body, _)| *body).collect();
        assert_accepted(kind, &bodies);
    }
}

#[test]
fn every_api_in_every_form_of_task() {
    refuses(&[
        ("after(async { cookies().await; });", &["cookies()"]),
        ("after(async move { headers().await });", &["headers()"]),
        ("after(async { connection().await });", &["connection()"]),
        ("after(|| { try_cookies(); });", &["try_cookies()"]),
        ("after(move || try_headers());", &["try_headers()"]),
        ("after(async || { cookies().await; });", &["cookies()"]),
        ("after(|| async { cookies().await; });", &["cookies()"]),
        ("after(move || { log(); async move { headers().await; } });", &["headers()"]),
        ("after(async { (cookies().await, headers().await) });", &["cookies()", "headers()"]),
        ("after(async { spawn(async { cookies().await }) });", &["cookies()"]),
        ("after(async { list.map(|_| try_headers()) });", &["try_headers()"]),
        ("after(async { (cookies)().await });", &["(cookies)()"]),
    ]);
}

#[test]
fn all_mistakes_at_once_and_each_once() {
    refuses(&[
        (
            "after(async { cookies().await; headers().await; }); after(|| try_headers());",
            &["cookies()", "headers()", "try_headers()"],
        ),
        (
            "let job = async { cookies().await; }.shared(); after(job.clone()); after(job);",
            &["cookies()"],
        ),
    ]);
}

#[test]
fn paths_and_aliases() {
    refuses(&[
        ("after(async { with_after::cookies().await });", &["with_after::cookies()"]),
        ("after(async { ::with_after::headers().await });", &["::with_after::headers()"]),
        (
            "after(async { my_framework::after::headers().await });",
            &["my_framework::after::headers()"],
        ),
        ("with_after::after(async { cookies().await });", &["cookies()"]),
        ("::with_after::try_after(async { cookies().await })?;", &["cookies()"]),
        ("use with_after::cookies as jar; after(async { jar().await });", &["jar()"]),
        ("after(async { jar().await }); use with_after::cookies as jar;", &["jar()"]),
        (
            "use with_after::{after as later, headers}; later(async { headers().await });",
            &["headers()"],
        ),
        (
            "use ::with_after::{self as wa}; wa::after(async { wa::cookies().await });",
            &["wa::cookies()"],
        ),
        ("use with_after as wa; use wa::cookies as jar; after(async { jar().await });", &["jar()"]),
        ("use my_framework::after::try_cookies as jar; after(|| jar());", &["jar()"]),
        ("use with_after::try_after as later; later(|| try_headers());", &["try_headers()"]),
        ("use with_after::task as job; job(\"x\").schedule(|| try_headers());", &["try_headers()"]),
        ("{ use with_after::*; after(async { cookies().await }); }", &["cookies()"]),
    ]);
}

#[test]
fn function_values() {
    refuses(&[
        ("after(cookies);", &["cookies"]),
        ("after(with_after::try_headers);", &["with_after::try_headers"]),
        ("let read = headers; after(async move { read().await; });", &["read()"]),
        ("let read = headers; after(read);", &["read"]),
        ("let later = after; later(async { cookies().await; });", &["cookies()"]),
        ("let read = if fast { headers } else { headers }; after(|| read());", &["read()"]),
        ("after(async { run_with(cookies).await });", &["cookies"]),
    ]);
}

#[test]
fn work_that_is_bound_first() {
    refuses(&[
        ("let job = async { headers().await; }; after(job);", &["headers()"]),
        ("let job = || try_cookies(); let other = job; after(other);", &["try_cookies()"]),
        ("let job; job = async { headers().await; }; after(job);", &["headers()"]),
        (
            "let mut job = None; if x { job = Some(async { headers().await }); } after(job);",
            &["headers()"],
        ),
        (
            "let job = if x { async { cookies().await; }.boxed() } else { async {}.boxed() }; after(job);",
            &["cookies()"],
        ),
        (
            "let job = match x { 1 => async { cookies().await }.boxed(), _ => async { headers().await }.boxed() }; after(job);",
            &["cookies()", "headers()"],
        ),
        ("let job = { let y = 1; async move { cookies().await; y } }; after(job);", &["cookies()"]),
        (
            "let job = 'a: { if x { break 'a async { cookies().await }.boxed(); } async {}.boxed() }; after(job);",
            &["cookies()"],
        ),
        ("let (name, job) = (\"x\", async { cookies().await; }); after(job);", &["cookies()"]),
        ("if let Some(job) = Some(async { cookies().await; }) { after(job); }", &["cookies()"]),
        ("for job in [async { cookies().await; }] { after(job); }", &["cookies()"]),
        ("after(Box::pin(async { cookies().await; }));", &["cookies()"]),
        ("after(async { cookies().await; }.instrument(span));", &["cookies()"]),
        (
            "after(tokio::time::timeout(limit, async { cookies().await; }).map(drop));",
            &["cookies()"],
        ),
    ]);
}

#[test]
fn local_functions_and_closures_that_the_task_calls() {
    refuses(&[
        ("let read = || try_cookies(); after(move || { read(); });", &["try_cookies()"]),
        (
            "let read = async || cookies().await; after(async move { read().await; });",
            &["cookies()"],
        ),
        (
            "fn read() -> usize { try_headers().unwrap().len() } after(|| { read(); });",
            &["try_headers()"],
        ),
        ("async fn read() { cookies().await; } after(read());", &["cookies()"]),
        ("async fn read() { cookies().await; } after(read);", &["cookies()"]),
        (
            "after(async { one().await }); async fn one() { two().await } async fn two() { cookies().await; }",
            &["cookies()"],
        ),
        (
            "fn even() { try_headers(); odd() } fn odd() { even() } after(|| odd());",
            &["try_headers()"],
        ),
        ("fn job() -> impl Future { async { cookies().await; } } after(job());", &["cookies()"]),
        (
            "fn job() -> impl Future { return async { cookies().await; }; } after(job());",
            &["cookies()"],
        ),
    ]);
}

#[test]
fn nested_tasks_and_the_builder() {
    refuses(&[
        ("after(async { after(async { cookies().await; }); });", &["cookies()"]),
        ("try_after(|| try_headers()).unwrap();", &["try_headers()"]),
        ("task(\"mail\").schedule(async { cookies().await; });", &["cookies()"]),
        ("task(\"mail\").blocking().unique().try_schedule(|| try_headers())?;", &["try_headers()"]),
        (
            "let mail = task(\"mail\").max_duration(d); mail.schedule(async { headers().await; });",
            &["headers()"],
        ),
        ("with_after::task(\"mail\").schedule(async { cookies().await; });", &["cookies()"]),
    ]);
}

#[test]
fn scheduling_in_any_place() {
    refuses(&[
        ("let go = || after(async { cookies().await; }); go();", &["cookies()"]),
        ("for x in xs { after(async { cookies().await; }); }", &["cookies()"]),
        ("while x() { after(async { cookies().await; }); }", &["cookies()"]),
        ("loop { after(async { cookies().await; }); break; }", &["cookies()"]),
        ("match x { Some(_) if y => after(async { cookies().await; }), _ => () }", &["cookies()"]),
        (
            "let Some(x) = y else { after(async { cookies().await; }); return html(); };",
            &["cookies()"],
        ),
        ("'a: { after(async { cookies().await; }); break 'a; }", &["cookies()"]),
        ("{ { after(async { cookies().await; }); } }", &["cookies()"]),
        ("unsafe { after(async { cookies().await; }); }", &["cookies()"]),
        ("load().await?.each(|_| after(async { cookies().await; })).await?;", &["cookies()"]),
        (
            "if x { after(async { cookies().await; }); } else if y { after(cookies); }",
            &["cookies()", "cookies"],
        ),
        ("fn notify() { after(async { cookies().await; }); } notify();", &["cookies()"]),
        ("spawn(async { after(async { cookies().await; }); });", &["cookies()"]),
        (
            "let r = try_after(async { cookies().await; }).map_err(|e| e.to_string())?;",
            &["cookies()"],
        ),
    ]);
}

#[test]
fn macro_calls() {
    refuses(&[
        ("after(async { println!(\"{:?}\", cookies().await); });", &["cookies()"]),
        (
            "after(async { let x = format!(\"{x} {}\", y, x = headers().await.len()); });",
            &["headers()"],
        ),
        ("after(async { let all = vec![cookies().await, other]; });", &["cookies()"]),
        ("after(async { tokio::join!(cookies(), headers()); });", &["cookies()", "headers()"]),
        (
            "after(async { tokio::select! { c = cookies() => drop(c), _ = sleep(1) => {} } });",
            &["cookies()"],
        ),
        (
            "after(async { tokio::select! { biased; _ = sleep(1), if ready => { headers().await; } else => {} } });",
            &["headers()"],
        ),
        ("after(async { my_dsl! { <p> { cookies().await } </p> } });", &["cookies()"]),
        ("after(async { my_dsl!(let x = cookies().await; x) });", &["cookies()"]),
        ("after(async { my_dsl!(@read with_after::cookies()) });", &["with_after::cookies()"]),
        ("after(async { info!(user = cookies().await.len(), \"seen\"); });", &["cookies()"]),
        ("after(async { info!(%user, ?cookies().await, \"seen\"); });", &["cookies()"]),
        ("tokio::select! { _ = a() => { after(async { cookies().await; }); } }", &["cookies()"]),
        ("my_dsl!(on click => after(async { cookies().await; }));", &["cookies()"]),
        ("my_dsl!(@ after(async { cookies().await; }) @);", &["cookies()"]),
        ("my_dsl!(after(cookies), 1);", &["cookies"]),
        ("let job = wrap!(async { cookies().await; }); after(job);", &["cookies()"]),
    ]);
}
