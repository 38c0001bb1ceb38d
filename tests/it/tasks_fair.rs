//! A task that is always ready leaves the others their turn, and is held to its time.

use std::{
    future::{poll_fn, ready},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::Poll,
    time::Duration,
};

use axum::{Router, routing::get};
use http::Method;
use tokio::{
    sync::mpsc::unbounded_channel,
    task::{coop::consume_budget, yield_now},
    time::sleep,
};
use with_after::{AfterLayer, task};

use crate::{
    serve_support::Running,
    support::{
        client::{Client, request},
        platform::{Recording, finish},
        server::Version,
        within,
    },
};

/// Long enough for a timer, and nobody waits for it.
const MOMENT: Duration = Duration::from_millis(10);

/// How a task keeps busy.
#[derive(Clone, Copy, Debug)]
enum Busy {
    /// By tokio's cooperative budget alone.
    Budget,
    /// With a channel that is always full.
    Channel,
    /// Without tokio: it wakes itself in each poll.
    Waking,
    /// By tokio's own way of leaving others their turn.
    Yielding,
}

const ALL: [Busy; 4] = [Busy::Budget, Busy::Channel, Busy::Waking, Busy::Yielding];

impl Busy {
    /// Is ready whenever it is polled, and ends when it is told to.
    async fn until(self, told: Arc<AtomicBool>) {
        let (sender, mut receiver) = unbounded_channel();
        while !told.load(SeqCst) {
            match self {
                Self::Budget => consume_budget().await,
                Self::Channel => {
                    sender.send(()).expect("it is open");
                    receiver.recv().await;
                }
                Self::Waking => wake_itself().await,
                Self::Yielding => yield_now().await,
            }
        }
    }
}

async fn wake_itself() {
    let mut polled = false;
    poll_fn(|cx| {
        if polled {
            return Poll::Ready(());
        }
        polled = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[tokio::test]
async fn siblings_of_a_busy_task_get_their_turn_whoever_starts_first() {
    for busy in ALL {
        for busy_is_first in [true, false] {
            let platform = Recording::default();
            finish(platform.layer(), |_| {
                let told = Arc::new(AtomicBool::new(false));
                let busy = || task("busy").schedule(busy.until(Arc::clone(&told)));
                if busy_is_first {
                    busy();
                }
                // Each waits for a timer, the last of them tells the busy one to end.
                for number in 0..3 {
                    let told = Arc::clone(&told);
                    task("sibling").schedule(async move {
                        sleep(MOMENT).await;
                        if number == 2 {
                            task("nested").schedule(async move {
                                sleep(MOMENT).await;
                                told.store(true, SeqCst);
                            });
                        }
                    });
                }
                if !busy_is_first {
                    busy();
                }
                ready(())
            })
            .await;
            within(platform.drain()).await;
            let mut ended = platform.ended.entries();
            ended.sort_unstable();
            let siblings = ["sibling completed"; 3];
            let expected = [&["busy completed", "nested completed"][..], &siblings].concat();
            assert_eq!(ended, expected, "{busy:?}");
        }
    }
}

#[tokio::test]
async fn a_busy_task_is_cut_at_its_deadline_alone_or_beside_others() {
    for busy in ALL {
        for siblings in [0, 2] {
            let platform = Recording::default();
            finish(platform.layer(), |_| {
                let never = Arc::new(AtomicBool::new(false));
                for _ in 0..siblings {
                    task("sibling").schedule(sleep(MOMENT));
                }
                task("busy").max_duration(2 * MOMENT).schedule(busy.until(never));
                ready(())
            })
            .await;
            within(platform.drain()).await;
            let mut ended = platform.ended.entries();
            ended.sort_unstable();
            let [busy, siblings @ ..] = &ended[..] else { panic!("nothing has ended") };
            assert_eq!(busy, "busy timed out after 20ms");
            assert!(siblings.iter().all(|ended| ended == "sibling completed"), "{siblings:?}");
        }
    }
}

#[tokio::test]
async fn two_busy_tasks_leave_each_other_their_turn() {
    for one in ALL {
        for other in ALL {
            let platform = Recording::default();
            finish(platform.layer(), |_| {
                let [first, second] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
                let (told, tells) = (Arc::clone(&first), Arc::clone(&second));
                task("one").schedule(async move {
                    one.until(told).await;
                    tells.store(true, SeqCst);
                });
                task("other").schedule(other.until(second));
                task("timer").schedule(async move {
                    sleep(MOMENT).await;
                    first.store(true, SeqCst);
                });
                ready(())
            })
            .await;
            within(platform.drain()).await;
            assert_eq!(platform.ended.entries().len(), 3, "{one:?} {other:?}");
        }
    }
}

#[tokio::test]
async fn many_tasks_start_though_each_of_them_uses_up_the_budget() {
    const TASKS: usize = 300;
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        for _ in 0..TASKS {
            task("hungry").schedule(async {
                for _ in 0..200 {
                    consume_budget().await;
                }
            });
        }
        ready(())
    })
    .await;
    within(platform.drain()).await;
    assert_eq!(platform.ended.entries(), vec!["hungry completed"; TASKS]);
}

#[tokio::test]
async fn busy_tasks_of_other_requests_on_its_connection_delay_no_task() {
    for version in [Version::Http1, Version::Http2] {
        let told = Arc::new(AtomicBool::new(false));
        let (tells, tasks_told) = (Arc::clone(&told), Arc::clone(&told));
        let timer = async move || {
            task("timer").schedule(async move {
                sleep(MOMENT).await;
                tells.store(true, SeqCst);
            });
        };
        let busy = async move || task("busy").schedule(Busy::Channel.until(tasks_told));
        let app = Router::new().route("/timer", get(timer)).route("/busy", get(busy));
        let (server, address) = Running::start(app.layer(AfterLayer::new())).await;
        let mut client = Client::connect(address, version).await;
        for path in ["/busy", "/timer"] {
            client.fetch(request(Method::GET, path)).await.expect("it is answered");
        }
        // Requests are answered meanwhile, each of which adds a busy task.
        while !told.load(SeqCst) {
            client.fetch(request(Method::GET, "/busy")).await.expect("it is answered");
        }
        let report = within(server.stop()).await;
        assert!(report.is_complete(), "{report}");
    }
}
