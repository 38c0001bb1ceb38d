//! What is right, and what only looks wrong.

use super::{assert_accepted, assert_refused, refused_in_item};

fn accepts(bodies: &[&str]) {
    for kind in ["component", "metadata", "route", "server_fn", "middleware"] {
        assert_accepted(kind, bodies);
    }
}

#[test]
fn values_read_before_and_arguments_evaluated_at_the_call() {
    accepts(&[
        "let cookies = cookies().await; after(async move { cookies.get(\"x\"); });",
        "let agent = headers().await.get(UA); after(move || log(agent));",
        "after(save(cookies().await));",
        "after(save(try_cookies().unwrap(), headers().await.len()));",
        "after({ let c = cookies().await; async move { c.get(\"x\"); } });",
        "after(job(async { cookies().await }.await));",
        "after(agent.unwrap_or_else(|| try_headers().len()));",
        "after(save(list.iter().map(|_| try_cookies()).collect()));",
        "task(try_headers().name()).schedule(async {});",
        "connection().await; after(async {});",
        "let pending = cookies(); after(async { pending.await.get(\"x\"); });",
        "after(save(cookies())); after(retry(cookies));",
        "let pair = tokio::join!(cookies(), headers()); after(async move { pair.0.get(\"x\"); });",
        "let (c, h) = (cookies().await, headers().await); after(async move { c.get(h) });",
    ]);
}

#[test]
fn other_things_of_that_name() {
    accepts(&[
        "after(async move { request.headers(); self.cookies(); });",
        "after(async { Self::cookies(); other::headers().await; crate::mine::cookies(); });",
        "after(async { <T as Jar>::cookies(); self::headers(); });",
        "after(async { headers(&request); cookies(1, 2); });",
        "after(async { x.cookies; Page { cookies: 1, headers: 2 }; });",
        "after(async { \"cookies()\"; println!(\"cookies() {}\", x); });",
        "after(async { json!({ \"headers\": request.headers() }) });",
        "after(async { matches!(x, Some(headers)); info!(headers, cookies = 1); });",
        "after(async { stringify!(cookies()); });",
        "other::after(async { cookies().await; });",
        "self.after(async { cookies().await; });",
        "queue.schedule(async { cookies().await; });",
        "other::task(\"x\").schedule(async { cookies().await; });",
        "use other::after; after(async { cookies().await; });",
        "use other::{cookies, x::y as headers}; after(async { cookies().await; headers(); });",
        "fn after<T>(_: T) {} after(async { cookies().await; });",
        "mod with_after {} use self::with_after; after(async { with_after::cookies(); });",
        "let task = queue(); task.schedule(async { cookies().await; });",
        "let after = |_| (); after(async { cookies().await; });",
    ]);
}

#[test]
fn names_that_shadow() {
    accepts(&[
        "let cookies = || 1; after(move || { cookies(); });",
        "let headers = 1; after(async move { my_macro!(headers); println!(\"{}\", headers()); });",
        "fn cookies() {} after(|| cookies());",
        "after(|| cookies()); fn cookies() {}",
        "after(async { let cookies = mine; cookies(); });",
        "after(async { fn headers() {} headers(); });",
        "after(async { use mine::cookies; cookies(); });",
        "after(async { static headers: fn() = x; headers(); });",
        "after(async { for cookies in all { cookies(); } });",
        "after(async { if let Some(cookies) = x && y { cookies(); } });",
        "after(async { while let Some(cookies) = x { cookies(); } });",
        "after(async { match x { Some(cookies) | Other { cookies } if cookies() => cookies(), _ => () } });",
        "after(async { let Some(cookies) = x else { return }; cookies(); });",
        "after(async { list.map(|cookies| cookies()).map(|(_, [headers, ..])| headers()) });",
        "after(async { let x @ Some(ref headers) = y; headers(); });",
        "after(|| { tokio::select! { cookies = jar() => cookies(), } });",
        "after(|| { tokio::select! { Some(cookies) = jar(), if x => { cookies() } } });",
        "after(|| { my_dsl!(for cookies in x => cookies()) });",
    ]);
}

#[test]
fn parameters_shadow_too() {
    let item = "fn page(cookies: Jar, Extension(headers): Extension<H>) -> Html { after(|| (cookies(), headers())); }";
    assert!(refused_in_item("component", item).is_empty());
}

#[test]
fn shadowing_ends_with_its_block() {
    assert_refused(
        "component",
        &[
            ("{ let cookies = 1; } after(|| cookies());", &["cookies()"]),
            ("after(|| cookies()); let cookies = 1;", &["cookies()"]),
            ("let cookies = 1; { use with_after::cookies; after(|| cookies()); }", &["cookies()"]),
            ("{ fn headers() {} } after(|| headers());", &["headers()"]),
            (
                "if let Some(headers) = x { headers(); } else { after(|| headers()); }",
                &["headers()"],
            ),
            ("let Some(headers) = x else { after(|| headers()); return };", &["headers()"]),
            ("match x { Some(headers) => (), _ => after(|| headers()) }", &["headers()"]),
            ("for headers in headers() {} after(|| headers());", &["headers()"]),
            ("list.map(|headers| headers()); after(|| headers());", &["headers()"]),
            ("let headers = after(|| headers());", &["headers()"]),
        ],
    );
}

