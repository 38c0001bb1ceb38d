//! Counts instructions, allocations and bytes, and holds them against the budget.
//!
//! An argument, as in `cargo bench … --bench counts -- layer`, leaves out the variants whose name
//! does not contain it.

use std::{
    alloc::System,
    env,
    error::Error,
    io::{self, Write as _},
    path::Path,
};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};
use with_after_benches::{
    Budget, Client, Headers, Host, VARIANTS, Variant, callgrind, connect_to, futures, leave_tasks,
    one_thread, waiting_app,
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const REQUESTS: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let mut budget = Budget::read()?;
    count_requests(&mut budget)?;
    for headers in Headers::ALL {
        let name = format!("bytes kept by a waiting task, {headers:?} headers");
        budget.check(&name, waiting_task(headers)?)?;
    }
    for (body, annotated) in futures() {
        let name = format!("bytes of an annotated future whose body has {body}");
        budget.check(&name, annotated)?;
        assert!(annotated <= body + body / 10 + 64, "{name}: {annotated}");
    }
    budget.result()
}

/// Counts what each variant costs above the first one, which is `bare`.
fn count_requests(budget: &mut Budget) -> Result<(), Box<dyn Error>> {
    let filter = env::args().skip(1).find(|arg| arg != "--bench").unwrap_or_default();
    let (bare, others) = VARIANTS.split_first().ok_or("no variants")?;
    for headers in Headers::ALL {
        let floor = Counts::of(*bare, headers)?;
        writeln!(io::stdout(), "bare, {headers:?} headers: {floor:?}")?;
        for variant in others.iter().filter(|variant| variant.name.contains(&filter)) {
            let counts = Counts::of(*variant, headers)?;
            let name = format!("{}, {headers:?} headers", variant.name);
            let above = |count: usize, floor: usize| count.saturating_sub(floor);
            budget
                .check(&format!("{name}: instructions"), above(counts.loopback, floor.loopback))?;
            if let (Some(count), Some(floor)) = (counts.in_process, floor.in_process) {
                let name = format!("{name}: instructions in process");
                budget.check(&name, above(count, floor))?;
            }
            let allocations = above(counts.allocations, floor.allocations);
            budget.check(&format!("{name}: allocations"), allocations)?;
        }
    }
    Ok(())
}

/// What one request costs.
#[derive(Debug)]
struct Counts {
    /// Instructions, over a connection.
    loopback: usize,
    /// Instructions, without one; only where none is meant.
    in_process: Option<usize>,
    /// Allocations and reallocations, over a connection.
    allocations: usize,
}

impl Counts {
    fn of(variant: Variant, headers: Headers) -> io::Result<Self> {
        let subject = Path::new(env!("CARGO_BIN_EXE_subject"));
        let in_process = match variant.host {
            Host::Axum => Some(callgrind::in_process(subject, variant, headers)?),
            _ => None,
        };
        Ok(Self {
            loopback: callgrind::over_loopback(subject, variant, headers)?,
            in_process,
            allocations: allocations(&mut connect_to(variant)?, headers)?,
        })
    }
}

fn allocations(client: &mut Client, headers: Headers) -> io::Result<usize> {
    let request = headers.request("/order");
    let mut send = |requests| (0..requests).try_for_each(|_| client.send(request.as_bytes()));
    // The first ones grow what is kept.
    send(REQUESTS)?;
    let region = Region::new(ALLOCATOR);
    send(REQUESTS)?;
    let Stats { allocations, reallocations, .. } = region.change();
    Ok((allocations + reallocations + REQUESTS / 2) / REQUESTS)
}

/// Counts the bytes that each waiting task keeps alive: those of a thousand more.
fn waiting_task(headers: Headers) -> io::Result<usize> {
    const TASKS: usize = 1024;
    Ok(one_thread()?.block_on(async {
        let app = waiting_app();
        leave_tasks(&app, headers, TASKS).await;
        let region = Region::new(ALLOCATOR);
        leave_tasks(&app, headers, TASKS).await;
        kept(&region.change()) / TASKS
    }))
}

fn kept(change: &Stats) -> usize {
    // `bytes_allocated` and `bytes_deallocated` include what reallocations changed.
    change.bytes_allocated.saturating_sub(change.bytes_deallocated)
}
