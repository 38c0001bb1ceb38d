//! Which calls of a function with `#[cache]` run it.

use std::{
    any::type_name,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::mpsc::channel,
    task::Poll,
    thread,
};

use futures_util::FutureExt as _;
use tokio::sync::Semaphore;
use with_after::{Scope, cache, run};

use crate::support::{fail, log::Log, within};

#[tokio::test]
async fn calls_with_equal_arguments_run_once_whatever_they_borrow() {
    #[cache(skip(log))]
    async fn greet(log: &Log, name: &str, letters: &[char], times: u8) -> String {
        log.add(format!("{name} {letters:?} {times}"));
        name.repeat(times.into())
    }

    let log = Log::default();
    run(async {
        for _ in 0..2 {
            let (name, letters) = (String::from("ada"), vec!['a']);
            assert_eq!(greet(&log, &name, &letters, 2).await, "adaada");
        }
        assert_eq!(greet(&log, "ada", &['a'], 1).await, "ada");
        assert_eq!(greet(&log, "ada", &['b'], 2).await, "adaada");
        assert_eq!(greet(&log, "bob", &['a'], 2).await, "bobbob");
        assert_eq!(greet(&Log::default(), "ada", &['a'], 2).await, "adaada");
    })
    .await;
    assert_eq!(log.entries(), ["ada ['a'] 2", "ada ['a'] 1", "ada ['b'] 2", "bob ['a'] 2"]);
}

#[tokio::test]
async fn functions_of_equal_arguments_are_kept_apart_also_for_each_choice_of_types() {
    #[cache]
    async fn first(number: u8) -> String {
        format!("first {number}")
    }

    #[cache]
    async fn second(number: u8) -> String {
        format!("second {number}")
    }

    #[cache]
    async fn generic<T>(number: u8) -> String {
        format!("{} {number}", type_name::<T>())
    }

    #[cache]
    fn length<const N: usize>() -> usize {
        N
    }

    struct Table<T>(T);

    impl<T> Table<T> {
        #[cache]
        fn name() -> &'static str {
            type_name::<T>()
        }
    }

    run(async {
        let found = [first(1).await, second(1).await, generic::<u8>(1).await];
        assert_eq!(found, ["first 1", "second 1", "u8 1"]);
        assert_eq!(generic::<&str>(1).await, "&str 1");
        assert_eq!((length::<1>(), length::<2>()), (1, 2));
        assert_eq!((Table::<u8>::name(), Table::<u16>::name()), ("u8", "u16"));
    })
    .await;
}

#[tokio::test]
async fn a_result_is_kept_as_it_is() {
    #[cache(skip(log))]
    async fn load(log: &Log, id: u8) -> Result<u8, String> {
        log.add(id.to_string());
        if id == 0 {
            Err("there is no zero".to_owned())?;
        }
        Ok(id)
    }

    let log = Log::default();
    run(async {
        for _ in 0..2 {
            assert_eq!(load(&log, 0).await, Err("there is no zero".to_owned()));
            assert_eq!(load(&log, 1).await, Ok(1));
        }
    })
    .await;
    assert_eq!(log.entries(), ["0", "1"]);
}

/// Runs once somebody lets it.
#[cache(skip(log, gate))]
async fn gated(log: &Log, gate: &Semaphore) -> usize {
    log.add("begun");
    gate.acquire().await.expect("nobody closes it").forget();
    log.add("ended");
    log.entries().len()
}

#[tokio::test]
async fn calls_at_the_same_time_share_one_run() {
    let (log, gate) = (Log::default(), Semaphore::new(0));
    run(async {
        let calls = futures_util::future::join_all((0..10).map(|_| gated(&log, &gate)));
        let open = async {
            tokio::task::yield_now().await;
            gate.add_permits(1);
        };
        let (lengths, ()) = within(async { tokio::join!(calls, open) }).await;
        assert_eq!(lengths, [2; 10]);
    })
    .await;
    assert_eq!(log.entries(), ["begun", "ended"]);
}

#[tokio::test]
async fn if_the_caller_who_runs_it_is_dropped_another_takes_over() {
    let (log, gate) = (Log::default(), Semaphore::new(0));
    run(async {
        let mut second = pin!(gated(&log, &gate));
        {
            let mut first = pin!(gated(&log, &gate));
            assert!(futures_util::poll!(&mut first).is_pending());
            assert!(futures_util::poll!(&mut second).is_pending());
            assert_eq!(log.entries(), ["begun"], "the second waits for the first");
        }
        gate.add_permits(1);
        assert_eq!(within(second).await, 3);
    })
    .await;
    assert_eq!(log.entries(), ["begun", "begun", "ended"]);
}

