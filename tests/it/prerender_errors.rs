//! The pages of a site for what is not there, and for what failed.

use std::{fs, future::ready};

use axum::Router;
use http::{
    Method,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG},
};
use with_after::{
    AfterLayer, cookies, not_found,
    prerender::{Params, Site, suspense},
    revalidate_tag,
};

use crate::support::{
    client::{Client, get},
    fail,
    pages::{Counted, Visitor, request, with_header},
    server::{Version, axum},
};

const NO_LIST: [[(&str, &str); 1]; 0] = [];

async fn site() -> Site {
    Site::builder()
        .page("/", async || "home")
        .page("/gone", async || Err::<&str, _>(not_found()))
        .page("/personal", async || {
            cookies().await;
            Err::<&str, _>(not_found())
        })
        .page("/broken", async || {
            cookies().await;
            fail();
            ""
        })
        .page_with("/blog/{slug}", async |_: Params| Err::<&str, _>(not_found()), NO_LIST)
        .page_with("/failing/{slug}", async |_: Params| Err::<&str, _>("no database"), NO_LIST)
        .page_with("/listed/{slug}", async |_: Params| "listed", [[("slug", "a")]])
        .only_listed()
        .not_found_page(async || "<h1>Not here</h1>")
        .error_page(async || "<h1>Our fault</h1>")
        .on_failure(|_| ())
        .build()
        .await
        .expect("it builds")
}

#[tokio::test]
async fn what_is_not_there_is_answered_by_the_page_for_it() {
    let visitor = Visitor::new(&site().await);
    for (path, cached) in [
        ("/unknown", true),
        ("/%ff", true),
        ("/gone", true),
        ("/blog/x", true),
        ("/listed/b", true),
        ("/personal", false),
    ] {
        let visited = visitor.send(request(Method::GET, path)).await;
        assert_eq!((visited.status.as_u16(), &*visited.text), (404, "<h1>Not here</h1>"), "{path}");
        assert_eq!(visited.headers[CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(!visited.headers.contains_key(ETAG));
        let expected = if cached { "public, max-age=0, s-maxage=60" } else { "private, no-store" };
        assert_eq!(visited.headers[CACHE_CONTROL], expected, "{path}");

        let head = visitor.send(request(Method::HEAD, path)).await;
        assert_eq!(
            (head.status, &head.headers, &*head.text),
            (visited.status, &visited.headers, "")
        );
    }
    assert_eq!(visitor.get("/listed/a").await, "listed");
    let posted = visitor.send(request(Method::POST, "/unknown")).await;
    assert_eq!(posted.status, 404, "what is not there refuses no method");
}

#[tokio::test]
async fn what_failed_is_answered_by_the_page_for_it() {
    let visitor = Visitor::new(&site().await);
    for path in ["/broken", "/failing/x"] {
        let visited = visitor.send(request(Method::GET, path)).await;
        let expected = (500, "<h1>Our fault</h1>");
        assert_eq!((visited.status.as_u16(), &*visited.text), expected, "{path}");
        assert_eq!(visited.headers[CACHE_CONTROL], "private, no-store");
    }
}

#[tokio::test]
async fn a_router_of_the_site_answers_with_its_pages_too() {
    let app = Router::from(site().await).layer(AfterLayer::new());
    let address = axum(app).await;
    let received = get(address, "/unknown/path").await;
    assert_eq!((received.status, &*received.body), (404, &b"<h1>Not here</h1>"[..]));
    let mut client = Client::connect(address, Version::Http1).await;
    let post = crate::support::client::request(Method::POST, "/");
    assert_eq!(client.fetch(post).await.expect("a response").status, 405);
}

#[tokio::test]
async fn an_error_page_is_a_page_like_any_other() {
    let counted = Counted::default();
    let page = {
        let counted = counted.clone();
        move || {
            let number = counted.count();
            let hole = suspense("…", async || {
                cookies().await.get("name").map_or(String::new(), |name| name.value().to_owned())
            });
            ready(format!("<body>render {number} for {hole}"))
        }
    };
    let site = Site::builder().not_found_page(page).tags(["error page"]).error_page(async || {
        let name = cookies().await.get("name").map_or(String::new(), |n| n.value().to_owned());
        format!("sorry, {name}")
    });
    let site = site
        .page("/broken", async || {
            cookies().await;
            Err::<&str, _>("no database")
        })
        .build()
        .await
        .expect("it builds");
    let paths: Vec<_> = site.report().pages().iter().map(|page| page.path().to_owned()).collect();
    assert_eq!(paths, ["404", "500", "/broken"]);
    let visitor = Visitor::new(&site);
    let ask = |path| {
        let mut request = with_header(path, "cookie", "name=Ada");
        request.headers_mut().insert("prefer", "in-order".parse().expect("a value"));
        visitor.send(request)
    };
    let visited = ask("/unknown").await;
    assert_eq!((visited.status.as_u16(), &*visited.text), (404, "<body>render 1 for Ada"));
    assert_eq!(visited.headers[CACHE_CONTROL], "private, no-store");
    revalidate_tag("error page").expect("a tag");
    assert_eq!(ask("/unknown").await.text, "<body>render 2 for Ada");
    let visited = ask("/broken").await;
    assert_eq!((visited.status.as_u16(), &*visited.text), (500, "sorry, Ada"));
}

#[tokio::test]
async fn an_error_page_that_fails_itself_leaves_the_status() {
    let site = Site::builder()
        .not_found_page(async || {
            cookies().await;
            fail();
            ""
        })
        .error_page(async || {
            cookies().await;
            Err::<&str, _>(not_found())
        })
        .page("/broken", async || {
            cookies().await;
            Err::<&str, _>("no database")
        })
        .on_failure(|_| ())
        .build()
        .await
        .expect("it builds");
    let visitor = Visitor::new(&site);
    for (path, status) in [("/unknown", 404), ("/broken", 500)] {
        let visited = visitor.send(request(Method::GET, path)).await;
        assert_eq!((visited.status.as_u16(), &*visited.text), (status, ""));
    }
}

#[tokio::test]
async fn error_pages_are_exported_under_the_names_that_servers_of_files_know() {
    let site = Site::builder()
        .page("/", async || "home")
        .not_found_page(async || "not here")
        .error_page(async || "our fault")
        .build()
        .await
        .expect("it builds");
    let folder = std::env::temp_dir().join(format!("with-after-errors-{}", std::process::id()));
    site.export(&folder).expect("files can stand for them");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("it is there");
    assert_eq!((&*read("404.html"), &*read("500.html")), ("not here", "our fault"));
    fs::remove_dir_all(&folder).expect("it is there");
}

#[tokio::test]
async fn there_is_one_page_for_each_error_and_it_has_no_path() {
    let page = async || "text";
    let site = Site::builder().not_found_page(page).not_found_page(page);
    let error = site.build().await.expect_err("there are two").to_string();
    assert!(error.contains("`404`") && error.contains("is described at"), "{error}");

    let site = Site::builder().not_found_page(page).only_listed();
    let error = site.build().await.expect_err("it has no parameters").to_string();
    assert!(error.contains("no parameters that could be refused"), "{error}");

    let site = Site::builder().not_found_page(page).build().await.expect("it builds");
    let visited = Visitor::new(&site).send(request(Method::GET, "/404")).await;
    assert_eq!(visited.status, 404, "it is at no path");
}
