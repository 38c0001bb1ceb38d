//! tokio, futures, tokio-util, tokio-stream, async-trait, async-stream, async-channel, async-lock,
//! flume, tracing, governor, backon, moka.

use std::{num::NonZeroU32, pin::pin, sync::Arc, time::Duration};

use backon::Retryable as _;
use futures::{
    FutureExt as _, SinkExt as _, StreamExt as _, TryStreamExt as _,
    future::{self, BoxFuture},
    stream::{self, FuturesUnordered},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    sync::{Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch},
    task::JoinSet,
};
use tokio_util::{
    codec::{Framed, LinesCodec},
    sync::CancellationToken,
    task::TaskTracker,
    time::DelayQueue,
};
use tracing::Instrument as _;
use with_after::{after, task, with_after};

use crate::{Failure, Outcome};

#[with_after(component)]
async fn tokio_time_and_tasks(id: u64) {
    after(tokio::time::sleep(Duration::from_secs(1)));
    after(async move {
        let mut interval = tokio::time::interval(Duration::from_secs(1));
        interval.tick().await;
        drop(tokio::time::timeout(Duration::from_secs(1), async { id }).await);
        let (one, two) = tokio::join!(async { 1 }, tokio::task::yield_now());
        tokio::select! {
            biased;
            _ = interval.tick() => {}
            () = tokio::time::sleep(Duration::from_secs(1)), if id > one => {}
            else => {}
        }
        tokio::try_join!(async { Ok::<_, Failure>(1) }, async { Ok(2) }).map(drop)
    });
    after(async {
        let mut set = JoinSet::<Outcome>::new();
        set.spawn(async { Ok(()) });
        while let Some(done) = set.join_next().await {
            done??;
        }
        tokio::task::spawn_blocking(|| ()).await?;
        Ok::<_, Failure>(())
    });
    after(tokio::spawn(async { 1 }).map(drop));
}

#[with_after(component)]
async fn tokio_sync(shared: Arc<Mutex<Vec<Box<dyn Fn() + Send>>>>, lock: Arc<RwLock<String>>) {
    let (sender, mut receiver) = mpsc::channel::<Box<dyn FnOnce() + Send>>(1);
    let (to_all, mut from_one) = broadcast::channel::<String>(1);
    let (latest, mut watching) = watch::channel(1);
    let (answer, answered) = oneshot::channel::<Outcome>();
    after(async move {
        let mut guard = shared.lock().await;
        guard.push(Box::new(|| ()));
        tokio::task::yield_now().await;
        let read = lock.read().await;
        drop((read.len(), lock.clone().write_owned().await));
    });
    after(async move {
        let permit = sender.reserve().await.map_err(|_| "closed")?;
        permit.send(Box::new(|| ()));
        while let Some(work) = receiver.recv().await {
            work();
        }
        Ok::<_, Failure>(())
    });
    after(async move {
        from_one.recv().await?;
        watching.changed().await?;
        watching.wait_for(|n| *n > 1).await?;
        answered.await?
    });
    let permits = Arc::new(Semaphore::new(1));
    after(async move {
        let _permit = permits.acquire_owned().await?;
        Notify::new().notified().await;
        Ok::<_, Failure>(())
    });
    drop((to_all, latest, answer));
}

#[with_after(component)]
async fn tokio_io() {
    after(async {
        let file = tokio::fs::File::open("a").await?;
        let mut lines = BufReader::new(file).lines();
        while let Some(line) = lines.next_line().await? {
            tokio::fs::write("b", line).await?;
        }
        Ok::<_, std::io::Error>(())
    });
    after(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let (mut stream, _) = listener.accept().await?;
        let (mut read, mut write) = stream.split();
        tokio::io::copy(&mut read, &mut write).await?;
        let mut buffer = Vec::new();
        read.read_to_end(&mut buffer).await?;
        write.write_all(&buffer).await
    });
    after(async {
        tokio::process::Command::new("true").status().await?;
        tokio::signal::ctrl_c().await
    });
}

#[with_after(component)]
async fn futures(urls: Vec<String>) {
    let boxed: BoxFuture<'static, ()> = async {}.boxed();
    let shared = async { 1 }.shared();
    after(boxed);
    after(async move {
        let one = future::join_all(urls.iter().map(|url| async move { url.len() })).await;
        let mut unordered: FuturesUnordered<_> =
            urls.iter().map(|url| async { url.len() }).collect();
        while let Some(len) = futures::StreamExt::next(&mut unordered).await {}
        stream::iter(urls.clone())
            .map(|url| async move { Ok::<_, Failure>(url) })
            .buffer_unordered(4)
            .try_for_each_concurrent(2, |url| async move { Ok(drop(url)) })
            .await?;
        future::select(pin!(future::pending::<()>()), pin!(shared.clone())).await;
        let (work, handle) = future::abortable(async {});
        drop(work.await);
        std::panic::AssertUnwindSafe(async {}).catch_unwind().await.map_err(|_| "panicked")?;
        let (mut sink, mut stream) = futures::channel::mpsc::channel::<u8>(1);
        sink.send(1).await?;
        futures::future::try_join_all([async { Ok::<_, Failure>(1) }]).await?;
        Ok::<_, Failure>(())
    });
    after(futures::stream::iter([1, 2]).for_each(|_| async {}));
}

