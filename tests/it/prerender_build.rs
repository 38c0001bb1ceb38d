//! What a build renders, finds and refuses.

use std::{
    future::{pending, ready},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::timeout;
use with_after::{
    after, connection, cookies, headers,
    prerender::{Dynamic, PageReport, Site},
    task, try_cookies, with_after,
};

use crate::support::pages::{Counted, Visitor};

#[tokio::test]
async fn a_page_that_asks_for_nothing_is_static_and_rendered_once() {
    let counted = Counted::default();
    let site = Site::builder().page("/", counted.page()).build().await.expect("it builds");
    let visitor = Visitor::new(&site);
    for _ in 0..3 {
        assert_eq!(visitor.get("/").await, "render 1");
    }
    visitor.drain().await;
    assert_eq!((counted.renders(), counted.tasks()), (1, 1));
    assert!(site.report().pages()[0].is_static());
}

#[tokio::test(start_paused = true)]
async fn each_request_api_makes_a_page_dynamic_and_the_report_names_it() {
    let site = Site::builder()
        .page("/cookies", async || {
            cookies().await;
            ""
        })
        .page("/headers", async || {
            headers().await;
            ""
        })
        .page("/connection", async || {
            connection().await;
            ""
        })
        .page("/try", async || {
            let error = try_cookies().expect_err("there is no request");
            assert!(error.is_prerender(), "{error}");
            "goes on, and is dynamic all the same"
        })
        .build()
        .await
        .expect("it builds");
    let found = site.report().pages().iter().map(|page| {
        let dynamic = page.dynamic().expect("it asks");
        let location = dynamic.location().expect("it asks");
        assert!(location.file().ends_with("prerender_build.rs"), "{dynamic}");
        (page.path(), dynamic.api().expect("it asks"))
    });
    let expected = [
        ("/cookies", "cookies"),
        ("/headers", "headers"),
        ("/connection", "connection"),
        ("/try", "cookies"),
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    let line = site.report().pages()[0].to_string();
    assert!(
        line.contains("dynamic  /cookies  `cookies()` at tests/it/prerender_build.rs:"),
        "{line}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_api_in_a_spawned_part_of_the_page_makes_it_dynamic() {
    let page = async || {
        let scope = with_after::Scope::current().expect("a render has a scope");
        let _part = tokio::spawn(scope.run(async { drop(headers().await) }));
        pending::<&str>().await
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    assert_eq!(site.report().pages()[0].dynamic().and_then(Dynamic::api), Some("headers"));
}

#[tokio::test]
async fn the_tasks_of_an_abandoned_render_are_discarded_and_run_per_request() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let page = {
        let log = Arc::clone(&log);
        move || {
            let log = Arc::clone(&log);
            async move {
                let before = Arc::clone(&log);
                after(move || before.lock().expect("whole").push("before"));
                cookies().await;
                after(move || log.lock().expect("whole").push("behind"));
                "personal"
            }
        }
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    assert!(!site.report().pages()[0].is_static());
    assert_eq!(*log.lock().expect("whole"), [""; 0], "the abandoned render's are discarded");

    let visitor = Visitor::new(&site);
    assert_eq!(visitor.get("/").await, "personal");
    visitor.drain().await;
    assert_eq!(*log.lock().expect("whole"), ["before", "behind"]);
}

#[tokio::test]
async fn tasks_run_at_build_when_their_render_is_finished_nested_ones_too() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let page = {
        let log = Arc::clone(&log);
        move || {
            let push = {
                let log = Arc::clone(&log);
                move |what| log.lock().expect("whole").push(what)
            };
            async move {
                let in_task = push.clone();
                after(async move {
                    in_task("task");
                    tokio::task::yield_now().await;
                    after(move || in_task("nested"));
                });
                tokio::task::yield_now().await;
                push("rendered");
                "text"
            }
        }
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    assert_eq!(*log.lock().expect("whole"), ["rendered", "task", "nested"]);
    assert_eq!(site.report().pages()[0].tasks().len(), 2);
}

#[tokio::test]
async fn a_task_that_fails_fails_the_build_once_and_is_named_with_its_line() {
    let page = async || {
        task("good").schedule(async {});
        task("bad").schedule(async { Err::<(), _>("no disk") });
        task("worse").schedule(|| -> () { panic!("no memory") });
        "text"
    };
    let built = Site::builder().page("/", page).page("/fine", async || "fine").build().await;
    let error = built.expect_err("two tasks fail");
    assert!(error.is_task() && !error.is_render() && !error.is_description());
    let text = error.to_string();
    let lines: Vec<_> = text.lines().skip(1).collect();
    // The last one leads to the guide.
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].contains("`/`") && lines[0].contains("task `bad`"), "{text}");
    assert!(lines[0].contains("prerender_build.rs:") && lines[0].contains("no disk"), "{text}");
    assert!(lines[1].contains("task `worse`") && lines[1].contains("no memory"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_render_that_never_ends_is_cut_by_the_limit_of_its_function() {
    #[with_after(component, max_duration = "3s")]
    async fn hangs() -> String {
        pending().await
    }

    let begun = tokio::time::Instant::now();
    let built = timeout(Duration::from_mins(5), Site::builder().page("/", hangs).build()).await;
    let error = built.expect("nothing hangs").expect_err("it is cut");
    assert!(error.is_render(), "{error}");
    assert!(error.to_string().contains("timed out after 3s"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn renders_and_tasks_that_never_end_are_cut_after_a_minute_by_default() {
    let task = async || {
        after(pending::<()>());
        "text"
    };
    let begun = tokio::time::Instant::now();
    let built = Site::builder().page("/render", pending::<String>).page("/task", task).build();
    let built = timeout(Duration::from_mins(5), built).await.expect("nothing hangs");
    let error = built.expect_err("both are cut").to_string();
    assert_eq!(error.matches("timed out after 60s").count(), 2, "{error}");
    assert!(begun.elapsed() < Duration::from_secs(61));
}

#[tokio::test]
async fn a_render_that_fails_or_panics_fails_the_build_with_all_others() {
    let site = Site::builder()
        .page("/error", async || Err::<String, _>("no database"))
        .page("/panic", async || -> String { panic!("no luck") })
        .page("/call", || -> std::future::Ready<String> { panic!("not even a future") });
    let error = site.build().await.expect_err("three fail").to_string();
    for (path, cause) in
        [("/error", "no database"), ("/panic", "no luck"), ("/call", "not even a future")]
    {
        let line = error.lines().find(|line| line.contains(path)).expect("each is named");
        assert!(line.contains(cause), "{error}");
        assert!(line.contains("prerender_build.rs:"), "{error}");
    }
}

#[tokio::test]
async fn a_page_that_must_be_static_fails_the_build_by_the_api_and_its_line() {
    let page = async || {
        headers().await;
        ""
    };
    let site = Site::builder().page("/", page).require_static();
    let error = site.build().await.expect_err("it is dynamic");
    assert!(error.is_render(), "{error}");
    assert!(error.to_string().contains("`headers()` at tests/it/prerender_build.rs:"), "{error}");
}

#[tokio::test]
async fn a_page_that_is_forced_to_be_dynamic_is_not_rendered_at_build() {
    let counted = Counted::default();
    let site = Site::builder().page("/", counted.page()).force_dynamic();
    let site = site.build().await.expect("it builds");
    assert_eq!(counted.renders(), 0);
    let visitor = Visitor::new(&site);
    assert_eq!([visitor.get("/").await, visitor.get("/").await], ["render 1", "render 2"]);
    visitor.drain().await;
    assert_eq!(counted.tasks(), 2);
    assert!(site.report().pages()[0].dynamic().is_some_and(|found| found.api().is_none()));
}

#[tokio::test]
async fn listed_parameters_are_rendered_at_build_in_order() {
    let counted = Counted::default();
    let list = [[("slug", "b")], [("slug", "a c")]];
    let site = Site::builder().page_with("/blog/{slug}", counted.page_with(), list);
    let site = site.build().await.expect("it builds");
    assert_eq!(counted.renders(), 2);
    let paths: Vec<_> = site.report().pages().iter().map(PageReport::path).collect();
    assert_eq!(paths, ["/blog/b", "/blog/a%20c"]);
}

#[tokio::test]
async fn all_wrong_descriptions_are_told_at_once_and_nothing_is_rendered() {
    let counted = Counted::default();
    let long = "t".repeat(10 * 1024);
    let slug = |value: &str| [("slug", value.to_owned())];
    let lists = ["..", ".", "", "\0", &long].map(slug);
    let error = Site::builder()
        .page("/", counted.page())
        .page("/", counted.page())
        .page("no-slash", counted.page())
        .page("/a/../b", counted.page())
        .page("/{id}", counted.page())
        .page("/a-{id}", counted.page())
        .page("/tags", counted.page())
        .tags([long.clone(), String::new()])
        .page_with("/plain", counted.page_with(), [[("slug", "a")]])
        .page_with("/{a}/{a}", counted.page_with(), [[("a", "1")]])
        .page_with("/blog/{slug}", counted.page_with(), lists)
        .page_with("/blog/{id}", counted.page_with(), [[("id", "1")]])
        .page_with("/news/{slug}", counted.page_with(), [[("id", "1")]])
        .page_with("/twice/{slug}", counted.page_with(), [slug("x"), slug("x")])
        .build()
        .await
        .expect_err("nothing is right");
    assert!(error.is_description() && !error.is_render() && !error.is_task());
    let text = error.to_string();
    for expected in [
        "`/` (tests/it/prerender_build.rs:",
        "a page at this path is described at tests/it/prerender_build.rs:",
        "`no-slash`",
        "does not begin with `/`",
        "`/a/../b`",
        "add it by `page_with`",
        "`a-{id}` is no segment",
        "a tag is 10240 bytes long, more than 256",
        "a tag is empty",
        "add it by `page`",
        "two parameters called `a`",
        "`slug` cannot be \"..\"",
        "`slug` cannot be \".\"",
        "`slug` cannot be \"\"",
        "`slug` cannot be \"\\0\"",
        "longer than 256 bytes",
        "there is no value for `slug`",
        "`/twice/x`",
    ] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
    assert!(text.len() < 5_000, "long values are not repeated");
    assert_eq!(counted.renders(), 0);
}

#[tokio::test]
async fn pages_at_the_same_path_with_other_parameter_names_are_refused() {
    let page = |_| ready("");
    let site = Site::builder().page_with("/{a}/x", page, [[("a", "1")]; 0]);
    let site = site.page_with("/{b}/x", page, [[("b", "1")]; 0]);
    let error = site.build().await.expect_err("nobody could tell them apart");
    assert!(error.is_description() && error.to_string().contains("`/{b}/x`"), "{error}");
}
