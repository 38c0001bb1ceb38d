//! Latency of requests while heavy work runs: on the requests' own runtime, and on another.
//!
//! Each request schedules a task that computes for some milliseconds without a pause. Four arrive
//! together, at their own time whatever became of those before, so that latency counts from when
//! they should have been sent. Tab-separated; ratios are to the turn without work of the same round.
//!
//! Arguments: rounds (10), requests a turn (200), milliseconds between requests (10), milliseconds
//! of work (4).

use std::{
    env, hint,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use tokio::runtime::{Builder, Runtime};
use with_after::{AfterLayer, after, platform::InProcess};
use with_after_benches::ratios::{median, sorted};

const TURNS: [&str; 3] = ["no work", "same runtime", "another runtime"];
const CONNECTIONS: usize = 4;

fn main() -> io::Result<()> {
    let args: Vec<u64> = env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let arg = |index: usize, otherwise| args.get(index).copied().unwrap_or(otherwise);
    let (rounds, requests) = (arg(0, 10), arg(1, 200));
    let (pause, work) = (Duration::from_millis(arg(2, 10)), Duration::from_millis(arg(3, 4)));

    let other = runtime()?;
    let same_platform = InProcess::new();
    let servers = [
        Server::start(same_platform.clone(), Duration::ZERO)?,
        Server::start(same_platform, work)?,
        Server::start(InProcess::on(other.handle().clone()), work)?,
    ];
    let turn = |server: &Server| server.turn(requests, pause);
    servers.iter().try_for_each(|server| turn(server).map(drop))?;
    let rounds: Vec<Vec<_>> = (0..rounds)
        .map(|_| servers.iter().map(turn).collect::<io::Result<_>>())
        .collect::<io::Result<_>>()?;

    let mut out = io::stdout();
    writeln!(out, "work on\twhat\tmin\tmedian\tmax\tmedian in µs")?;
    for (index, name) in TURNS.into_iter().enumerate() {
        for (what, percent) in [("p50", 50), ("p99", 99)] {
            let figure = |turn: &Vec<f64>| turn[turn.len() * percent / 100];
            let ratios = sorted(rounds.iter().map(|r| figure(&r[index]) / figure(&r[0])));
            let figures = sorted(rounds.iter().map(|round| figure(&round[index])));
            let [min, middle, max] = [ratios[0], median(&ratios), ratios[ratios.len() - 1]];
            let figure = median(&figures);
            writeln!(out, "{name}\t{what}\t{min:.2}\t{middle:.2}\t{max:.2}\t{figure:.0}")?;
        }
    }
    Ok(())
}

/// One thread, as if the machine had no more for it.
fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

struct Server {
    address: SocketAddr,
    ended: Arc<AtomicU64>,
    _runtime: Runtime,
}

impl Server {
    fn start(platform: InProcess, work: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (runtime, ended) = (runtime()?, Arc::new(AtomicU64::new(0)));
        let counter = Arc::clone(&ended);
        let handler = async move || {
            after(move || {
                let end = Instant::now() + work;
                while Instant::now() < end {
                    hint::spin_loop();
                }
                counter.fetch_add(1, Ordering::Relaxed);
            });
            "{}"
        };
        let layer = AfterLayer::with_platform(platform);
        let app = Router::new().route("/", get(handler)).layer(layer);
        drop(runtime.spawn(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, app).await
        }));
        Ok(Self { address, ended, _runtime: runtime })
    }

    /// Returns the sorted latencies in microseconds, once all work has ended.
    fn turn(&self, requests: u64, pause: Duration) -> io::Result<Vec<f64>> {
        let before = self.ended.load(Ordering::Relaxed);
        let begin = Instant::now();
        let clients = (0..CONNECTIONS).map(|first| {
            let address = self.address;
            thread::spawn(move || {
                let mut stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                let numbers = (0..requests).skip(first).step_by(CONNECTIONS);
                // One on each connection at the same time.
                let due = |number: u64| begin + times(pause, number - number % CONNECTIONS as u64);
                numbers.map(|number| ask(&mut stream, due(number))).collect()
            })
        });
        let clients: Vec<_> = clients.collect();
        let mut latencies = Vec::new();
        for client in clients {
            let one: io::Result<Vec<f64>> =
                client.join().map_err(|_| io::Error::other("a client panicked"))?;
            latencies.extend(one?);
        }
        while self.ended.load(Ordering::Relaxed) < before + requests {
            thread::sleep(Duration::from_millis(1));
        }
        Ok(sorted(latencies.into_iter()))
    }
}

/// Sends a request that is due at `due`, and returns its latency.
fn ask(stream: &mut TcpStream, due: Instant) -> io::Result<f64> {
    thread::sleep(due.saturating_duration_since(Instant::now()));
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    let (mut response, mut filled) = ([0; 1024], 0);
    while !response[..filled].ends_with(b"{}") {
        match stream.read(&mut response[filled..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    Ok(due.elapsed().as_secs_f64() * 1e6)
}

fn times(pause: Duration, number: u64) -> Duration {
    pause * u32::try_from(number).unwrap_or(u32::MAX)
}
