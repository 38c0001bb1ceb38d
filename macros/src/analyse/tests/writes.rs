//! Cookie writes in tasks.

use super::{assert_accepted, assert_refused};

#[test]
fn writes_are_refused_in_every_kind() {
    for kind in ["route", "server_fn", "middleware"] {
        assert_refused(
            kind,
            &[
                ("after(async { cookies().await.set(c); });", &["cookies().await.set(c)"]),
                ("after(|| try_cookies()?.remove(\"x\"));", &["try_cookies()?.remove(\"x\")"]),
                ("after(async { let jar = cookies().await; jar.set(c)?; });", &["jar.set(c)"]),
                (
                    "after(async { let jar = &cookies().await.clone(); jar.set(c)?; });",
                    &["jar.set(c)"],
                ),
                (
                    "after(async { if let Ok(jar) = try_cookies() { jar.set(c)?; } });",
                    &["jar.set(c)"],
                ),
                ("after(|| try_cookies().unwrap().set(c));", &["try_cookies().unwrap().set(c)"]),
                ("let jar = cookies().await; after(async move { jar.set(c); });", &["jar.set(c)"]),
                (
                    "let read = cookies; after(async move { read().await.set(c); });",
                    &["read().await.set(c)"],
                ),
                (
                    "async fn jar() -> Cookies { cookies().await } after(async { jar().await.set(c); });",
                    &["jar().await.set(c)"],
                ),
                (
                    "after(async { println!(\"{:?}\", cookies().await.set(c)); });",
                    &["cookies().await.set(c)"],
                ),
            ],
        );
    }
}

#[test]
fn in_a_component_the_read_says_it_already() {
    for kind in ["component", "metadata"] {
        assert_refused(
            kind,
            &[
                ("after(async { cookies().await.set(c); });", &["cookies()"]),
                (
                    "after(async { let jar = cookies().await; jar.set(c); jar.remove(\"x\"); });",
                    &["cookies()"],
                ),
                ("let jar = cookies().await; after(async move { jar.set(c); });", &["jar.set(c)"]),
            ],
        );
    }
}

#[test]
fn writes_elsewhere_are_accepted() {
    for kind in ["component", "route", "server_fn", "middleware"] {
        assert_accepted(
            kind,
            &[
                "cookies().await.set(c)?; after(async {});",
                "let jar = cookies().await; jar.set(c); after(async move { jar.get(\"x\"); });",
                "let jar = cookies().await; for cookie in &jar { after(move || cookie.set(c)); }",
                "for cookie in cookies().await.into_iter() { after(move || cookie.set(c)); }",
                "let jar = mine(); cookies().await; after(async move { jar.set(c); });",
                "let page = Page { jar: cookies().await }; after(async move { page.set(c); });",
                "let seen = cookies().await.iter().collect(); after(async move { seen.remove(1); });",
            ],
        );
    }
}

#[test]
fn the_jar_in_a_part_of_a_value() {
    assert_refused(
        "route",
        &[
            (
                "let (jar, _) = tokio::join!(cookies(), f()); after(async move { jar.set(c); });",
                &["jar.set(c)"],
            ),
            (
                "let page = Page { jar: cookies().await, n: 1 }; after(async move { page.jar.set(c); });",
                &["page.jar.set(c)"],
            ),
            (
                "let (n, jar) = (1, cookies().await); after(async move { jar.set(c); });",
                &["jar.set(c)"],
            ),
        ],
    );
}
