//! The load generator: `load PORT CONNECTIONS MILLISECONDS` keeps so many connections busy, each
//! with one request at a time, and prints how many were answered, how many a second, and the
//! latencies p50 and p99 in microseconds.

use std::{
    env,
    error::Error,
    io::{self, Write as _},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::Instant,
};
use with_after_benches::{Headers, one_thread};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<u64> = env::args().skip(1).map(|arg| arg.parse()).collect::<Result<_, _>>()?;
    let [port, connections, millis] = args[..] else {
        return Err("PORT CONNECTIONS MILLISECONDS, please".into());
    };
    let port = u16::try_from(port)?;
    let time = Duration::from_millis(millis);
    let mut latencies = one_thread()?.block_on(async {
        let mut clients = JoinSet::new();
        for _ in 0..connections {
            clients.spawn(keep_busy(port, time));
        }
        clients.join_all().await.into_iter().collect::<io::Result<Vec<_>>>()
    })?;
    let mut latencies = latencies.drain(..).flatten().collect::<Vec<_>>();
    latencies.sort_unstable();
    let at =
        |percent: usize| latencies.get(latencies.len() * percent / 100).map(Duration::as_micros);
    let per_second = latencies.len() * 1_000 / usize::try_from(millis)?;
    let (p50, p99) = (at(50).ok_or("no response")?, at(99).ok_or("no response")?);
    writeln!(io::stdout(), "{} {per_second} {p50} {p99}", latencies.len())?;
    Ok(())
}

async fn keep_busy(port: u16, time: Duration) -> io::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let request = Headers::Plain.request("/order");
    let mut latencies = Vec::new();
    let mut response = [0; 4096];
    let end = Instant::now() + time;
    loop {
        let begun = Instant::now();
        if begun > end {
            return Ok(latencies);
        }
        stream.write_all(request.as_bytes()).await?;
        let mut filled = 0;
        // A body of unknown length ends with an empty chunk.
        while !response[..filled].ends_with(b"}") && !response[..filled].ends_with(b"0\r\n\r\n") {
            match stream.read(&mut response[filled..]).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => filled += read,
            }
        }
        latencies.push(begun.elapsed());
    }
}
