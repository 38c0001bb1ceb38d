//! Cookies that a handler writes.

use axum::extract::Request;
use http::{HeaderValue, Method, header::SET_COOKIE};
use with_after::{
    AfterLayer, Cookie, after,
    cookie::{Cookie as Builder, SameSite},
    cookies, task, try_cookies, with_after,
};

use crate::support::{
    client::{Client, request},
    log::Log,
    platform::{Recording, call, finish},
    server::{EVERYWHERE, start},
};

#[with_after(route)]
async fn login(log: Log) -> ([(&'static str, &'static str); 1], &'static str) {
    let jar = cookies().await;
    let tasks_log = log.clone();
    after(async move {
        let jar = cookies().await;
        for name in ["kept", "changed", "removed", "new"] {
            let value = jar.get(name).map(|cookie| cookie.value().to_owned());
            tasks_log.add(format!("{name} {value:?} {}", jar.contains(name)));
        }
        let mut names: Vec<_> = jar.iter().map(|cookie| cookie.name().to_owned()).collect();
        names.sort();
        tasks_log.add(names.join(" "));
    });
    jar.set(("changed", "2")).expect("a route writes");
    jar.remove("removed").expect("a route writes");
    let cookie = Builder::build(("new", "4")).path("/a").http_only(true).same_site(SameSite::Lax);
    cookies().await.set(cookie).expect("a route writes");
    log.add(format!("{:?}", jar.get("new").map(|cookie| cookie.value().to_owned())));
    ([("set-cookie", "handlers=own")], "welcome")
}

#[tokio::test]
async fn writes_become_set_cookie_headers_and_tasks_see_the_state_after_them() {
    for at in EVERYWHERE {
        let (platform, log) = (Recording::default(), Log::default());
        let handlers_log = log.clone();
        let address =
            start(at, platform.layer(), move |_: Request| login(handlers_log.clone())).await;
        let mut client = Client::connect(address, at.1).await;
        let mut request = request(Method::GET, "/");
        request.headers_mut().insert("cookie", sent("kept=1; changed=1; removed=1"));
        let received = client.fetch(request).await.expect("a whole response comes");

        let mut written: Vec<_> = received.headers.get_all(SET_COOKIE).iter().collect();
        written.sort();
        assert_eq!(written[..2], ["changed=2; Path=/", "handlers=own"], "{at:?}");
        assert_eq!(written[2], "new=4; HttpOnly; SameSite=Lax; Path=/a", "{at:?}");
        let removal = written[3].to_str().expect("it is text");
        assert!(removal.starts_with("removed=; Path=/; Max-Age=0; Expires="), "{removal}");
        assert_eq!(written.len(), 4, "{written:?}");
        platform.drain().await;
        assert_eq!(
            log.entries(),
            [
                "Some(\"4\")",
                "kept Some(\"1\") true",
                "changed Some(\"2\") true",
                "removed None false",
                "new Some(\"4\") true",
                "changed kept new",
            ],
            "{at:?}"
        );
    }
}

#[tokio::test]
async fn the_last_write_of_a_name_wins() {
    let response = finish(AfterLayer::new(), |_| async {
        let jar = cookies().await;
        jar.set(("a", "1")).expect("unannotated code writes");
        jar.remove("a").expect("unannotated code writes");
        jar.set(("a", "3")).expect("unannotated code writes");
    })
    .await;

    assert_eq!(response.headers().get_all(SET_COOKIE).iter().collect::<Vec<_>>(), ["a=3; Path=/"]);
}

#[tokio::test]
async fn reading_writes_no_header() {
    let response = finish(AfterLayer::new(), |_| async {
        assert_eq!(cookies().await.iter().count(), 0);
        assert!(!cookies().await.contains("a"));
    })
    .await;

    assert!(!response.headers().contains_key(SET_COOKIE));
}

