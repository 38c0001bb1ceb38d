//! A revalidation finds what a request would find.

use std::time::Duration;

use axum::Router;
use with_after::{
    AfterLayer,
    prerender::{Params, Revalidation, Site},
    revalidate_path, revalidate_tag,
};

use crate::support::{
    client::get,
    log::Log,
    pages::{Counted, Gate, Visitor},
    server::axum,
};

/// A page that shows the number of its render and what it was asked for.
fn shown(counted: &Counted, name: &'static str) -> impl Fn(Params) -> Shown + use<> {
    let counted = counted.clone();
    move |params| {
        let value = params.get(name).unwrap_or_default();
        std::future::ready(format!("render {} of {value}", counted.count()))
    }
}

type Shown = std::future::Ready<String>;

#[tokio::test]
async fn every_spelling_of_a_path_finds_its_page() {
    let counted = Counted::default();
    let listed = [[("slug", "café")]];
    let site = Site::builder().page("/lookup/é", counted.page()).page_with(
        "/lookup/blog/{slug}",
        shown(&counted, "slug"),
        listed,
    );
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    let mut renders = 2;
    for (path, spellings) in [
        ("/lookup/%C3%A9", ["/lookup/é", "/lookup/%c3%a9?a=b", "/lookup/%C3%A9#top"]),
        (
            "/lookup/blog/caf%C3%A9",
            ["/lookup/blog/café", "/lookup/blog/caf%c3%a9", "/lookup/%62log/café?page=2"],
        ),
    ] {
        for spelling in spellings {
            revalidate_path(spelling).expect("there is such a page");
            visitor.get(path).await;
            renders += 1;
            assert_eq!(counted.renders(), renders, "{spelling}");
        }
    }
}

#[tokio::test]
async fn a_description_is_found_whatever_its_parameters_are_called_and_spelt() {
    let counted = Counted::default();
    let list = [[("slug", "a")], [("slug", "b")]];
    let site = Site::builder().page_with("/lookup2/é/{slug}", shown(&counted, "slug"), list);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    for (description, renders) in
        [("/lookup2/é/{slug}", 4), ("/lookup2/é/{id}", 6), ("/lookup2/%C3%A9/{x}?y", 8)]
    {
        match revalidate_path(description) {
            Ok(()) => {}
            Err(error) => panic!("{error}"),
        }
        visitor.get("/lookup2/%C3%A9/a").await;
        visitor.get("/lookup2/%C3%A9/b").await;
        assert_eq!(counted.renders(), renders, "{description}");
    }
}

#[tokio::test]
async fn a_site_under_a_prefix_is_found_by_the_paths_that_clients_ask_for() {
    let counted = Counted::default();
    let site = Site::builder()
        .nested_under("/shop/")
        .page("/", counted.page())
        .page_with("/{slug}", shown(&counted, "slug"), [[("slug", "tea")]])
        .build()
        .await
        .expect("it builds");
    let app = Router::new().nest("/shop", Router::from(site)).layer(AfterLayer::new());
    let address = axum(app).await;
    let mut renders = 2;
    for (revalidated, asked) in [
        ("/shop/tea", "/shop/tea"),
        ("/shop/{any}", "/shop/tea"),
        ("/shop", "/shop"),
        ("/shop/", "/shop"),
        ("/shop/new", "/shop/new"),
    ] {
        revalidate_path(revalidated).expect("there is such a page");
        assert_eq!(get(address, asked).await.status, 200, "{asked}");
        renders += 1;
        assert_eq!(counted.renders(), renders, "{revalidated}");
    }
    for path in ["/shop/a/b/c/d", "/shopping/tea/a/b/c", "/a/b/c/d/e"] {
        let error = revalidate_path(path).expect_err("nobody finds anything there");
        assert!(error.is_unknown(), "{error}");
        assert!(error.to_string().contains("nested_under"), "{error}");
    }
}

#[tokio::test]
async fn a_path_without_a_page_is_an_error_and_one_that_is_redirected_is_none() {
    let counted = Counted::default();
    let describe = || Site::builder().page("/lookup3", counted.page());
    let site = describe().build().await.expect("it builds");
    for path in ["/lookup3/", "/lookup3/m/o/r/e", "/lookup3/{a}/{b}/{c}"] {
        assert!(revalidate_path(path).is_err_and(|error| error.is_unknown()), "{path}");
    }
    drop(site);
    let site = describe().redirect_trailing_slash().build().await.expect("it builds");
    revalidate_path("/lookup3/?a").expect("a browser would land there");
    assert_eq!(Visitor::new(&site).get("/lookup3").await, "render 3");
}

#[tokio::test]
async fn parameters_that_are_refused_have_no_page() {
    let counted = Counted::default();
    let site = Site::builder()
        .page_with("/lookup5/{slug}", shown(&counted, "slug"), [[("slug", "listed")]])
        .only_listed()
        .build()
        .await
        .expect("it builds");
    revalidate_path("/lookup5/listed").expect("it is listed");
    revalidate_path("/lookup5/{x}").expect("it is described so");
    assert!(revalidate_path("/lookup5/other").is_err_and(|error| error.is_unknown()));
    drop(site);
}

