//! A signal while a site is built.

use std::{fs, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use crate::support::within;

#[tokio::test]
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
async fn process_1_hears_a_signal_during_the_build() {
    for signal in ["TERM", "INT"] {
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", "--kill-child", env!("CARGO_BIN_EXE_building")]);
        let started = command.stdout(Stdio::piped()).kill_on_drop(true).spawn();
        let Ok(mut unshare) = started else {
            println!("skipped: there is no `unshare`");
            return;
        };
        let mut lines = BufReader::new(unshare.stdout.take().expect("it is a pipe")).lines();
        let Some(line) = within(lines.next_line()).await.expect("it is text") else {
            println!("skipped: it may make no namespace");
            return;
        };
        assert_eq!(line, "rendering");

        let id = unshare.id().expect("it runs");
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let kill = format!("kill -s {signal} {}", children.expect("it has one").trim());
        let killed = Command::new("sh").arg("-c").arg(kill).status();
        assert!(killed.await.expect("there is a shell").success());

        let line = within(lines.next_line()).await.expect("it is text").expect("it ends");
        assert_eq!(line, "the site was not built: the process was told to stop");
        let status = within(unshare.wait()).await.expect("it ends");
        assert_eq!(status.code(), Some(1));
    }
}
