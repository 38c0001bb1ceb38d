//! A page at its revalidation moment, under load.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::Router;
use tokio::{spawn, time::sleep};
use with_after::{AfterLayer, platform::InProcess, prerender::Site, revalidate_tag};

use crate::support::{
    client::{Client, request},
    pages::{Counted, Gate},
    server::{Version, axum},
    within,
};

const CONNECTIONS: usize = 64;

/// Opens all connections.
async fn connect(address: SocketAddr) -> Vec<Client> {
    let mut clients = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(address, Version::Http1).await);
    }
    clients
}

/// Fetches the page once over each connection at the same time, and counts what came.
async fn fetch(clients: &mut Vec<Client>) -> BTreeMap<String, usize> {
    let fetches: Vec<_> = clients
        .drain(..)
        .map(|mut client| {
            spawn(async move {
                let received = client.fetch(request(http::Method::GET, "/")).await;
                (client, received.expect("a whole response comes"))
            })
        })
        .collect();
    let mut texts = BTreeMap::new();
    for fetched in fetches {
        let (client, received) = within(fetched).await.expect("it ends");
        assert_eq!(received.status, 200);
        let text = String::from_utf8(received.body.into()).expect("pages are text");
        *texts.entry(text).or_default() += 1;
        clients.push(client);
    }
    texts
}

#[expect(clippy::print_stdout, reason = "the figures are for who runs it")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_at_the_moment_of_revalidation_see_one_render_and_one_run_of_its_task() {
    let (counted, gate) = (Counted::default(), Gate::closed());
    gate.open(1);
    let age = Duration::from_millis(300);
    let site = Site::builder()
        .page("/", counted.gated(&gate))
        .revalidate_after(age)
        .tags(["load"])
        .build()
        .await
        .expect("it builds");
    let platform = InProcess::new();
    let app = Router::from(site).layer(AfterLayer::with_platform(platform.clone()));
    let mut clients = connect(axum(app).await).await;

    // By age: nobody waits, and one renders behind all.
    sleep(age).await;
    let begun = Instant::now();
    let texts = fetch(&mut clients).await;
    let by_age = begun.elapsed();
    assert_eq!(texts, BTreeMap::from([("render 1".to_owned(), CONNECTIONS)]));
    assert_eq!(counted.renders(), 2);
    gate.open(1);
    assert!(platform.drain(Duration::from_secs(5)).await.is_complete());
    assert_eq!((counted.renders(), counted.tasks()), (2, 2));

    // By tag: all wait for the same one.
    revalidate_tag("load").expect("no component renders");
    let begun = Instant::now();
    let opens = {
        let (counted, gate) = (counted.clone(), gate.clone());
        spawn(async move {
            while counted.renders() < 3 {
                sleep(Duration::from_millis(1)).await;
            }
            gate.open(1);
        })
    };
    let texts = fetch(&mut clients).await;
    let by_tag = begun.elapsed();
    within(opens).await.expect("it ends");
    assert_eq!(texts, BTreeMap::from([("render 3".to_owned(), CONNECTIONS)]));
    assert!(platform.drain(Duration::from_secs(5)).await.is_complete());
    assert_eq!((counted.renders(), counted.tasks()), (3, 3));
    println!("{CONNECTIONS} connections: {by_age:.1?} by age, {by_tag:.1?} by tag");
}
