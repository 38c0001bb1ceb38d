//! Which writes are of the same cookie, and which are of two.

use axum::response::Response;
use cookie_store::CookieStore;
use http::header::SET_COOKIE;
use url::Url;
use with_after::{
    AfterLayer, Cookie, Cookies, after, cookie::CookieBuilder, cookies, testing::TestScope,
};

use crate::support::{log::Log, platform::finish};

#[tokio::test]
async fn a_cookie_without_a_path_is_one_of_the_whole_site_and_so_is_its_removal() {
    let written = written(|jar| {
        jar.set(("set", "1")).expect("it is written");
        jar.set(Cookie::build(("empty", "1")).path("")).expect("it is written");
        jar.set(Cookie::build(("blank", "1")).path(" ")).expect("it is written");
        jar.set(Cookie::build(("placed", "1")).path("/app")).expect("it is written");
        jar.remove("removed").expect("it is written");
    })
    .await;

    assert_eq!(
        written[..4],
        ["set=1; Path=/", "empty=1; Path=/", "blank=1; Path=/", "placed=1; Path=/app"]
    );
    assert!(written[4].starts_with("removed=; Path=/; Max-Age=0; Expires="), "{}", written[4]);

    // Otherwise the client would make it one of `/shop/`, and not send it to the rest of the site.
    let client = client(&written, "https://shop.example/shop/basket");
    assert_eq!(sent(&client, "https://shop.example/"), ["blank=1", "empty=1", "set=1"]);
}

#[tokio::test]
async fn a_path_that_is_none_is_refused() {
    let written = written(|jar| {
        for path in ["app", "*", "?", " app/", "https://shop.example/"] {
            let error = jar.set(Cookie::build(("a", "1")).path(path)).expect_err("it is refused");
            assert!(error.is_invalid(), "{error}");
            assert!(error.to_string().contains("a path begins with `/`"), "{error}");
            let removal = jar.remove(Cookie::build("a").path(path));
            assert!(removal.expect_err("it is refused").is_invalid());
        }
        assert!(!jar.contains("a"));
    })
    .await;
    assert_eq!(written, [""; 0]);
}

#[tokio::test]
async fn of_one_name_path_and_domain_the_last_write_counts() {
    let same = [
        [Cookie::build("a"), Cookie::build("a").path("/")],
        [Cookie::build("a").path(""), Cookie::build("a")],
        [Cookie::build("a").path("/x "), Cookie::build("a").path("/x")],
        [Cookie::build("a").domain("shop.example"), Cookie::build("a").domain(".shop.example")],
        [Cookie::build("a").domain("Shop.Example"), Cookie::build("a").domain("shop.example")],
        [Cookie::build("a").domain(""), Cookie::build("a")],
        [Cookie::build("a").secure(true).http_only(true), Cookie::build("a")],
    ]
    .map(|pair| pair.map(CookieBuilder::build));
    for [mut first, mut second] in same {
        first.set_value("1");
        second.set_value("2");
        let shown = format!("{first} and {second}");
        let (set, removal) = (first.clone(), second.clone());
        let lines = written(|jar| {
            jar.set(first).expect("it is written");
            jar.set(second).expect("it is written");
            assert_eq!(value(&jar, "a").as_deref(), Some("2"), "{shown}");
            assert_eq!(jar.iter().count(), 1, "{shown}");
        })
        .await;
        assert_eq!(lines.len(), 1, "{shown}: {lines:?}");
        assert_eq!(sent(&client(&lines, SHOP), &format!("{SHOP}x")), ["a=2"], "{shown}");

        let lines = written(|jar| {
            jar.set(set).expect("it is written");
            jar.remove(removal).expect("it is written");
            assert_eq!((value(&jar, "a"), jar.iter().count()), (None, 0), "{shown}");
        })
        .await;
        assert_eq!(lines.len(), 1, "{shown}: {lines:?}");
    }
}

#[tokio::test]
async fn of_another_path_domain_or_partition_or_in_other_capitals_it_is_another_cookie() {
    let different = [
        [Cookie::build("a"), Cookie::build("a").path("/app")],
        [Cookie::build("a").path("/app"), Cookie::build("a").path("/APP")],
        [Cookie::build("a").path("/app"), Cookie::build("a").path("/app/")],
        [Cookie::build("a"), Cookie::build("a").domain("shop.example")],
        [Cookie::build("a").domain("example"), Cookie::build("a").domain("shop.example")],
        [Cookie::build("a").domain("shop.example."), Cookie::build("a").domain("shop.example")],
        [Cookie::build("a").partitioned(true), Cookie::build("a").partitioned(false)],
        [Cookie::build("a"), Cookie::build("A")],
    ]
    .map(|pair| pair.map(CookieBuilder::build));
    for [mut first, mut second] in different {
        first.set_value("1");
        second.set_value("2");
        let shown = format!("{first} and {second}");
        let (set, removal) = (first.clone(), second.clone());
        let (first_name, second_name) = (first.name().to_owned(), second.name().to_owned());
        let lines = written(|jar| {
            jar.set(first).expect("it is written");
            jar.set(second).expect("it is written");
            assert_eq!(value(&jar, &second_name).as_deref(), Some("2"), "{shown}");
            assert_eq!(jar.iter().count(), 2, "{shown}");
        })
        .await;
        assert_eq!(lines.len(), 2, "{shown}: {lines:?}");
        assert!(lines[0].contains("=1") && lines[1].contains("=2"), "{lines:?}");

        // The removal of the one leaves the other.
        let lines = written(|jar| {
            jar.set(set).expect("it is written");
            jar.remove(removal).expect("it is written");
            assert_eq!(value(&jar, &first_name).as_deref(), Some("1"), "{shown}");
            assert_eq!(jar.iter().count(), 1, "{shown}");
        })
        .await;
        assert_eq!(lines.len(), 2, "{shown}: {lines:?}");
    }
}

