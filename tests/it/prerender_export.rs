//! A site as files.

use std::{
    fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use with_after::{
    after, cookies, not_found,
    prerender::{Content, FileNames, Params, Site, suspense},
    revalidate_path,
};

use crate::support::pages::{Counted, Visitor};

/// A folder of its own, which is not there yet.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("with-after-{}-{}", process::id(), COUNT.fetch_add(1, SeqCst));
        Self(std::env::temp_dir().join(name).join("site"))
    }

    /// Returns all files in it, and around it.
    fn files(&self) -> Vec<String> {
        fn collect(folder: &Path, root: &Path, files: &mut Vec<String>) {
            let Ok(entries) = fs::read_dir(folder) else { return };
            for path in entries.map(|entry| entry.expect("it is readable").path()) {
                if path.is_dir() {
                    collect(&path, root, files);
                } else {
                    let name = path.strip_prefix(root).expect("it was found below");
                    files.push(name.to_str().expect("names are ASCII").to_owned());
                }
            }
        }
        let root = self.0.parent().expect("it has one");
        let mut files = Vec::new();
        collect(root, root, &mut files);
        files.sort();
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(self.0.parent().expect("it has one")));
    }
}

async fn slug(params: Params) -> String {
    format!("<p>{}</p>", params.get("slug").expect("the path has it"))
}

