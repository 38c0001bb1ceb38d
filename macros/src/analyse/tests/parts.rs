//! Work in parts of values, in what wraps it, and by way of names for names.

use super::refused::refuses;

#[test]
fn work_in_what_merely_wraps_it() {
    refuses(&[
        ("after(Some(|| try_cookies()).unwrap());", &["try_cookies()"]),
        ("let job = Some(async { cookies().await; }); after(job.unwrap());", &["cookies()"]),
        (
            "let mut job = Some(|| try_headers()); if let Some(job) = job.take() { after(job); }",
            &["try_headers()"],
        ),
        ("after(Box::new(|| try_headers()));", &["try_headers()"]),
        ("let read = Arc::new(|| try_headers()); after(move || read());", &["try_headers()"]),
        (
            "let read = Arc::new(|| try_headers()); let r = Arc::clone(&read); after(move || r());",
            &["try_headers()"],
        ),
        ("after(Box::pin(async { cookies().await; }));", &["cookies()"]),
        (
            "let job: Pin<Box<dyn Future>> = Box::pin(async { cookies().await; }); after(job);",
            &["cookies()"],
        ),
        ("let job = std::pin::pin!(async { cookies().await; }); after(job);", &["cookies()"]),
        ("for job in vec![async { cookies().await; }] { after(job); }", &["cookies()"]),
        ("let [one, two] = [async { cookies().await; }, f()]; after(two);", &["cookies()"]),
        (
            "match Ok(async { cookies().await; }) { Ok(job) => after(job), Err(_) => {} }",
            &["cookies()"],
        ),
        ("after(timeout(limit, async { cookies().await; }));", &["cookies()"]),
        (
            "let job = timeout(limit, async { cookies().await; }); after(async move { job.await; });",
            &["cookies()"],
        ),
        ("after(async { spawn(async { cookies().await; }.instrument(span)); });", &["cookies()"]),
    ]);
}

#[test]
fn the_part_that_is_work() {
    refuses(&[
        ("let pair = (1, async { cookies().await; }); after(pair.1);", &["cookies()"]),
        ("let pair = (1, || try_cookies()); after(move || pair.1());", &["try_cookies()"]),
        (
            "let page = Page { title, read: || try_headers() }; after(move || (page.read)());",
            &["try_headers()"],
        ),
        (
            "let Page { title, read } = Page { title, read: || try_headers() }; after(read);",
            &["try_headers()"],
        ),
        ("let Page { title, read: job } = Page { title, read: cookies }; after(job);", &["job"]),
        ("let (name, job) = (x, async { cookies().await }); after(job);", &["cookies()"]),
        (
            "let (.., job, name) = (1, 2, async { cookies().await; }, x); after(job);",
            &["cookies()"],
        ),
        ("let (a, (b, job)) = (1, (2, async { cookies().await; })); after(job);", &["cookies()"]),
        (
            "let (name, job); (name, job) = (x, async { cookies().await; }); after(job);",
            &["cookies()"],
        ),
        (
            "let one; let two; [one, two] = [async { headers().await; }, f()]; after(one);",
            &["headers()"],
        ),
        (
            "let mut page = Page { title, read: x }; page.read = || try_headers(); after(page.read);",
            &["try_headers()"],
        ),
        ("match (1, async { cookies().await; }) { (n, job) => after(job) }", &["cookies()"]),
        ("let Job(job) = Job(async { cookies().await; }); after(job);", &["cookies()"]),
    ]);
}

#[test]
fn closures_that_are_returned() {
    refuses(&[
        (
            "fn read() -> impl Fn() { || try_headers() } after(move || read()());",
            &["try_headers()"],
        ),
        ("let make = || || try_headers(); after(move || { make()(); });", &["try_headers()"]),
        ("let make = || || try_headers(); let read = make(); after(read);", &["try_headers()"]),
        (
            "fn read() -> impl Fn() { return || try_headers(); } let r = read(); after(move || r());",
            &["try_headers()"],
        ),
        (
            "async fn one() { two().await } fn two() -> impl Future { async { cookies().await; } } after(one());",
            &["cookies()"],
        ),
        (
            "fn one() { two()() } fn two() -> impl Fn() { || try_headers() } after(one);",
            &["try_headers()"],
        ),
    ]);
}

#[test]
fn type_arguments_and_fields_without_a_value() {
    refuses(&[
        ("fn read<T>() { try_headers(); } after(|| read::<u8>());", &["try_headers()"]),
        ("after::<_>(async { cookies().await; });", &["cookies()"]),
        ("with_after::after::<_>(async { cookies().await; });", &["cookies()"]),
        ("after(async { with(Read { cookies }).await });", &["cookies"]),
        ("after(run(Read { headers, n: 1 }));", &[]),
    ]);
}

#[test]
fn imports_in_any_order_and_of_each_other() {
    refuses(&[
        ("use wa::cookies as jar; use with_after as wa; after(async { jar().await });", &["jar()"]),
        ("use a as b; use with_after::cookies as a; after(async { b().await });", &["b()"]),
        (
            "use later as soon; use with_after::after as later; soon(async { cookies().await });",
            &["cookies()"],
        ),
        (
            "use c::d as e; use b as c; mod x {} use with_after as b; after(async { c::headers().await });",
            &["c::headers()"],
        ),
        (
            "{ use wa::cookies; after(async { cookies().await }); } use with_after as wa;",
            &["cookies()"],
        ),
        (
            "use with_after as wa; fn f() { use wa::cookies as jar; after(async { jar().await }); }",
            &["jar()"],
        ),
    ]);
}

#[test]
fn functions_of_the_same_body_with_harmless_attributes() {
    refuses(&[
        (
            "#[inline] #[tracing::instrument] fn notify() { after(|| try_headers()); } notify();",
            &["try_headers()"],
        ),
        ("#[mark(route)] async fn inner() { cookies().await; } after(inner());", &["cookies()"]),
    ]);
}