#[tokio::test]
async fn a_client_keeps_what_the_jar_shows() {
    let before = ["a=old; Path=/", "a=old; Path=/app", "b=old; Path=/app"];
    let mut client = client(&before.map(str::to_owned), SHOP);
    let lines = written(|jar| {
        jar.set(("a", "root")).expect("it is written");
        jar.remove(Cookie::build("a").path("/app")).expect("it is written");
        jar.remove(Cookie::build("b").path("/app")).expect("it is written");
        jar.set(Cookie::build(("c", "app")).path("/app")).expect("it is written");
        jar.set(("c", "root")).expect("it is written");
        jar.remove("c").expect("it is written");
        jar.set(Cookie::build(("d", "kept")).domain(".SHOP.example")).expect("it is written");

        let mut seen: Vec<_> = jar.iter().map(|cookie| cookie.stripped().to_string()).collect();
        seen.sort();
        assert_eq!(seen, ["a=root", "c=app", "d=kept"]);
        assert_eq!(value(&jar, "c").as_deref(), Some("app"), "the one that is left");
    })
    .await;

    keep(&mut client, &lines, SHOP);
    assert_eq!(sent(&client, &format!("{SHOP}app")), ["a=root", "c=app", "d=kept"]);
}

#[tokio::test]
async fn a_written_name_hides_what_the_request_carried_in_tasks_too() {
    let log = Log::default();
    let mut scope = TestScope::new().cookie("a", "sent").cookie("b", "sent").cookie("c", "sent");
    scope
        .run(async {
            let jar = cookies().await;
            jar.set(Cookie::build(("a", "set")).path("/app")).expect("it is written");
            jar.remove(Cookie::build("b").path("/app")).expect("it is written");
            let log = log.clone();
            after(async move {
                let jar = cookies().await;
                for name in ["a", "b", "c"] {
                    log.add(format!("{name} {:?}", value(&jar, name)));
                }
                let mut all: Vec<_> = jar.iter().map(|cookie| cookie.name().to_owned()).collect();
                all.sort();
                log.add(all.join(" "));
            });
        })
        .await;

    assert_eq!(scope.finish().await.set_cookies().len(), 2);
    assert_eq!(log.entries(), ["a Some(\"set\")", "b None", "c Some(\"sent\")", "a c"]);
}

#[tokio::test]
async fn prefixed_names_get_what_clients_ask_of_them() {
    let lines = written(|jar| {
        jar.set(("__Host-a", "1")).expect("it is written");
        jar.remove("__Secure-b").expect("it is written");
        for wrong in [
            Cookie::build(("__Host-c", "1")).path("/app").build(),
            Cookie::build(("__Host-c", "1")).domain("shop.example").build(),
            Cookie::build(("__Host-c", "1")).secure(false).build(),
            Cookie::build(("__secure-c", "1")).secure(false).build(),
        ] {
            let error = jar.set(wrong).expect_err("no client keeps it");
            assert!(error.is_invalid(), "{error}");
        }
    })
    .await;

    assert_eq!(lines[0], "__Host-a=1; Secure; Path=/");
    assert!(lines[1].starts_with("__Secure-b=; Secure; Path=/; Max-Age=0;"), "{}", lines[1]);
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn a_hundred_thousand_cookies_are_written_in_their_order() {
    const COUNT: usize = 100_000;
    let lines = written(|jar| {
        for number in 0..COUNT {
            let name = format!("c{number}");
            jar.set((name.clone(), "1")).expect("it is written");
            assert!(jar.contains(&name));
        }
        for _ in 0..COUNT {
            jar.remove("c0").expect("it is written");
        }
        assert_eq!(jar.iter().count(), COUNT - 1);
    })
    .await;

    assert_eq!(lines.len(), COUNT);
    assert_eq!(
        (lines[0].as_str(), lines[COUNT - 2].as_str()),
        ("c1=1; Path=/", "c99999=1; Path=/")
    );
    assert!(lines[COUNT - 1].starts_with("c0=; Path=/; Max-Age=0;"), "{}", lines[COUNT - 1]);
}

const SHOP: &str = "https://shop.example/";

/// Returns the lines that a handler writes with `write`.
async fn written(write: impl FnOnce(Cookies) + Send) -> Vec<String> {
    let handler = |_| async {
        write(cookies().await);
    };
    lines(&finish(AfterLayer::new(), handler).await)
}

fn lines(response: &Response<Vec<u8>>) -> Vec<String> {
    let lines = response.headers().get_all(SET_COOKIE).iter();
    lines.map(|line| line.to_str().expect("it is text").to_owned()).collect()
}

fn value(jar: &Cookies, name: &str) -> Option<String> {
    jar.get(name).map(|cookie| cookie.value().to_owned())
}

/// Returns a client that has got `lines` from `url`.
fn client(lines: &[String], url: &str) -> CookieStore {
    let mut client = CookieStore::default();
    keep(&mut client, lines, url);
    client
}

fn keep(client: &mut CookieStore, lines: &[String], url: &str) {
    let url = Url::parse(url).expect("it is one");
    for line in lines {
        // What the client does not want is left out.
        drop(client.parse(line, &url));
    }
}

/// Returns what the client sends to `url`.
fn sent(client: &CookieStore, url: &str) -> Vec<String> {
    let url = Url::parse(url).expect("it is one");
    let mut sent: Vec<_> =
        client.get_request_values(&url).map(|(name, value)| format!("{name}={value}")).collect();
    sent.sort();
    sent
}
