//! A PostgreSQL server of one test's own, which it may crash.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use super::engines::{POSTGRES, server};

#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    /// The server lives as long as this is open.
    input: Option<ChildStdin>,
    pub(crate) address: String,
    restart: String,
}

impl Server {
    /// Starts a server, if there is one for other tests too.
    pub(crate) fn start() -> Option<Self> {
        server()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.ci/with-servers");
        let tell = format!("echo \"${POSTGRES}\"; echo \"${POSTGRES_RESTART}\"; cat");
        let mut process = Command::new(script)
            .args(["sh", "-c", &tell])
            .env_remove(POSTGRES)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the script can be started");
        let output = process.stdout.take().expect("it was asked for");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let (address, restart) = lines.next().zip(lines.next()).expect("the server has started");
        let input = process.stdin.take();
        Some(Self { process, input, address, restart })
    }

    /// Crashes the server, and starts it again.
    pub(crate) async fn restart(&self) {
        let restart = self.restart.clone();
        let status = tokio::task::spawn_blocking(move || {
            Command::new("sh").args(["-c", &restart]).stdout(Stdio::null()).status()
        });
        let status = status.await.expect("nothing panics there").expect("a shell can be started");
        assert!(status.success(), "the server starts again");
    }
}

const POSTGRES_RESTART: &str = "WITH_AFTER_POSTGRES_RESTART";

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        drop(self.process.wait());
    }
}
