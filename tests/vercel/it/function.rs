//! The function's process, and what the platform knows of it.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    panic::Location,
    path::PathBuf,
    process::{self, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Awaits `future`, and fails where it would hang.
///
/// The limit is a bound and no expectation: no test relies on it passing.
#[track_caller]
pub(crate) fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let caller = Location::caller();
    async move {
        let output = timeout(Duration::from_secs(30), future).await;
        output.unwrap_or_else(|_| panic!("nothing came of it within 30 s, at {caller}"))
    }
}

pub(crate) struct Function {
    address: SocketAddr,
    /// What the function tells of itself.
    told: TcpListener,
    /// What the runtime tells the platform.
    messages: BufReader<UnixStream>,
    socket: PathBuf,
    lines: Lines<BufReader<ChildStdout>>,
    process: Child,
}

/// What the function waits for.
#[must_use = "the function goes on when it is dropped"]
pub(crate) struct Gate {
    _stream: TcpStream,
}

impl Function {
    pub(crate) async fn start(which: &str) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let socket = env::temp_dir().join(format!("with-after-{}-{number}.sock", process::id()));
        let platform = UnixListener::bind(&socket).expect("the name is new");
        let told = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        // The runtime takes a number, and none that is free.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let mut process = Command::new(env!("CARGO_BIN_EXE_vercel_function"))
            .arg(which)
            .env("VERCEL_IPC_PATH", &socket)
            .env("VERCEL_DEV_PORT", port.to_string())
            .env("VERCEL_TEST", told.local_addr().expect("it is bound").to_string())
            .env_remove("VERCEL_DEV")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it was built with this test");
        let lines = BufReader::new(process.stdout.take().expect("it is a pipe")).lines();
        let (messages, _) = within(platform.accept()).await.expect("it connects");
        let messages = BufReader::new(messages);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut function = Self { address, told, messages, socket, lines, process };
        assert_eq!(function.message().await["type"], "server-started");
        function
    }

    /// Sends a request as the platform does, and leaves its answer to be read.
    pub(crate) async fn invoke(&self, method: &str, path: &str, id: u32) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: vercel\r\nuser-agent: test\r\nconnection: close\r\n\
             x-vercel-internal-invocation-id: i-{id}\r\nx-vercel-internal-request-id: {id}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("it reads");
        stream
    }

    /// Sends a request, and returns the whole answer.
    pub(crate) async fn fetch(&self, method: &str, path: &str, id: u32) -> String {
        let mut answer = String::new();
        let mut stream = self.invoke(method, path, id).await;
        within(stream.read_to_string(&mut answer)).await.expect("it is text");
        answer
    }

    /// Waits for the function to tell this.
    #[track_caller]
    pub(crate) fn told(&mut self, what: &str) -> impl Future<Output = Gate> {
        let caller = Location::caller();
        async move {
            let (mut stream, _) = within(self.told.accept()).await.expect("it connects");
            let mut told = String::new();
            within(stream.read_to_string(&mut told)).await.expect("it is text");
            assert_eq!(told, what, "at {caller}");
            Gate { _stream: stream }
        }
    }

    /// Waits for the end of an invocation.
    pub(crate) async fn ended(&mut self, id: u32) {
        let message = self.message().await;
        assert_eq!(message["type"], "end", "{message}");
        assert_eq!(message["payload"]["context"]["requestId"], id, "{message}");
    }

    /// Whether the runtime has told the platform nothing.
    pub(crate) fn is_quiet(&self) -> bool {
        let nothing = self.messages.get_ref().try_read(&mut []);
        self.messages.buffer().is_empty()
            && nothing.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// The next message that is no log of a handler.
    async fn message(&mut self) -> Value {
        loop {
            let mut message = Vec::new();
            within(self.messages.read_until(0, &mut message)).await.expect("it is open");
            assert_eq!(message.pop(), Some(0), "the socket was closed");
            let message: Value = serde_json::from_slice(&message).expect("it is JSON");
            if message["type"] != "log" {
                return message;
            }
        }
    }

    /// Waits for the next line that the function prints.
    pub(crate) async fn line(&mut self) -> String {
        let line = within(self.lines.next_line()).await.expect("it is text");
        line.expect("it runs")
    }

    /// Has the process end, as the platform does.
    pub(crate) async fn terminate(&mut self) {
        let id = self.process.id().expect("it runs").to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(status.expect("there is a shell").success());
    }

    pub(crate) async fn exited(&mut self) -> ExitStatus {
        within(self.process.wait()).await.expect("it was started")
    }

    pub(crate) fn runs(&mut self) -> bool {
        self.process.try_wait().expect("it was started").is_none()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // Gone with the next start of the machine, at the latest.
        drop(fs::remove_file(&self.socket));
    }
}
