//! What each thing costs as its number grows: waiting tasks, tasks of one request, connections.

use std::{
    alloc::System,
    error::Error,
    fs,
    io::{self, Write as _},
    path::Path,
};

use axum::{Router, routing::get};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use with_after::{AfterLayer, after};
use with_after_benches::{
    Headers, Variant, leave_tasks, one_thread,
    rounds::{self, Programs},
    waiting_app,
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<(), Box<dyn Error>> {
    waiting_tasks()?;
    tasks_of_one_request()?;
    connections()
}

/// Leaves tasks waiting, and shows what the next thousand of them cost.
fn waiting_tasks() -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "waiting tasks\tns per request\tbytes kept per task")?;
    one_thread()?.block_on(async {
        let app = waiting_app();
        let mut waiting = 0;
        let start = Region::new(ALLOCATOR);
        for goal in [1, 10, 100, 1_000, 10_000, 100_000] {
            let begun = processor_time()?;
            leave_tasks(&app, Headers::Browser, goal - waiting).await;
            let each = (processor_time()? - begun) / (goal - waiting);
            waiting = goal;
            let change = start.change();
            let kept = (change.bytes_allocated - change.bytes_deallocated) / waiting;
            writeln!(io::stdout(), "{waiting}\t{each}\t{kept}")?;
        }
        Ok(())
    })
}

/// Runs requests with more and more tasks.
fn tasks_of_one_request() -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "tasks of one request\tns per task\tallocations per task")?;
    for tasks in [1, 10, 100, 1_000] {
        let route = get(move || async move {
            for _ in 0..tasks {
                after(async {});
            }
        });
        let app = Router::new().route("/order", route).layer(AfterLayer::new()).with_state(());
        let requests = 10_000 / tasks;
        one_thread()?.block_on(async {
            leave_tasks(&app, Headers::Browser, requests).await;
            let (region, begun) = (Region::new(ALLOCATOR), processor_time()?);
            leave_tasks(&app, Headers::Browser, requests).await;
            let each = (processor_time()? - begun) / (requests * tasks);
            let allocations = region.change().allocations * 100 / (requests * tasks);
            writeln!(
                io::stdout(),
                "{tasks}\t{each}\t{}.{:02}",
                allocations / 100,
                allocations % 100
            )
        })?;
    }
    Ok(())
}

/// Compares with `bare` at more and more connections.
fn connections() -> Result<(), Box<dyn Error>> {
    writeln!(
        io::stdout(),
        "connections\trequests per second, as a ratio to bare: layer-0, layer-1"
    )?;
    let subject = Path::new(env!("CARGO_BIN_EXE_subject"));
    let programs = Programs { subject, load: Path::new(env!("CARGO_BIN_EXE_load")) };
    let variants: Vec<_> =
        ["bare", "layer-0", "layer-1"].into_iter().filter_map(Variant::named).collect();
    for connections in [1, 4, 16, 64, 256] {
        let rounds = rounds::run(programs, &variants, connections, 7, 300)?;
        let ratio = |index: usize| {
            let ratios = rounds.iter().map(|round| round[index].throughput / round[0].throughput);
            let mut ratios: Vec<_> = ratios.collect();
            ratios.sort_by(f64::total_cmp);
            ratios[ratios.len() / 2]
        };
        writeln!(io::stdout(), "{connections}\t{:.3}\t{:.3}", ratio(1), ratio(2))?;
    }
    Ok(())
}

/// Returns the nanoseconds for which this thread has had a processor: others may want it too.
fn processor_time() -> io::Result<usize> {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat")?;
    let time = statistics.split(' ').next().and_then(|time| time.parse().ok());
    time.ok_or_else(|| io::ErrorKind::InvalidData.into())
}
