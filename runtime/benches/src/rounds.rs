//! Rounds of load: in each one every variant gets its turn, so that what disturbs the machine
//! disturbs all of them, and each is compared with its neighbours of the same round.

use std::{
    fs,
    io::{self, BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::Variant;

/// What one variant did in one round.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Turn {
    /// Requests per second.
    pub throughput: f64,
    /// The median latency in microseconds.
    pub p50: f64,
    /// The latency in microseconds that one request of a hundred exceeds.
    pub p99: f64,
    /// The server's processor time in nanoseconds a request, the kernel's included.
    pub cpu: f64,
}

/// The two programs.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a benchmark's")]
pub struct Programs<'a> {
    /// The server.
    pub subject: &'a Path,
    /// The load generator.
    pub load: &'a Path,
}

/// A server in a process of its own, which ends with this value.
#[derive(Debug)]
struct Server {
    process: Child,
    port: String,
}

/// Puts `connections` connections to each of `variants` for `millis` milliseconds a round.
///
/// Returns for each round the turns, in the order of the variants.
///
/// # Errors
///
/// Fails where a program fails.
pub fn run(
    programs: Programs<'_>,
    variants: &[Variant],
    connections: usize,
    rounds: usize,
    millis: usize,
) -> io::Result<Vec<Vec<Turn>>> {
    let servers = variants.iter().map(|variant| Server::start(programs.subject, *variant));
    let servers: Vec<_> = servers.collect::<io::Result<_>>()?;
    let turn = |server: &Server| server.turn(programs.load, connections, millis);
    // What the first requests make grow is not measured.
    servers.iter().try_for_each(|server| turn(server).map(drop))?;
    let round = |first| {
        // Each variant follows each other one in turn, lest one always has the same neighbour.
        let mut turns = vec![None; servers.len()];
        for index in (first..first + servers.len()).map(|index| index % servers.len()) {
            turns[index] = Some(turn(&servers[index])?);
        }
        Ok(turns.into_iter().flatten().collect())
    };
    (0..rounds).map(round).collect()
}

impl Server {
    fn start(subject: &Path, variant: Variant) -> io::Result<Self> {
        let mut process = Command::new(subject).arg(variant.name).stdout(Stdio::piped()).spawn()?;
        let stdout = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut port = String::new();
        BufReader::new(stdout).read_line(&mut port)?;
        let port = port.trim().to_owned();
        #[cfg(feature = "inspector")]
        if variant.host == crate::Host::Watched {
            crate::inspected::watch(&port);
        }
        Ok(Self { process, port })
    }

    fn turn(&self, load: &Path, connections: usize, millis: usize) -> io::Result<Turn> {
        let before = self.processor_time()?;
        let args = [&self.port, &connections.to_string(), &millis.to_string()];
        let output = Command::new(load).args(args).stderr(Stdio::inherit()).output()?;
        let output = String::from_utf8_lossy(&output.stdout);
        let figures: Vec<f64> = output.split_whitespace().filter_map(|f| f.parse().ok()).collect();
        match figures[..] {
            [requests, throughput, p50, p99] => {
                let cpu = (self.processor_time()? - before) / requests;
                Ok(Turn { throughput, p50, p99, cpu })
            }
            _ => Err(io::Error::other("the load generator failed")),
        }
    }
}

impl Server {
    /// Returns for how many nanoseconds the server's one thread has run.
    fn processor_time(&self) -> io::Result<f64> {
        let times = fs::read_to_string(format!("/proc/{}/schedstat", self.process.id()))?;
        let first = times.split_whitespace().next().and_then(|time| time.parse().ok());
        first.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
