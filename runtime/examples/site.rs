//! A blog whose pages are rendered before they are asked for.
//!
//! Start it with `cargo run --example site --features axum,maud,prerender`, then open
//! <http://127.0.0.1:3000/>, write a post, and read what it prints. `PORT` chooses another port.
//!
//! | page | is |
//! |---|---|
//! | `/` | static; rendered again after a minute, and when a post is written |
//! | `/posts/{slug}` | static; those of the start at build, others when they are first asked for |
//! | `/help/{*page}` | static; those that are listed, and no others |
//! | `/sitemap.xml` | static, and no HTML |
//! | `/account` | static, with a hole that is filled for each visitor |
//! | `/visits` | dynamic: it reads a cookie |
//! | `/search?q=hello` | dynamic: it reads the query |
//! | any other | the site's own "not found" |
//!
//! `curl -X POST -H 'authorization: s3cret' http://127.0.0.1:3000/revalidate/posts` has the pages
//! with the tag `posts` rendered anew, as a content management system would; visitors have the old
//! ones meanwhile.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what happens when is its output")]

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    process::ExitCode,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Form, Router,
    extract::{Path, Query, Request},
    http::{HeaderMap, StatusCode},
    middleware,
    response::Response,
    routing::post,
};
use maud::{Markup, html};
use tokio::{net::TcpListener, time::sleep};
use with_after::{
    AfterLayer, Interrupt, after, cookies, not_found,
    prerender::{Content, Params, Revalidation, Site, suspense},
    redirect, revalidate_path, revalidate_tag, serve, uri, with_after,
};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let slugs: Vec<_> = posts(|posts| posts.keys().map(|slug| [("slug", slug.clone())]).collect());
    let site = Site::builder()
        .page("/", index)
        .revalidate_after(Duration::from_secs(60))
        .tags(["posts"])
        .page_with("/posts/{slug}", article, slugs)
        .tags(["posts"])
        .page_with("/help/{*page}", help, [[("page", "start")], [("page", "posts/writing")]])
        .only_listed()
        .page("/sitemap.xml", sitemap)
        .tags(["posts"])
        .page("/account", account)
        .require_static()
        .page("/visits", visits)
        .page("/search", search)
        .not_found_page(async || {
            layout("Not here", &html! { p { "It is elsewhere, or nowhere." } })
        })
        .error_page(async || {
            layout("Our fault", &html! { p { "We were told, and look into it." } })
        })
        .redirect_trailing_slash()
        .build()
        .await?;
    println!("{}", site.report());

    let app = Router::new()
        .route("/posts", post(publish))
        .route("/revalidate/{tag}", post(revalidate))
        .merge(site)
        .layer(middleware::from_fn(log))
        .layer(AfterLayer::new().on_failure(|failure| eprintln!("{failure}")));
    let port = env::var("PORT").ok().map_or(Ok(3000), |port| port.parse::<u16>())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}, Ctrl-C to stop", listener.local_addr()?);
    println!("{}", serve(listener, app).await?);
    Ok(())
}

/// The index. Its task runs at build, and whenever the page is rendered again: never for a visit.
#[with_after(component)]
async fn index() -> Markup {
    let posts: Vec<_> = posts(|posts| posts.keys().cloned().collect());
    let count = posts.len();
    after(move || println!("  the index was rendered, with {count} posts"));
    layout(
        "Posts",
        &html! {
            ul { @for slug in &posts { li { a href={ "/posts/" (slug) } { (slug) } } } }
            form method="post" action="/posts" {
                input name="slug" pattern="[a-z-]+" required placeholder="a-title";
                input name="text" required;
                button { "Publish" }
            }
        },
    )
}

/// A post. An unknown one is kept as "not found" until the posts change.
#[with_after(component)]
async fn article(params: Params) -> Result<Markup, Interrupt> {
    let slug = params.get("slug").unwrap_or_default().to_owned();
    let text = posts(|posts| posts.get(&slug).cloned()).ok_or_else(not_found)?;
    let page = layout(&slug, &html! { p { (text) } });
    after(move || println!("  {slug} was rendered"));
    Ok(page)
}

