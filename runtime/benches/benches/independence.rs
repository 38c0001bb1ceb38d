//! How independent tasks are of each other, beside tasks that a handler spawns.
//!
//! Both servers are up at once and take turns, the first one in turn: `spawn` is `axum::serve` with
//! `tokio::spawn` in the handler, `after` is `serve` with the layer around the application. Each
//! figure is a ratio of one round, `spawn` to `after` where less time is better and `after` to
//! `spawn` where more tasks a second are: above 1, `after` is the better one. Tab-separated.
//!
//! Argument: rounds (10).

use std::{
    env, hint,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use axum::{Router, routing::get};
use tokio::{
    runtime::{Builder, Runtime},
    time::sleep,
};
use with_after::{AfterLayer, after, serve};
use with_after_benches::ratios::{median, sorted};

/// What the tasks of a server do.
#[derive(Clone, Copy, Debug)]
enum Work {
    /// Each computes for 300 µs, and beside every twentieth another one sleeps for 30 ms.
    Starving,
    /// Each computes for a millisecond.
    Computing,
    /// Each blocks its thread for two milliseconds.
    Blocking,
}

#[derive(Clone, Copy, Debug)]
enum Host {
    Spawn,
    After,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    requests: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
    /// How long those took that sleep for 30 ms.
    sleeps: Arc<Mutex<Vec<f64>>>,
}

fn main() -> io::Result<()> {
    let rounds = env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(10);
    let mut out = io::stdout();
    writeln!(out, "what\tmin\tmedian\tmax\tspawn\tafter")?;

    let servers = Pair::start(Work::Starving, 2)?;
    let ratios = servers.rounds(rounds, |server| {
        server.turn(1, 2_000, 1)?;
        Ok(1.0 / server.median_sleep())
    })?;
    writeln!(out, "a task that sleeps, beside computing ones: 1 / ms\t{ratios}")?;

    let servers = Pair::start(Work::Computing, 2)?;
    for connections in [1, 2, 4] {
        let ratios = servers.rounds(rounds, |server| server.turn(connections, 200, 1))?;
        writeln!(out, "1 ms of work, {connections} connections: tasks / s\t{ratios}")?;
    }

    let servers = Pair::start(Work::Blocking, 4)?;
    let ratios = servers.rounds(rounds, |server| server.turn(1, 1_000, 1_000))?;
    writeln!(out, "2 ms blocked, 1,000 requests pipelined: tasks / s\t{ratios}")
}

struct Pair {
    spawn: Server,
    after: Server,
}

struct Server {
    address: SocketAddr,
    seen: Seen,
    _runtime: Runtime,
}

impl Pair {
    fn start(work: Work, threads: usize) -> io::Result<Self> {
        let spawn = Server::start(Host::Spawn, work, threads)?;
        Ok(Self { spawn, after: Server::start(Host::After, work, threads)? })
    }

    /// Measures rounds, and returns how the figures of `after` stand to those of `spawn`.
    fn rounds(
        &self,
        rounds: usize,
        turn: impl Fn(&Server) -> io::Result<f64>,
    ) -> io::Result<String> {
        // What the first requests make grow is not measured.
        turn(&self.spawn)?;
        turn(&self.after)?;
        let (mut spawn, mut after) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            if round % 2 == 0 {
                spawn.push(turn(&self.spawn)?);
                after.push(turn(&self.after)?);
            } else {
                after.push(turn(&self.after)?);
                spawn.push(turn(&self.spawn)?);
            }
        }
        let ratios = sorted(after.iter().zip(&spawn).map(|(after, spawn)| after / spawn));
        let [min, middle, max] = [ratios[0], median(&ratios), ratios[ratios.len() - 1]];
        let (spawn, after) = (sorted(spawn.into_iter()), sorted(after.into_iter()));
        let (spawn, after) = (median(&spawn), median(&after));
        Ok(format!("{min:.2}\t{middle:.2}\t{max:.2}\t{spawn:.3}\t{after:.3}"))
    }
}

impl Server {
    fn start(host: Host, work: Work, threads: usize) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
        let seen = Seen::default();
        let handlers = seen.clone();
        let handler = async move || {
            handlers.request(host, work);
            "{}"
        };
        let app = Router::new().route("/", get(handler));
        drop(runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            match host {
                Host::Spawn => axum::serve(listener, app).await,
                Host::After => serve(listener, AfterLayer::new().layer(app)).await.map(drop),
            }
        }));
        Ok(Self { address, seen, _runtime: runtime })
    }

    /// Sends requests over each of `connections`, so many at a time, and returns how many tasks ended
    /// a second.
    fn turn(&self, connections: usize, requests: usize, at_a_time: usize) -> io::Result<f64> {
        let before = self.seen.ended.load(Ordering::Relaxed);
        let begin = Instant::now();
        let clients: Vec<_> = (0..connections)
            .map(|_| {
                let address = self.address;
                thread::spawn(move || ask(address, requests, at_a_time))
            })
            .collect();
        for client in clients {
            client.join().map_err(|_| io::Error::other("a client panicked"))??;
        }
        let all = connections * requests;
        while self.seen.ended.load(Ordering::Relaxed) < before + all {
            thread::sleep(Duration::from_micros(100));
        }
        let tasks = f64::from(u32::try_from(all).unwrap_or(u32::MAX));
        Ok(tasks / begin.elapsed().as_secs_f64())
    }

    /// Returns in milliseconds how long the tasks of this turn took that sleep.
    fn median_sleep(&self) -> f64 {
        loop {
            thread::sleep(Duration::from_millis(50));
            let mut sleeps = self.seen.sleeps.lock().expect("nobody panics under it");
            if sleeps.len() >= 2_000 / 20 {
                return median(&sorted(sleeps.drain(..)));
            }
        }
    }
}

impl Seen {
    /// Does what a request does: leaves tasks behind.
    fn request(&self, host: Host, work: Work) {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        if let (Work::Starving, 0) = (work, number % 20) {
            let (sleeps, begin) = (Arc::clone(&self.sleeps), Instant::now());
            host.leave(async move {
                sleep(Duration::from_millis(30)).await;
                let took = begin.elapsed().as_secs_f64() * 1e3;
                sleeps.lock().expect("nobody panics under it").push(took);
            });
        }
        let ended = Arc::clone(&self.ended);
        host.leave(async move {
            match work {
                Work::Starving => compute(Duration::from_micros(300)),
                Work::Computing => compute(Duration::from_millis(1)),
                Work::Blocking => thread::sleep(Duration::from_millis(2)),
            }
            ended.fetch_add(1, Ordering::Relaxed);
        });
    }
}

impl Host {
    fn leave(self, task: impl Future<Output = ()> + Send + 'static) {
        match self {
            Self::Spawn => drop(tokio::spawn(task)),
            Self::After => after(task),
        }
    }
}

fn compute(time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        hint::spin_loop();
    }
}

/// Sends requests over one connection, and reads their responses.
fn ask(address: SocketAddr, requests: usize, at_a_time: usize) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let one = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut response = vec![0; 64 << 10];
    for _ in 0..requests / at_a_time {
        stream.write_all(&one.repeat(at_a_time))?;
        let mut answered = 0;
        let mut last = 0;
        while answered < at_a_time {
            let read = stream.read(&mut response)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            // The body ends with the only brace of a response.
            for &byte in &response[..read] {
                answered += usize::from(last == b'{' && byte == b'}');
                last = byte;
            }
        }
    }
    Ok(())
}
