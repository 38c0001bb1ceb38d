//! Handlers and tasks that fail at random.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::StatusCode;
use tokio::task::yield_now;
use with_after::{RunOn, Scope, cache, task};

use super::{
    dice::Dice,
    ledger::{Held, Ledger},
};
use crate::support::{Bomb, bodies, fail};

/// Schedules a task that ends at random.
fn schedule(dice: &Dice, ledger: &Ledger, depth: u64) {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!("task {}", NUMBER.fetch_add(1, Relaxed));
    let held = Held(ledger.clone(), name.clone());
    let hangs = dice.one_in(400);
    let mut builder = task(name.clone());
    match dice.below(8) {
        0 => builder = builder.run_on(RunOn::Success),
        1 => builder = builder.run_on(RunOn::Failure),
        2 => builder = builder.max_duration(Duration::from_millis(dice.below(3))),
        3 if !hangs && dice.one_in(5) => builder = builder.blocking(),
        _ => {}
    }
    let how = dice.below(12);
    // Two panics of one value would abort any process.
    let bomb = (how != 0 && dice.one_in(20)).then(|| Bomb);
    let (inner_dice, inner_ledger) = (dice.clone(), ledger.clone());
    let code = async move {
        let _bomb = bomb;
        for _ in 0..how / 3 {
            yield_now().await;
        }
        if hangs {
            std::future::pending::<()>().await;
        }
        if depth > 0 {
            schedule(&inner_dice, &inner_ledger, depth - 1);
        }
        held.ran();
        match how {
            0 => fail(),
            1 => return Err(Unspeakable("it fails")),
            2 => return Err(Unspeakable("")),
            _ => {}
        }
        Ok(())
    };
    let scheduled = match dice.below(3) {
        // A closure that makes the future.
        0 => builder.try_schedule(move || code),
        _ => builder.try_schedule(code),
    };
    ledger.enter(&name, |account| account.scheduled += usize::from(scheduled.is_ok()));
    if dice.one_in(20) {
        let scope = Scope::current().expect("it was there to schedule");
        scope.cancel(&name);
    }
}

/// An error that cannot be shown if it has nothing to say.
#[derive(Debug)]
struct Unspeakable(&'static str);

impl fmt::Display for Unspeakable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            fail();
        }
        f.write_str(self.0)
    }
}

impl Error for Unspeakable {}

#[cache]
fn cached(bomb: bool) -> Arc<Option<Bomb>> {
    Arc::new(bomb.then(|| Bomb))
}

/// Answers a request at random.
pub(crate) async fn respond(dice: Dice, ledger: Ledger) -> Response {
    for _ in 0..dice.below(3) {
        schedule(&dice, &ledger, dice.below(3));
    }
    if dice.one_in(10) {
        cached(dice.one_in(2));
    }
    if dice.one_in(10) {
        let scope = Scope::current().expect("the layer opened it");
        let (dice, ledger) = (dice.clone(), ledger.clone());
        tokio::spawn(scope.run(async move {
            yield_now().await;
            schedule(&dice, &ledger, 1);
        }));
    }
    dice.fail_one_in(50);
    if dice.one_in(4) {
        yield_now().await;
    }
    match dice.below(12) {
        0 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        1 => StatusCode::NO_CONTENT.into_response(),
        2 => bodies::failing("half").into_response(),
        3 => {
            let (mut left, bomb) = (dice.below(3), dice.one_in(3));
            let poll = move || {
                dice.fail_one_in(10);
                left = left.checked_sub(1)?;
                Some("frame")
            };
            let on_drop = move || {
                if bomb {
                    fail();
                }
            };
            bodies::probe(poll, on_drop).into_response()
        }
        4 => Bytes::from(vec![0; 1 << 18]).into_response(),
        5 => bodies::chunked(&["some ", "frames"]).into_response(),
        _ => Body::from("hello").into_response(),
    }
}
