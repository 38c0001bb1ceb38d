use std::{
    any::Any, cell::RefCell, collections::HashMap, error::Error, fmt::Display, future::Future,
    pin::Pin, sync::Arc, time::Duration,
};

use tokio::sync::{Mutex, mpsc, oneshot};
use with_after::{after, cookies, headers, task, try_cookies, with_after};

async fn read() -> usize {
    cookies().await.iter().count()
}

trait Mailer: Send + Sync {
    fn send(&self, to: String) -> Pin<Box<dyn Future<Output = Result<(), Box<dyn Error + Send + Sync>>> + Send + '_>>;
}

#[async_trait::async_trait]
trait Store: Send + Sync + 'static {
    async fn store(&self, value: &str) -> Result<(), std::io::Error>;
    fn later(&self) -> impl Future<Output = ()> + Send
    where
        Self: Sized;
}

struct State<T>(T);

#[derive(Clone)]
struct App {
    mailer: Arc<dyn Mailer>,
    store: Arc<dyn Any + Send + Sync>,
    seen: Arc<Mutex<HashMap<String, Box<dyn Display + Send + Sync>>>>,
    hook: fn(&str) -> usize,
}

// What is read before may be moved in.
#[with_after(component)]
async fn page(State(app): State<App>, name: &str, sender: mpsc::Sender<Box<dyn Any + Send>>) {
    let (count, jar, agent) = (read().await, cookies().await, headers().await);
    let (to, done) = oneshot::channel::<Result<(), Box<dyn Error + Send + Sync>>>();
    let name = name.to_owned();
    let by_mail = app.clone();
    after(async move {
        let mut seen = app.seen.lock().await;
        let value = (app.hook)(&name);
        seen.insert(name, Box::new(value));
        drop((count, jar.get("visitor"), agent.get("user-agent"), app.store));
        tokio::time::sleep(Duration::from_secs(1)).await;
        drop(sender.send(Box::new(1)).await);
    });
    after(async move { by_mail.mailer.send(String::new()).await });
    after(async move { done.await.map(drop) });
    after(|| {
        let shared: &dyn Any = &RefCell::new(1);
        drop(shared.is::<u8>());
    });
    after(tokio::spawn(async {}));
    task("ready").schedule(std::future::ready(()));
    drop(to);
}

// Nothing is known of a type parameter.
#[with_after(component)]
async fn generic<S: Store>(store: S) {
    after(async move {
        store.later().await;
        store.store("").await
    });
}

#[with_after(component)]
async fn of_some_type(store: impl Store) {
    after(async move { store.later().await });
}

struct View<S>(S);

impl<S: Store> View<S> {
    #[with_after(component)]
    async fn show(self) {
        after(async move { self.0.later().await });
    }

    #[with_after(component)]
    async fn of(State(store): State<S>) {
        after(async move { store.later().await });
    }
}

// What only looks like it.
mod other {
    pub fn after(seconds: u64, _: impl Sized) -> u64 {
        seconds
    }

    pub struct Scheduler;

    impl Scheduler {
        pub fn schedule(&self, _: impl Sized) {}
    }
}

#[with_after(component)]
async fn not_ours(scheduler: other::Scheduler) {
    scheduler.schedule(read());
    other::after(1, read());
    task("ours").schedule(async {});
    let after = |_| {};
    after(read());
}

mod own {
    use super::*;

    fn after(days: u64) -> u64 {
        days
    }

    #[with_after(component)]
    async fn in_days() -> u64 {
        after(1)
    }
}

#[with_after(component)]
async fn with_a_route_inside() {
    #[with_after(route)]
    async fn inner() {
        after(async { drop(read().await) });
    }
    after(async {});
    inner().await;
}

#[with_after(route)]
async fn route() {
    after(async { drop(read().await) });
}

// What is boxed as `dyn`, spawned, or not async is not seen: it is refused when it runs.
fn boxed() -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(read())
}

fn sync() {
    let _ = try_cookies();
}

#[with_after(component)]
async fn not_seen() {
    after(async { drop(boxed().await) });
    after(async { drop(tokio::spawn(read()).await) });
    after(|| sync());
}

#[with_after(component)]
async fn wrong() {
    after(async { drop(read().await) });
}

fn main() {}