/// Pages of any depth under one path.
#[with_after(component)]
async fn help(params: Params) -> Markup {
    let page = params.get("page").unwrap_or_default();
    layout("Help", &html! { p { "Nobody needs help with " (page) "." } })
}

/// What search engines read.
#[with_after(component)]
async fn sitemap() -> Content {
    let slugs: Vec<_> = posts(|posts| posts.keys().cloned().collect());
    let urls = html! {
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            @for slug in &slugs { url { loc { "http://127.0.0.1:3000/posts/" (slug) } } }
        }
    };
    Content::xml(urls.into_string())
}

/// The account page: all but the greeting is the same for everybody.
#[with_after(component)]
async fn account() -> Markup {
    layout("Your account", &html! { p { (suspense("Who are you?", greeting)) } })
}

/// What only this visitor sees. The request is read here, and moved into the task.
#[with_after(component)]
async fn greeting() -> Markup {
    let name = cookies().await.get("name").map(|cookie| cookie.value().to_owned());
    let name = name.unwrap_or_else(|| "stranger".to_owned());
    sleep(Duration::from_millis(300)).await; // stands for a database
    let greeting = html! { "Hello, " b { (name) } "!" };
    after(move || println!("  {name} was here"));
    greeting
}

/// A page that turns out dynamic, since it reads a cookie.
#[with_after(component)]
async fn visits() -> Markup {
    let name = cookies().await.get("name").map(|cookie| cookie.value().to_owned());
    layout("Visits", &html! { p { "You are " (name.as_deref().unwrap_or("nobody")) } })
}

/// A page that turns out dynamic, since it reads the query.
#[with_after(component)]
async fn search() -> Markup {
    let query = Query::<BTreeMap<String, String>>::try_from_uri(&uri().await);
    let word = query.ok().and_then(|mut query| query.remove("q")).unwrap_or_default();
    let found: Vec<_> = posts(|posts| {
        let found = posts.iter().filter(|(_, text)| text.contains(&word));
        found.map(|(slug, _)| slug.clone()).collect()
    });
    layout("Search", &html! { p { (found.len()) " posts hold “" (word) "”: " (found.join(", ")) } })
}

/// Called from outside. The next visitors have the old pages until the new ones are rendered.
#[with_after(route)]
async fn revalidate(Path(tag): Path<String>, headers: HeaderMap) -> Result<(), StatusCode> {
    let secret = env::var("SECRET").unwrap_or_else(|_| "s3cret".to_owned());
    let given = headers.get("authorization").is_some_and(|given| *given == *secret);
    given.then_some(()).ok_or(StatusCode::UNAUTHORIZED)?;
    Revalidation::tag(tag).serving_stale().apply().map_err(|_| StatusCode::BAD_REQUEST)
}

/// The form. When the browser has its redirect, the pages are told that they are old.
#[with_after(server_fn)]
async fn publish(Form(form): Form<BTreeMap<String, String>>) -> Result<(), Interrupt> {
    let field = |name| form.get(name).cloned().unwrap_or_default();
    let (slug, text) = (field("slug"), field("text"));
    let path = format!("/posts/{slug}");
    posts(|posts| posts.insert(slug, text));
    // At once for the author, who is sent there; for everybody else when there is time.
    if let Err(error) = revalidate_path(&path) {
        eprintln!("{error}");
    }
    after(|| revalidate_tag("posts"));
    Err(redirect("/"))
}

#[with_after(middleware)]
async fn log(request: Request, next: middleware::Next) -> Response {
    println!("{} {}", request.method(), request.uri().path());
    next.run(request).await
}

fn layout(title: &str, content: &Markup) -> Markup {
    html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (title) } }
            body {
                nav {
                    a href="/" { "Posts" } " " a href="/account" { "Account" } " "
                    a href="/help/start" { "Help" }
                }
                h1 { (title) }
                (content)
            }
        }
    }
}

type Posts = BTreeMap<String, String>;

/// Stands for a database.
fn posts<T>(access: impl FnOnce(&mut Posts) -> T) -> T {
    static POSTS: LazyLock<Mutex<Posts>> = LazyLock::new(|| {
        let first = ("hello".to_owned(), "The first post.".to_owned());
        Mutex::new(Posts::from([first]))
    });
    access(&mut POSTS.lock().unwrap_or_else(PoisonError::into_inner))
}