#[tokio::test]
async fn every_page_is_a_file_with_a_safe_name() {
    let values = ["plain", "a b", "../../up", "a/b", "..%2f", "C:\\x", "é", "con<>|?*\"", "..."];
    let site = Site::builder()
        .page("/", async || "home")
        .page("/about", async || "about")
        .page_with("/blog/{slug}", slug, values.map(|value| [("slug", value)]));
    let site = site.build().await.expect("it builds");
    let folder = Folder::new();
    let written = site.export(&folder.0).expect("all are plain text");
    assert_eq!(written.len(), 11);
    assert_eq!(
        folder.files(),
        [
            "site/about.html",
            "site/blog/....html",
            "site/blog/..%252f.html",
            "site/blog/..%2F..%2Fup.html",
            "site/blog/C%3A%5Cx.html",
            "site/blog/a%20b.html",
            "site/blog/a%2Fb.html",
            "site/blog/con%3C%3E%7C%3F%2A%22.html",
            "site/blog/plain.html",
            "site/blog/%C3%A9.html",
            "site/index.html",
        ]
        .map(str::to_owned)
        .into_iter()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
    let text = fs::read_to_string(folder.0.join("blog/..%2F..%2Fup.html")).expect("it is there");
    assert_eq!(text, "<p>../../up</p>");
}

#[tokio::test]
async fn nothing_is_written_where_a_page_needs_a_server_and_each_is_named_with_its_line() {
    let site = Site::builder()
        .page("/plain", async || "plain")
        .page("/calls", async || {
            after(|| ());
            with_after::task("never").run_on(with_after::RunOn::Failure).schedule(|| ());
            "calls"
        })
        .page("/dynamic", async || {
            cookies().await;
            "dynamic"
        })
        .page("/forced", async || "forced")
        .force_dynamic()
        .page("/hole", async || suspense("…", async || "text"))
        .page("/gone", async || Err::<&str, _>(not_found()));
    let site = site.build().await.expect("it builds");
    let folder = Folder::new();
    let error = site.export(&folder.0).expect_err("five pages need a server");
    assert!(error.is_unsupported() && !error.is_io());
    assert_eq!(folder.files(), [""; 0]);
    assert!(!folder.0.exists());

    let text = error.to_string();
    let here = "(tests/it/prerender_export.rs:";
    for (path, fault) in [
        ("/calls", "it calls `after` at tests/it/prerender_export.rs:"),
        ("/dynamic", "it is dynamic: `cookies()` at tests/it/prerender_export.rs:"),
        ("/forced", "it is dynamic: forced"),
        ("/hole", "it has dynamic holes, made at tests/it/prerender_export.rs:"),
        ("/gone", "it answers with a 404"),
    ] {
        let line = text.lines().find(|line| line.contains(&format!("`{path}` {here}")));
        assert!(line.is_some_and(|line| line.contains(fault)), "{path}: {text}");
    }
    assert_eq!(text.matches("it calls `after`").count(), 2, "one a call: {text}");
    assert!(!text.contains("/plain"), "{text}");
}

#[tokio::test]
async fn names_that_are_too_long_or_differ_only_in_case_are_refused() {
    let long = "é".repeat(100);
    let values = ["Hello", "hello", &long].map(|value| [("slug", value.to_owned())]);
    let site = Site::builder().page("/", async || "home").page("/index", async || "index");
    let site = site.page_with("/{slug}", slug, values).build().await.expect("it builds");
    let folder = Folder::new();
    let error = site.export(&folder.0).expect_err("three names are no good").to_string();
    for expected in [
        "its file might be that of `/Hello`",
        "its file might be that of `/`",
        "its file name would be too long",
    ] {
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(folder.files(), [""; 0]);
}

#[tokio::test]
async fn a_page_that_would_be_file_and_folder_is_refused_before_anything_is_written() {
    let site = Site::builder()
        .page("/a", async || "a")
        .page("/a.html/b", async || "b")
        .page("/feed/b", async || "b")
        .page("/feed", async || Content::json("[]"));
    let site = site.build().await.expect("it builds");
    let folder = Folder::new();
    let error = site.export(&folder.0).expect_err("no file is a folder").to_string();
    assert!(error.contains("`/a.html/b`") && error.contains("the file of `/a`"), "{error}");
    assert!(error.contains("`/feed`") && error.contains("the folder of `/feed/b`"), "{error}");
    assert_eq!(folder.files(), [""; 0]);
}

#[tokio::test]
async fn files_of_folders_and_of_other_types_are_called_as_servers_expect() {
    let site = Site::builder()
        .page("/", async || "home")
        .page("/about", async || "about")
        .page("/sitemap.xml", async || Content::xml("<urlset/>"))
        .not_found_page(async || "not here");
    let site = site.build().await.expect("it builds");
    for (names, about) in
        [(FileNames::Files, "site/about.html"), (FileNames::Folders, "site/about/index.html")]
    {
        let folder = Folder::new();
        site.export_as(names, &folder.0).expect("all are plain text");
        let expected = ["site/404.html", about, "site/index.html", "site/sitemap.xml"];
        assert_eq!(folder.files(), expected);
    }
}

#[tokio::test]
async fn what_a_file_cannot_say_is_refused() {
    let header = http::HeaderValue::from_static("x");
    let site = Site::builder()
        .page("/status", async || Content::text("").status(http::StatusCode::GONE))
        .page("/header", move || {
            std::future::ready(Content::text("").header(http::header::LINK, header.clone()))
        })
        .page("/moved", async || Err::<&str, _>(with_after::redirect("/elsewhere")));
    let site = site.build().await.expect("it builds");
    let error = site.export(Folder::new().0.clone()).expect_err("a server is needed").to_string();
    for fault in ["answers with a 410", "sends the header `link`", "a 307 Temporary Redirect to /e"]
    {
        assert!(error.contains(fault), "{error}");
    }
}

#[tokio::test]
async fn a_warm_start_serves_the_last_export_and_renders_each_page_for_its_first_visitor() {
    for names in [FileNames::Files, FileNames::Folders] {
        let counted = Counted::default();
        let page = |counted: &Counted| {
            let counted = counted.clone();
            move |params: Params| {
                let slug = params.get("slug").unwrap_or_default().to_owned();
                std::future::ready(format!("{slug} {}", counted.count()))
            }
        };
        let list = || ["a", "b"].map(|slug| [("slug", slug)]);
        let describe =
            |counted: &Counted| Site::builder().page_with("/{slug}", page(counted), list());
        let folder = Folder::new();
        let first = describe(&counted).build().await.expect("it builds");
        first.export_as(names, &folder.0).expect("all are plain text");
        assert_eq!(counted.renders(), 2);

        let site = describe(&counted)
            .page("/new", async || "new")
            .page("/data", async || Content::json("[]"))
            .warm_start(&folder.0)
            .build()
            .await
            .expect("it builds");
        assert_eq!(counted.renders(), 2, "no page was rendered that has a file");
        let visitor = Visitor::new(&site);
        assert_eq!(visitor.get("/new").await, "new");
        assert_eq!(visitor.get("/data").await, "[]");
        assert_eq!(visitor.get("/a").await, "a 1");
        visitor.drain().await;
        assert_eq!(visitor.get("/a").await, "a 3");
        assert_eq!(visitor.get("/a").await, "a 3");
        assert_eq!(visitor.get("/b").await, "b 2");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named() {
    let site = Site::builder().page("/", async || "home").build().await.expect("it builds");
    let error = site.export("/dev/null/site").expect_err("that is no folder");
    assert!(error.is_io() && error.to_string().contains("/dev/null/site/index.html"), "{error}");
}

#[tokio::test]
async fn a_page_that_was_revalidated_is_written_as_it_is_now() {
    let counted = Counted::default();
    let page = {
        let counted = counted.clone();
        // Without a task.
        move || std::future::ready(format!("render {}", counted.count()))
    };
    let site = Site::builder().page("/exported", page).build().await.expect("it builds");
    revalidate_path("/exported").expect("no component renders");
    assert_eq!(Visitor::new(&site).get("/exported").await, "render 2");
    let folder = Folder::new();
    site.export(&folder.0).expect("it is plain text");
    let text = fs::read_to_string(folder.0.join("exported.html")).expect("it is there");
    assert_eq!(text, "render 2");
}
