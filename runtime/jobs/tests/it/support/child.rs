//! Processes that tests start and kill: this very program, in one of its tests.

use std::{
    env,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

/// A process that is killed with the test.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a test as a process of its own, which finds `value` in its environment.
    pub(crate) fn start(test: &str, variable: &str, value: &str) -> Self {
        let program = env::current_exe().expect("a test is a program");
        let child = Command::new(program)
            .args(["--exact", test, "--nocapture", "--quiet"])
            .env(variable, value)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn();
        Self(child.expect("a program can be started"))
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.0.try_wait().expect("it can be asked for").is_none()
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status();
        assert!(kill.expect("there is a `kill`").success());
    }

    /// Waits until the process prints a line with that word.
    pub(crate) fn wait_for(&mut self, word: &str) {
        let output = self.0.stdout.take().expect("its output was not taken yet");
        let found =
            BufReader::new(output).lines().map_while(Result::ok).any(|line| line.contains(word));
        assert!(found, "the process ended without a word of `{word}`");
    }

    /// Kills it as `kill -9` does, and returns whether it was alive.
    pub(crate) fn kill(mut self) -> bool {
        let lived = self.is_alive();
        self.end();
        lived
    }

    fn end(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