#[tokio::test]
async fn a_panic_is_not_kept() {
    #[cache(skip(log))]
    async fn once_bad(log: &Log) -> usize {
        log.add("called");
        if log.entries().len() == 1 {
            fail();
        }
        log.entries().len()
    }

    #[cache(skip(log))]
    fn once_bad_sync(log: &Log) -> usize {
        log.add("called");
        if log.entries().len() == 1 {
            fail();
        }
        log.entries().len()
    }

    let (log, sync_log) = (Log::default(), Log::default());
    run(async {
        let first = AssertUnwindSafe(once_bad(&log)).catch_unwind().await;
        assert!(first.is_err());
        assert_eq!((once_bad(&log).await, once_bad(&log).await), (2, 2));

        assert!(catch_unwind(AssertUnwindSafe(|| once_bad_sync(&sync_log))).is_err());
        assert_eq!((once_bad_sync(&sync_log), once_bad_sync(&sync_log)), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn threads_that_call_a_sync_function_share_one_run() {
    #[cache(skip(log, body))]
    fn once(log: &Log, body: impl Fn()) -> usize {
        log.add("called");
        body();
        log.entries().len()
    }

    let log = Log::default();
    run(async {
        let scope = Scope::current().expect("`run` opened it");
        thread::scope(|threads| {
            let (begun, wait_begun) = channel();
            let (end, wait_end) = channel::<()>();
            // Both are one choice of types: a function pointer and its capture would be two.
            let spawn = |body: Box<dyn Fn() + Send>| {
                let (scope, log) = (scope.clone(), log.clone());
                threads.spawn(move || scope.enter(|| once(&log, body)))
            };
            let first = spawn(Box::new(move || {
                begun.send(()).expect("the test listens");
                wait_end.recv().expect("the test ends it");
            }));
            wait_begun.recv().expect("it begins");
            let second = spawn(Box::new(|| ()));
            // Whether it waits by now or finds the value later, it does not run.
            end.send(()).expect("the first waits");
            assert_eq!(first.join().expect("it does not panic"), 1);
            assert_eq!(second.join().expect("it does not panic"), 1);
        });
    })
    .await;
    assert_eq!(log.entries(), ["called"]);
}

#[tokio::test]
async fn recursion_runs_once_for_each_choice_of_arguments() {
    #[cache(skip(log))]
    async fn fibonacci(log: &Log, n: u64) -> u64 {
        log.add(n.to_string());
        match n {
            0 | 1 => n,
            _ => Box::pin(fibonacci(log, n - 1)).await + Box::pin(fibonacci(log, n - 2)).await,
        }
    }

    let log = Log::default();
    assert_eq!(run(fibonacci(&log, 20)).await, 6_765);
    assert_eq!(log.entries().len(), 21);
}

#[tokio::test]
async fn a_call_that_would_wait_for_itself_panics_and_says_so() {
    #[cache]
    async fn itself() -> u8 {
        tokio::task::yield_now().await;
        Box::pin(itself()).await
    }

    #[cache]
    async fn through_another() -> u8 {
        #[cache]
        async fn other() -> u8 {
            Box::pin(through_another()).await
        }

        other().await
    }

    #[cache]
    fn sync(from: u8) -> u8 {
        sync(from)
    }

    run(async {
        let line = line!() - 6;
        let message = panic_of(async { sync(1) }).await;
        assert!(message.contains(&format!("`sync` (tests/it/cache_calls.rs:{line}:")), "{message}");
        assert!(panic_of(itself()).await.contains("`itself`"));
        assert!(panic_of(through_another()).await.contains("`through_another`"));
    })
    .await;
}

#[tokio::test]
async fn a_call_beside_the_one_that_runs_is_no_recursion() {
    let (log, gate) = (Log::default(), Semaphore::new(0));
    run(async {
        let mut first = pin!(gated(&log, &gate));
        let mut second = pin!(gated(&log, &gate));
        // Both are polled by one task, one after the other.
        poll_fn(|cx| {
            assert!(first.as_mut().poll(cx).is_pending());
            assert!(second.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        gate.add_permits(1);
        assert_eq!(within(futures_util::future::join(first, second)).await, (2, 2));
    })
    .await;
}

#[tokio::test]
async fn a_call_that_is_dropped_while_it_waits_leaves_the_run_alone() {
    let (log, gate) = (Log::default(), Semaphore::new(0));
    run(async {
        let mut first = pin!(gated(&log, &gate));
        assert!(futures_util::poll!(&mut first).is_pending());
        assert!(gated(&log, &gate).now_or_never().is_none());
        gate.add_permits(1);
        assert_eq!(within(first).await, 2);
        assert_eq!(gated(&log, &gate).await, 2);
    })
    .await;
    assert_eq!(log.entries(), ["begun", "ended"]);
}

async fn panic_of<T>(future: impl Future<Output = T>) -> String {
    let outcome = AssertUnwindSafe(within(future)).catch_unwind().await;
    let Err(payload) = outcome else { panic!("it returned") };
    payload.downcast_ref::<String>().expect("it says something").clone()
}
