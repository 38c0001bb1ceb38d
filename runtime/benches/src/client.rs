//! A client of one keep-alive connection that sends nothing before the server is idle, so that
//! the server does the same for each request.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

/// A connection to a server of this machine.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    /// The file which says whether the server's thread sleeps.
    stat: String,
}

impl Client {
    /// Connects to the server whose only thread is `/proc/{thread}`.
    ///
    /// # Errors
    ///
    /// Fails where nobody listens.
    pub fn connect(port: u16, thread: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, stat: format!("/proc/{thread}/stat") })
    }

    /// Sends `request` once the server is idle, and reads the response. Allocates nothing.
    ///
    /// # Errors
    ///
    /// Fails where the connection is lost.
    pub fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.wait_until_idle()?;
        self.stream.write_all(request)?;
        let mut response = [0; 1024];
        let mut filled = 0;
        // A body of unknown length ends with an empty chunk.
        while !response[..filled].ends_with(b"}") && !response[..filled].ends_with(b"0\r\n\r\n") {
            match self.stream.read(&mut response[filled..])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => filled += read,
            }
        }
        Ok(())
    }

    /// Asks the server to end.
    ///
    /// # Errors
    ///
    /// Fails where the connection is lost.
    pub fn quit(mut self) -> io::Result<()> {
        self.wait_until_idle()?;
        self.stream.write_all(b"GET /quit HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        // A connection that is closed meanwhile takes its request with it. No response comes.
        drop(self.stream.read(&mut [0; 1]));
        Ok(())
    }

    /// Waits until the server's thread sleeps, which it does nowhere but in wait for events.
    fn wait_until_idle(&self) -> io::Result<()> {
        loop {
            thread::sleep(Duration::from_micros(100));
            let mut stat = [0; 256];
            let read = File::open(&self.stat)?.read(&mut stat)?;
            let name_end = stat[..read].iter().rposition(|byte| *byte == b')');
            // The state is what follows the name.
            if name_end.and_then(|end| stat.get(end + 2)) == Some(&b'S') {
                return Ok(());
            }
        }
    }
}
