//! Two processes of one site, and a database between them.

use std::{env, net::SocketAddr, process::Stdio, time::Duration};

use http::Method;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::{sleep, timeout},
};
use with_after_test_support::client::{fetch, request};

#[tokio::test]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
async fn what_is_revalidated_on_one_machine_is_revalidated_on_the_other_and_told_once() {
    let Ok(server) = env::var("WITH_AFTER_POSTGRES_URL") else {
        println!("skipped: run it by `.ci/with-servers`, or set `WITH_AFTER_POSTGRES_URL`");
        return;
    };
    let database = database(&server).await;
    let (one, other) = (Machine::start(&database).await, Machine::start(&database).await);
    assert_eq!(one.get("/").await, "render 1: ");
    assert_eq!(other.get("/").await, "render 1: ");

    for (number, title, posts) in [(2, "a", "a"), (3, "b", "a, b")] {
        one.send(Method::POST, &format!("/posts/{title}")).await;
        let expected = format!("render {number}: {posts}");
        assert_eq!(one.get("/").await, expected, "at once for who asks where it was posted");
        other.shows(&expected).await;
    }
    other.send(Method::POST, "/posts/c").await;
    assert_eq!(other.get("/").await, "render 4: a, b, c");
    one.shows("render 4: a, b, c").await;
    // A machine that heard itself would render once more.
    assert_eq!(other.get("/").await, "render 4: a, b, c");

    // The connections are cut: what is told meanwhile reaches nobody.
    cut(&server, &database).await;
    one.send(Method::POST, "/posts/d").await;
    other.ends_with("a, b, c, d").await;
}

/// Makes a database of its own; returns its URL.
async fn database(server: &str) -> String {
    let name = format!("machines_{}", std::process::id());
    let mut admin = PgConnection::connect(server).await.expect("it runs");
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("it may");
    let (host, _) = server.rsplit_once('/').expect("it names a database");
    let url = format!("{host}/{name}");
    let mut database = PgConnection::connect(&url).await.expect("it was made");
    database.execute("CREATE TABLE posts (title text NOT NULL)").await.expect("it may");
    url
}

/// Cuts all connections to the database.
async fn cut(server: &str, database: &str) {
    let (_, name) = database.rsplit_once('/').expect("it names a database");
    let mut admin = PgConnection::connect(server).await.expect("it runs");
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    sqlx::query(cut).bind(name).execute(&mut admin).await.expect("it may");
}

/// One process of the site.
struct Machine {
    address: SocketAddr,
    _process: Child,
}

impl Machine {
    async fn start(database: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_with-after-machines"))
            .env("DATABASE_URL", database)
            .env("PORT", "0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it was built");
        let stdout = process.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(Duration::from_secs(10), lines.next_line()).await.expect("it starts");
        let line = line.expect("it is text").expect("it listens");
        let (_, rest) = line.split_once("http://").expect("it tells its address");
        let address = rest.split(',').next().expect("the address comes first").parse();
        Self { address: address.expect("it is one"), _process: process }
    }

    async fn get(&self, path: &str) -> String {
        self.send(Method::GET, path).await
    }

    async fn send(&self, method: Method, path: &str) -> String {
        let response = fetch(self.address, request(method, path)).await;
        assert!(response.status().is_success(), "{path}: {}", response.status());
        String::from_utf8(response.into_body().into()).expect("it is text")
    }

    /// Waits until the page is this.
    async fn shows(&self, text: &str) {
        self.wait_for(|page| page == text).await;
    }

    async fn ends_with(&self, end: &str) {
        self.wait_for(|page| page.ends_with(end)).await;
    }

    async fn wait_for(&self, is_it: impl Fn(&str) -> bool) {
        let mut page = String::new();
        // A bound and no expectation.
        let waited = timeout(Duration::from_secs(10), async {
            while !is_it(&page) {
                sleep(Duration::from_millis(10)).await;
                page = self.get("/").await;
            }
        });
        assert!(waited.await.is_ok(), "it still shows {page}");
    }
}
