//! Where the tasks of a site's pages may do what.

use std::sync::Arc;

use tokio::sync::mpsc::unbounded_channel;
use with_after::{
    RevalidateError, Scope, after, cookies, prerender::Site, revalidate_path, revalidate_tag, run,
    task, try_headers, with_after,
};

use crate::support::{
    log::Log,
    pages::{Counted, Visitor},
    within,
};

#[tokio::test]
async fn a_page_without_an_attribute_is_a_component() {
    let page = async || {
        after(|| {
            let error = try_headers().expect_err("a component's task has no request");
            assert!(error.is_in_component_task(), "{error}");
        });
        let jar = cookies().await;
        let error = jar.set(("a", "b")).expect_err("a component writes no cookie");
        assert!(error.is_in_component(), "{error}");
        "text"
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    let visitor =
        Visitor::new(&site).change_layer(|layer| layer.on_failure(|failure| panic!("{failure}")));
    assert_eq!(visitor.get("/").await, "text");
    let report = visitor.platform().drain(std::time::Duration::from_secs(5)).await;
    assert_eq!((report.completed(), report.failed()), (1, 0));
}

#[tokio::test]
async fn a_request_api_in_a_task_of_a_static_page_fails_the_build() {
    #[with_after(route)]
    async fn helper() {
        after(async { drop(with_after::headers().await) });
    }

    let component = async || {
        after(async { drop(with_after::headers().await) });
        "text"
    };
    let route = async || {
        helper().await;
        "text"
    };
    let built = Site::builder().page("/component", component).page("/route", route).build();
    let error = within(built).await.expect_err("there is no request").to_string();
    assert!(error.contains("runs in a task of the component `page`"), "{error}");
    assert!(error.contains("asks for a request after `/route` was prerendered"), "{error}");
}

/// What a caller of both functions is told.
fn revalidate_both() -> [Result<(), RevalidateError>; 2] {
    [revalidate_path("/"), revalidate_tag("tag")]
}

#[tokio::test]
async fn revalidation_is_refused_while_a_component_renders() {
    #[with_after(metadata)]
    fn metadata() -> [Result<(), RevalidateError>; 2] {
        revalidate_both()
    }

    let log = Log::default();
    let page = {
        let log = log.clone();
        move || {
            let log = log.clone();
            async move {
                for refused in [revalidate_both(), metadata()].into_iter().flatten() {
                    let error = refused.expect_err("it might render for ever");
                    assert!(error.is_in_render() && !error.is_invalid());
                    log.add(error.to_string());
                }
                "text"
            }
        }
    };
    Site::builder().page("/", page).build().await.expect("it builds");
    let entries = log.entries();
    assert!(entries[0].starts_with("`revalidate_path(\"/\")` at tests/it/prerender_tasks.rs:"));
    assert!(entries[0].contains("while `page` renders"), "{entries:?}");
    assert!(entries[3].contains("while `metadata` renders"), "{entries:?}");
}

#[tokio::test]
async fn revalidation_refuses_what_is_no_path_or_tag() {
    let long = "t".repeat(10 * 1024);
    for refused in [
        revalidate_path("no-slash"),
        revalidate_path("/%ff"),
        revalidate_path(&format!("/{long}")),
        revalidate_tag(""),
        revalidate_tag(&long),
    ] {
        let error = refused.expect_err("no page has it");
        assert!(error.is_invalid() && !error.is_in_render());
        assert!(error.to_string().len() < 300, "{error}");
    }
    let unknown = revalidate_path("/nobody/knows/it/at/all").expect_err("no page is there");
    assert!(unknown.is_unknown() && !unknown.is_invalid(), "{unknown}");
    revalidate_tag("nobody-has-it").expect("a tag");
}

#[tokio::test]
async fn a_task_revalidates_in_every_form_in_which_it_can_be_scheduled() {
    type Schedule = fn(&'static str);

    async fn future(tag: &'static str) -> Result<(), RevalidateError> {
        tokio::task::yield_now().await;
        revalidate_tag(tag)
    }

    let forms: [(&'static str, Schedule); 8] = [
        ("future", |tag| after(future(tag))),
        ("closure", |tag| after(move || revalidate_tag(tag))),
        ("async closure", |tag| after(async move || revalidate_tag(tag))),
        ("handle", |tag| after(async move { tokio::spawn(future(tag)).await.expect("it ends") })),
        ("running handle", |tag| {
            let scope = Scope::current().expect("there is one");
            after(tokio::spawn(scope.run(async move {
                revalidate_tag(tag).expect("no component renders");
            })));
        }),
        ("blocking", |tag| task("t").blocking().schedule(move || revalidate_tag(tag))),
        ("nested", |tag| after(move || after(move || revalidate_tag(tag)))),
        ("component", |tag| {
            #[with_after(component)]
            fn component(tag: &'static str) {
                after(move || revalidate_tag(tag));
            }
            component(tag);
        }),
    ];
    for (name, schedule) in forms {
        let (counted, tag) = (Counted::default(), name);
        let site = Site::builder().page("/", counted.page()).tags([tag]).build().await;
        let visitor = Visitor::new(&site.expect("it builds"));
        assert_eq!(visitor.get("/").await, "render 1");
        run(async { schedule(tag) }).await;
        assert_eq!(visitor.get("/").await, "render 2", "{name}");
        visitor.drain().await;
        assert_eq!(counted.tasks(), 2, "{name}");
    }
}

#[tokio::test]
async fn a_late_task_revalidates() {
    let counted = Counted::default();
    let site = Site::builder().page("/", counted.page()).tags(["late"]).build().await;
    let visitor = Visitor::new(&site.expect("it builds"));
    let (sender, mut receiver) = unbounded_channel();
    let scope = run(async { Scope::current().expect("there is one") }).await;
    // The queue has gone idle, and its work has ended.
    scope.enter(|| {
        after(move || {
            revalidate_tag("late").expect("a task may");
            sender.send(()).expect("the test waits");
        });
    });
    within(receiver.recv()).await.expect("it runs");
    assert_eq!(visitor.get("/").await, "render 2");
}

#[tokio::test]
async fn a_task_at_build_revalidates_pages_of_the_same_site() {
    let counted = Counted::default();
    let other = async || {
        after(|| revalidate_path("/counted"));
        "text"
    };
    let site = Site::builder().page("/counted", counted.page()).page("/other", other).build();
    let visitor = Visitor::new(&site.await.expect("it builds"));
    assert_eq!(visitor.get("/counted").await, "render 2");
}

#[tokio::test]
async fn a_site_that_is_gone_is_forgotten() {
    let counted = Counted::default();
    let held = Arc::new(());
    let page = {
        let (counted, held) = (counted.clone(), Arc::clone(&held));
        move || {
            let _ = &held;
            std::future::ready(counted.render())
        }
    };
    let site = Site::builder().page("/", page).build().await.expect("it builds");
    assert_eq!(Arc::strong_count(&held), 2);
    drop(site);
    assert_eq!(Arc::strong_count(&held), 1);
}
