//! A server in a process of its own, for the tests that send signals.

use std::{
    fs,
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::support::{client::get, within};

const STOPPABLE: &str = env!("CARGO_BIN_EXE_stoppable");

/// A server in a process of its own.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Of the server itself.
    id: u32,
    pub(crate) lines: Lines<BufReader<ChildStdout>>,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts `stoppable` with `arguments`.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(STOPPABLE);
        command.args(arguments);
        Self::spawn(command).await.expect("it says where it listens")
    }

    /// Starts `stoppable` as process 1 of a namespace of its own, or returns `None` where that is
    /// not allowed.
    pub(crate) async fn start_as_process_1(arguments: &[&str]) -> Option<Self> {
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", "--kill-child", STOPPABLE]).args(arguments);
        let server = Self::spawn(command).await?;
        let unshare = server.id;
        let children = format!("/proc/{unshare}/task/{unshare}/children");
        let id = fs::read_to_string(children).ok()?.trim().parse().ok()?;
        Some(Self { id, ..server })
    }

    async fn spawn(mut command: Command) -> Option<Self> {
        let command = command.stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().ok()?;
        let mut lines = BufReader::new(child.stdout.take().expect("it is a pipe")).lines();
        let address = line(&mut lines).await?;
        let address = address.parse().expect("it is an address");
        let id = child.id().expect("it runs");
        Some(Self { child, id, lines, address })
    }

    pub(crate) async fn get(&self, path: &str) {
        assert_eq!(get(self.address, path).await.status, 200);
    }

    pub(crate) async fn signal(&self, name: &str) {
        let kill = format!("kill -s {name} {}", self.id);
        let kill = Command::new("sh").arg("-c").arg(kill).status();
        assert!(kill.await.expect("there is a shell").success());
    }

    /// Waits for its end, and returns what it printed until then.
    pub(crate) async fn end(mut self) -> (ExitStatus, Vec<String>) {
        let mut printed = Vec::new();
        while let Some(line) = line(&mut self.lines).await {
            printed.push(line);
        }
        (within(self.child.wait()).await.expect("it can be waited for"), printed)
    }
}

pub(crate) async fn line(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<String> {
    within(lines.next_line()).await.expect("it prints UTF-8")
}

/// Signals of one moment are one: the process that is signalled knows no paused time.
pub(crate) async fn a_moment_later() {
    tokio::time::sleep(Duration::from_millis(600)).await;
}