#[with_after(component)]
async fn util_and_streams(token: CancellationToken, tracker: TaskTracker) {
    let child = token.child_token();
    after(token.run_until_cancelled_owned(async {}).map(drop));
    after(async move {
        child.cancelled().await;
        tracker.spawn(async {}).await?;
        tracker.wait().await;
        let stream = tokio::net::TcpStream::connect("127.0.0.1:1").await?;
        let mut framed = Framed::new(stream, LinesCodec::new());
        framed.send("line").await?;
        while let Some(line) = futures::StreamExt::next(&mut framed).await.transpose()? {}
        let mut queue = DelayQueue::new();
        queue.insert(1, Duration::from_secs(1));
        futures::StreamExt::next(&mut queue).await;
        Ok::<_, Failure>(())
    });
    let (sender, receiver) = mpsc::channel::<u8>(1);
    after(async move {
        let wrapped = tokio_stream::wrappers::ReceiverStream::new(receiver);
        let stream = tokio_stream::StreamExt::merge(wrapped, tokio_stream::iter([1]));
        let stream = tokio_stream::StreamExt::timeout(stream, Duration::from_secs(1));
        let mut stream =
            pin!(tokio_stream::StreamExt::chunks_timeout(stream, 3, Duration::from_secs(1)));
        while let Some(chunk) = tokio_stream::StreamExt::next(&mut stream).await {}
        drop(sender);
    });
    after(async {
        let stream = async_stream::stream! {
            for n in 0..3 {
                tokio::task::yield_now().await;
                yield Ok::<u8, Failure>(n);
            }
        };
        let all: Vec<u8> = stream.try_collect().await?;
        let mut endless = pin!(async_stream::stream! { loop { yield 1; } });
        futures::StreamExt::next(&mut endless).await;
        Ok::<_, Failure>(())
    });
}

#[async_trait::async_trait]
trait Mail: Send + Sync {
    async fn send(&self, to: &str) -> Outcome;
    async fn later<'a>(&'a self, to: &'a [String]) -> Option<&'a str>;
}

struct Smtp(Arc<dyn Mail>);

#[async_trait::async_trait]
impl Mail for Smtp {
    async fn send(&self, to: &str) -> Outcome {
        self.0.send(to).await
    }

    async fn later<'a>(&'a self, to: &'a [String]) -> Option<&'a str> {
        self.0.later(to).await
    }
}

#[with_after(component)]
async fn boxed_traits(mail: Arc<dyn Mail>, smtp: Smtp) {
    let again = mail.clone();
    task("mail").schedule(async move { mail.send("a").await });
    after(async move { drop(smtp.later(&[String::from("a")]).await) });
    after((|| async { Ok::<_, Failure>(()) }).retry(backon::ExponentialBuilder::default()));
    after(async move {
        let send = || async { again.send("a").await };
        send.retry(backon::ConstantBuilder::default()).notify(|error, after| ()).await
    });
    after(async {}.instrument(tracing::info_span!("work")));
}

#[tracing::instrument(skip(mail), err)]
async fn instrumented(mail: Arc<dyn Mail>, to: String) -> Outcome {
    mail.send(&to).await
}

#[with_after(component)]
async fn channels_locks_and_caches(
    mail: Arc<dyn Mail>,
    cache: moka::future::Cache<String, Arc<str>>,
) {
    after(instrumented(mail, String::new()));
    after(async {
        let (sender, receiver) = async_channel::bounded::<u8>(1);
        sender.send(1).await?;
        receiver.recv().await?;
        let (sender, receiver) = flume::bounded::<Box<dyn Fn() + Send + Sync>>(1);
        sender.send_async(Box::new(|| ())).await?;
        let got = receiver.recv_async().await?;
        let lock = Arc::new(async_lock::RwLock::new(1));
        let guard = lock.upgradable_read_arc().await;
        async_lock::Semaphore::new(1).acquire().await;
        drop((guard, got));
        Ok::<_, Failure>(())
    });
    after(async move {
        cache.get_with(String::from("a"), async { Arc::from("b") }).await;
        cache
            .try_get_with(String::from("a"), async { Err::<Arc<str>, _>(std::fmt::Error) })
            .await?;
        cache.entry(String::from("a")).or_insert_with(async { Arc::from("c") }).await;
        cache.invalidate("a").await;
        cache.run_pending_tasks().await;
        let limiter = governor::RateLimiter::direct(governor::Quota::per_second(NonZeroU32::MIN));
        limiter.until_ready().await;
        Ok::<_, Failure>(())
    });
}