#[tokio::test]
async fn a_removal_is_written_though_the_request_did_not_carry_the_cookie() {
    // Its path keeps the client from sending it here.
    let cookie = Builder::build("session").path("/app");
    let response = finish(AfterLayer::new(), |_| async {
        cookies().await.remove(cookie).expect("unannotated code writes");
    })
    .await;

    let written = response.headers().get(SET_COOKIE).expect("it is written");
    let written = written.to_str().expect("it is text");
    assert!(written.starts_with("session=; Path=/app; Max-Age=0;"), "{written}");
}

#[tokio::test]
async fn server_functions_and_middleware_write_too_also_in_what_they_call() {
    #[with_after(server_fn)]
    async fn order() {
        helper("server_fn").await;
    }

    #[with_after(middleware)]
    async fn around() {
        helper("middleware").await;
        order().await;
    }

    async fn helper(name: &'static str) {
        cookies().await.set((name, "1")).expect("its caller may");
    }

    let response = finish(AfterLayer::new(), |_| around()).await;

    let mut written: Vec<_> = response.headers().get_all(SET_COOKIE).iter().collect();
    written.sort();
    assert_eq!(written, ["middleware=1; Path=/", "server_fn=1; Path=/"]);
}

#[tokio::test]
async fn a_handler_that_never_looked_leaves_its_tasks_the_requests_cookies() {
    let (platform, log) = (Recording::default(), Log::default());
    let address = start(EVERYWHERE[0], platform.layer(), {
        let log = log.clone();
        move |_: Request| {
            let log = log.clone();
            task("it").schedule(move || {
                let jar = try_cookies().expect("a route's task reads");
                log.add(jar.get("a").expect("it was sent").value());
            });
            std::future::ready(())
        }
    })
    .await;
    let mut client = Client::connect(address, EVERYWHERE[0].1).await;
    let mut request = request(Method::GET, "/");
    request.headers_mut().insert("cookie", sent("a=1"));
    client.fetch(request).await.expect("a whole response comes");

    platform.drain().await;
    assert_eq!(log.entries(), ["1"]);
}

#[tokio::test]
async fn a_cookie_that_no_header_can_carry_is_refused_and_the_others_are_written() {
    let response = call(AfterLayer::new(), |_| async {
        let jar = cookies().await;
        for (name, value) in
            [("a", "line\nbreak"), ("a", "carriage\rreturn"), ("a", "nul\0"), ("new\r\nline", "1")]
        {
            let error = jar.set((name, value)).expect_err("it is refused");
            assert!(error.is_invalid(), "{error}");
            assert!(!error.is_in_task() && !error.is_in_component() && !error.is_head_sent());
            assert!(error.to_string().contains("tests/it/cookies_written.rs:"), "{error}");
            assert!(!error.to_string().contains(['\n', '\r']), "{error}");
        }
        let path = Cookie::build(("a", "1")).path("/\r\nx-evil: 1");
        assert!(jar.set(path).expect_err("it is refused").is_invalid());
        assert!(!jar.contains("a"), "what is refused is not kept");
        jar.set(("b", "fine")).expect("a route writes");
    })
    .await;

    assert_eq!(
        response.headers().get_all(SET_COOKIE).iter().collect::<Vec<_>>(),
        ["b=fine; Path=/"]
    );
    assert!(!response.headers().contains_key("x-evil"));
}

#[tokio::test]
async fn a_cookie_that_a_client_would_read_as_another_is_refused() {
    let response = call(AfterLayer::new(), |_| async {
        let jar = cookies().await;
        for (name, value) in [
            ("session", "1; Domain=evil.example"),
            ("session; Path", "/"),
            ("session=1", "2"),
            ("", "nameless"),
        ] {
            let error = jar.set((name, value)).expect_err("it is refused");
            assert!(error.is_invalid(), "{error}");
        }
    })
    .await;

    assert!(!response.headers().contains_key(SET_COOKIE));
}

fn sent(cookies: &'static str) -> HeaderValue {
    HeaderValue::from_static(cookies)
}