#[test]
fn closures_that_are_not_handed_over() {
    accepts(&[
        "let read = || try_cookies(); read(); after(async {});",
        "let jobs = list.map(async |_| cookies().await); after(async {});",
        "let job = async { cookies().await; }; job.await; after(async {});",
        "async fn read() { cookies().await; } read().await; after(async {});",
        "let read = || try_cookies(); let c = read(); after(async move { c.get() });",
        "let mut job = async { cookies().await; }; job = other(); after(job);",
        "spawn(async { cookies().await; }); after(async {});",
        "#[with_after(route)] async fn inner() { after(async { cookies().await; }); } after(async {});",
    ]);
}

#[test]
fn half_typed_bodies_are_left_to_the_compiler() {
    accepts(&[
        "after(async { cookies().await; }); x.",
        "after(async { cookies().await; }); let",
        "after(async { coo cookies( ) });",
    ]);
}

#[test]
fn the_value_of_work_that_has_run() {
    accepts(&[
        "let (n, m) = tokio::join!(async { cookies().await.len() }, f()); after(async move { log(n, m) });",
        "let n = tokio::select! { n = async { cookies().await.len() } => n, _ = f() => 0 }; after(async move { log(n) });",
        "let (n, _) = tokio::try_join!(async { Ok(headers().await.len()) }, f())?; after(move || log(n));",
        "let n = block_on(async { cookies().await.len() }); after(async move { println!(\"{n}\") });",
        "let n = futures::executor::block_on(async { cookies().await.len() }); after(save(n));",
        "let n = runtime.block_on(async { cookies().await.len() }); after(save(n, n));",
        "let n = async { 1 + headers().await.len() }.now_or_never(); after(async move { log(n) });",
        "let n = with(|| try_cookies().len()); after(async move { log(n) }); after(save(n));",
        "let n = helper(async { cookies().await.len() }); after(async move { log(n); println!(\"{n}\") });",
        "let n = helper(async { cookies().await.len() }); after(save(n)); after(save(&n, 1));",
        "let n = measure(async || cookies().await.len()).await; after(async move { log(n) });",
        "let n = timeout(limit, async { cookies().await.len() }).await?; after(async move { n.log() });",
        "let c = async { cookies().await }.await; after(async move { c.get(\"x\") });",
        "let job = tokio::spawn(scope.run(async { cookies().await.len() })); after(job);",
        "let job = set.spawn(async { cookies().await.len() }); after(async move { job.await });",
        "let read = || try_headers(); let n = list.iter().map(read).count(); after(async move { log(n) });",
        "let names = cookies().map(|jar| jar.names()).await; after(async move { names.remove(0); });",
        "let mut names = cookies().await.names(); after(async move { names.remove(0); names.set(1) });",
        "let mut names = try_cookies().map(|jar| jar.names()).unwrap_or_default(); after(move || names.remove(0));",
        "let mut names = async { names(&cookies().await) }.await; after(async move { names.remove(0) });",
        "let (jar, _) = tokio::join!(cookies(), f()); after(async move { jar.get(\"x\") });",
    ]);
}

#[test]
fn writes_that_were_done_before_the_task() {
    for kind in ["route", "server_fn", "middleware"] {
        assert_accepted(
            kind,
            &[
                "let (n, _) = tokio::join!(async { cookies().await.set(c) }, f()); after(async move { log(n) });",
                "let n = block_on(async { cookies().await.set(c) }); after(async move { log(n) });",
                "let n = with(|| try_cookies()?.set(c)); after(async move { log(n) });",
                "let n = async { cookies().await.set(c) }.await; after(async move { log(n) });",
            ],
        );
    }
}

#[test]
fn data_beside_work() {
    accepts(&[
        "let (name, job) = (x, async { cookies().await }); after(async move { log(name) }); job.await;",
        "let pair = (x, || try_cookies()); after(async move { log(pair.0) });",
        "let page = Page { title, read: || try_headers() }; after(async move { page.title });",
        "let Page { title, read } = Page { title, read: || try_headers() }; after(async move { log(title()) });",
        "let page = Page { title, ..Page { read: || try_headers(), title: y } }; after(async move { page.title() });",
        "let (.., job, name) = (1, 2, async { cookies().await }, x); after(name); job.await;",
        "let name; let job; (name, job) = (x, async { cookies().await }); after(name); job.await;",
        "let page = Page(x, || try_cookies()); after(async move { page.0.log() });",
        "let mut page = Page { title, read: x }; page.read = || try_headers(); after(async move { page.title });",
    ]);
}

#[test]
fn functions_and_modules_of_the_users_own() {
    accepts(&[
        "after(3, async { cookies().await; });",
        "after(Duration::ZERO, || try_headers());",
        "try_after(); after();",
        "task(\"x\", 2).schedule(async { cookies().await; });",
        "mod with_after { pub fn cookies() {} } after(async { with_after::cookies(); });",
        "after(async { with_after::cookies(); }); mod with_after { pub fn cookies() {} }",
        "mod jars { pub fn cookies() {} } use jars::cookies; after(async { cookies(); });",
        "use with_after::with_after as mark; #[mark(route)] async fn inner() { after(async { cookies().await; }); } after(async {});",
        "#[mark(route)] async fn inner() { after(async { cookies().await; }); } inner().await;",
        "use a::cookies as b; use b as c; after(async { c(); });",
        "use a as b; use b as a; after(async { a::cookies(); a(); });",
        "fn after<T>(_: T) {} fn inner() { after(|| try_cookies()) }",
        "let job = 1; fn inner(cookies: fn()) { after(move || cookies()); } inner();",
    ]);
}