#[tokio::test]
async fn a_stale_revalidation_serves_the_old_page_while_the_new_one_is_rendered_once() {
    let (counted, gate) = (Counted::default(), Gate::closed());
    gate.open(1);
    let site = Site::builder().page("/stale", counted.gated(&gate)).tags(["stale"]);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    for (revalidation, renders) in [
        (Revalidation::tag("stale").serving_stale(), 2),
        (Revalidation::path("/stale").serving_stale(), 3),
    ] {
        revalidation.apply().expect("there is such a page");
        for _ in 0..5 {
            assert_eq!(visitor.get("/stale").await, format!("render {}", renders - 1));
        }
        counted.began(renders).await;
        gate.open(1);
        visitor.drain().await;
        assert_eq!(visitor.get("/stale").await, format!("render {renders}"));
        assert_eq!(counted.renders(), renders);
    }
    // Whoever asks for the new one does not get the old one by it.
    Revalidation::tag("stale").serving_stale().apply().expect("a tag");
    revalidate_tag("stale").expect("a tag");
    gate.open(1);
    assert_eq!(visitor.get("/stale").await, "render 4");
}

#[tokio::test]
async fn hooks_are_told_of_what_was_asked_for_here_and_handles_tell_none() {
    let (log, counted) = (Log::default(), Counted::default());
    let hook = log.clone();
    let site = Site::builder()
        .page("/told", counted.page())
        .tags(["told"])
        .on_revalidate(move |revalidation| hook.add(revalidation.to_string()))
        .build()
        .await
        .expect("it builds");
    revalidate_path("/told?x").expect("there is such a page");
    revalidate_tag("told").expect("a tag");
    Revalidation::tag("told").serving_stale().apply().expect("a tag");
    revalidate_tag("another").expect("a tag");
    let told = ["path /told?x", "tag told", "stale tag told"];
    assert_eq!(log.entries(), told);

    let (visitor, handle) = (Visitor::new(&site), site.handle());
    visitor.get("/told").await;
    let renders = counted.renders();
    let heard: Revalidation = "path /told".parse().expect("it was displayed so");
    handle.revalidate(&heard).expect("there is such a page");
    visitor.get("/told").await;
    assert_eq!(counted.renders(), renders + 1);
    assert_eq!(log.entries(), told, "no echo");
    let unknown = handle.revalidate(&Revalidation::path("/nowhere"));
    assert!(unknown.is_err_and(|error| error.is_unknown()));

    handle.revalidate_all();
    visitor.get("/told").await;
    visitor.drain().await;
    assert_eq!(counted.renders(), renders + 2);
    drop((site, visitor));
    handle.revalidate(&heard).expect("nobody is there to mind");
}

#[tokio::test]
async fn a_hook_that_panics_loses_no_revalidation() {
    let counted = Counted::default();
    let site = Site::builder()
        .page("/panics", counted.page())
        .on_revalidate(|_| panic!("a failure that the test wants"))
        .build()
        .await
        .expect("it builds");
    revalidate_path("/panics").expect("there is such a page");
    assert_eq!(Visitor::new(&site).get("/panics").await, "render 2");
}

#[test]
fn a_revalidation_is_read_as_it_was_displayed() {
    for revalidation in [
        Revalidation::path("/a b\n?x"),
        Revalidation::tag("stale tag é"),
        Revalidation::tag("").serving_stale(),
        Revalidation::path("").serving_stale(),
    ] {
        let read = revalidation.to_string().parse::<Revalidation>();
        assert_eq!(read.expect("it was displayed so"), revalidation);
    }
    for text in ["", "stale ", "Tag x", "path/x", &"x".repeat(100_000)] {
        let error = text.parse::<Revalidation>().expect_err("it is none").to_string();
        assert!(error.len() < 200, "{error}");
    }
}

#[tokio::test]
async fn a_revalidation_of_a_page_that_is_rendered_for_the_first_time_is_not_lost() {
    let (counted, gate) = (Counted::default(), Gate::closed());
    let gated = counted.gated(&gate);
    let list: [[(&str, &str); 1]; 0] = [];
    let site = Site::builder().page_with("/first/{id}", move |_| gated(), list);
    let visitor = Visitor::new(&site.build().await.expect("it builds"));
    let first = {
        let visitor = visitor.clone();
        tokio::spawn(async move { visitor.get("/first/x").await })
    };
    counted.began(1).await;
    // What that render has read may be old.
    revalidate_path("/first/x").expect("there is such a page");
    gate.open(2);
    assert_eq!(first.await.expect("it ends"), "render 1");
    assert_eq!(visitor.get("/first/x").await, "render 2");
    assert!(visitor.platform().drain(Duration::from_secs(5)).await.is_complete());
}
