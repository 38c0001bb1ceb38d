//! The function's process.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use super::service::Service;
use crate::support::within;

pub(super) struct Function {
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Function {
    /// Starts `lambda_function` as `service` would.
    pub(super) fn start(service: &Service, arguments: &[&str]) -> Self {
        Self::start_in(service, arguments, &[])
    }

    /// Starts it with variables of its environment.
    pub(super) fn start_in(
        service: &Service,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_lambda_function"))
            .args(arguments)
            .envs(environment.iter().copied())
            .env("AWS_LAMBDA_RUNTIME_API", service.address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "f")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it was built with this test");
        let lines = BufReader::new(process.stdout.take().expect("it is a pipe")).lines();
        Self { lines, _process: process }
    }

    /// Waits for the next line that it prints.
    pub(super) async fn line(&mut self) -> String {
        let line = within(self.lines.next_line()).await.expect("it prints UTF-8");
        line.expect("it runs")
    }
}
