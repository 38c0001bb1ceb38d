//! Expansions, kept as files beside this one. `BLESS=1 cargo test` writes them anew.

use std::{env, fs, path::Path};

use proc_macro2::TokenStream;

use super::{pretty, tokens};
use crate::{cache, pipeline};

#[test]
fn each_kind() {
    for kind in ["component", "metadata", "route", "server_fn", "middleware"] {
        let item = "async fn shop(db: Db) -> Result<Page, Error> { let page = db.load().await?; Ok(page) }";
        compare(&format!("kind_{kind}"), kind, item);
    }
}

#[test]
fn each_shape() {
    compare("bare", "", "pub async fn shop() {}");
    compare("sync", "route", "fn shop(&self) -> Page { page() }");
    compare(
        "returns_future",
        "",
        "fn shop<'a>(&'a self) -> impl Future<Output = Page> + use<'a> { async { self.page() } }",
    );
    compare(
        "returns_boxed_future",
        "",
        "fn shop(&self) -> Pin<Box<dyn Future<Output = Page> + Send + '_>> { Box::pin(async { page() }) }",
    );
    compare(
        "returns_impl_trait",
        "",
        "async fn shop() -> Result<impl IntoResponse, Error> { Ok(page()) }",
    );
    compare("returns_only_impl_trait", "", "async fn shop() -> impl IntoResponse { page() }");
}

#[test]
fn a_job() {
    let args = "name = \"receipt\", max_attempts = 3, max_duration = \"30s\"";
    let item = "/// Sends it.\n#[tracing::instrument]\npub async fn send(order: i64, mailer: &Mailer) \
                -> Result<(), Error> { mailer.send(order).await }";
    let expansion = pipeline::job(tokens(args), &tokens(item));
    compare_expansion("job", "job", args, item, &expansion);
}

#[test]
fn tasks_under_the_bound_of_the_transitive_check() {
    let item = "async fn shop(db: Db) { let id = db.id(); after(refresh(id)); task(\"a\").schedule(|| (db)); }";
    let expansion = pipeline::with_after_transitive(tokens("component"), &tokens(item));
    compare_expansion("transitive", "with_after", "component", item, &expansion);

    let item = "async fn send(order: i64) { mail(order).await }";
    let expansion = pipeline::job_transitive(tokens(""), &tokens(item));
    compare_expansion("transitive_job", "job", "", item, &expansion);
}

#[test]
fn where_a_task_may_read_the_request_the_transitive_check_changes_nothing() {
    let item = tokens("async fn shop(db: Db) { after(refresh(db)) }");
    for kind in ["route", "server_fn", "middleware"] {
        let with = pipeline::with_after_transitive(tokens(kind), &item);
        assert_eq!(with.to_string(), pipeline::with_after(tokens(kind), &item).to_string());
    }
}

#[test]
fn attributes_stay_in_place() {
    compare(
        "attributes",
        "max_duration = \"1h 30m\", crate = my::with_after",
        "/// Docs.\n #[debug_handler] #[instrument(skip(db))] pub(crate) async fn r#type(db: Db) { #![expect(unused)] db.load().await; }",
    );
}

#[test]
fn mistakes_stand_where_the_uses_stand() {
    compare(
        "mistakes_in_body",
        "component",
        "async fn page() -> Html {
            after(async { cookies().await; println!(\"{}\", headers().await.len()); });
            after(connection);
            html()
        }",
    );
    compare("mistake_in_arguments", "rout", "async fn shop() { half.typed }");
}

#[test]
fn memoised_functions() {
    let compare = |name, args, item: &str| {
        compare_expansion(name, "cache", args, item, &cache::cache(tokens(args), &tokens(item)));
    };
    compare(
        "cache_async",
        "skip(db)",
        "async fn user(db: &Db, name: &str, id: u64) -> Result<User, Error> { db.load(name, id).await }",
    );
    compare(
        "cache_sync",
        "crate = my::with_after",
        "fn price<T>(mut id: u64) -> u32 { id += 1; id }",
    );
    compare("cache_mistake", "", "async fn user(&self) { half.typed }");
}

fn compare(name: &str, args: &str, item: &str) {
    let expansion = pipeline::with_after(tokens(args), &tokens(item));
    compare_expansion(name, "with_after", args, item, &expansion);
}

fn compare_expansion(name: &str, attribute: &str, args: &str, item: &str, found: &TokenStream) {
    let found = pretty(found);
    let found = format!("// #[{attribute}({args})]\n// {}\n\n{found}", item.replace('\n', "\n// "));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/tests/snapshots/{name}.rs"));
    if env::var_os("BLESS").is_some() {
        fs::write(&path, found).expect("the checkout can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == found, "{name} differs; run with BLESS=1 if this is right:\n{found}");
}
