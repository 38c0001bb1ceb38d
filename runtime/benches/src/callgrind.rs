//! Exact instructions per request: the subject runs under callgrind twice, with a smaller and a
//! greater number of requests, and the difference is what the requests cost.

use std::{
    fs,
    io::{self, BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{Client, Headers, Variant};

const FEW: usize = 60;
const MANY: usize = 160;

/// Counts the instructions of one request to `subject` over one keep-alive connection.
///
/// # Errors
///
/// Fails where valgrind is missing or the subject fails.
pub fn over_loopback(subject: &Path, variant: Variant, headers: Headers) -> io::Result<usize> {
    let request = headers.request("/order");
    per_request(|requests| {
        let mut child = run(subject, &[variant.name], Stdio::piped())?;
        let mut port = String::new();
        let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        BufReader::new(stdout).read_line(&mut port)?;
        let port = port.trim().parse().map_err(io::Error::other)?;
        let mut client = Client::connect(port, &child.id().to_string())?;
        for _ in 0..requests {
            client.send(request.as_bytes())?;
        }
        client.quit()?;
        Ok(child)
    })
}

/// Counts the instructions of one request that is answered without sockets.
///
/// # Errors
///
/// Fails where valgrind is missing or the subject fails.
pub fn in_process(subject: &Path, variant: Variant, headers: Headers) -> io::Result<usize> {
    per_request(|requests| {
        run(subject, &[variant.name, headers.name(), &requests.to_string()], Stdio::null())
    })
}

fn run(subject: &Path, args: &[&str], stdout: Stdio) -> io::Result<Child> {
    Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=callgrind.%p"])
        .arg(subject)
        .args(args)
        .current_dir(std::env::temp_dir())
        .stdout(stdout)
        .stderr(Stdio::null())
        .spawn()
}

fn per_request(mut start: impl FnMut(usize) -> io::Result<Child>) -> io::Result<usize> {
    let mut total = |requests| {
        let mut child = start(requests)?;
        let id = child.id();
        if !child.wait()?.success() {
            return Err(io::Error::other("the subject failed"));
        }
        let profile = std::env::temp_dir().join(format!("callgrind.{id}"));
        let total = read_total(&fs::read_to_string(&profile)?);
        fs::remove_file(profile)?;
        total.ok_or_else(|| io::Error::other("callgrind wrote no total"))
    };
    let (few, many) = (total(FEW)?, total(MANY)?);
    Ok((many - few) / (MANY - FEW))
}

fn read_total(profile: &str) -> Option<usize> {
    let totals = profile.lines().find_map(|line| line.strip_prefix("totals: "))?;
    totals.trim().parse().ok()
}
