//! A server in a thread of this process, for what is counted inside of a process.

use std::{fs, io, net::TcpListener, sync::mpsc, thread};

use crate::{Client, Variant, one_thread, serve};

/// Serves `variant` in a thread until the process ends, and connects to it.
///
/// # Errors
///
/// Fails where nothing can listen.
pub fn connect_to(variant: Variant) -> io::Result<Client> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    let (send_name, name) = mpsc::channel();
    drop(thread::spawn(move || {
        send_name.send(fs::read_link("/proc/thread-self")).map_err(io::Error::other)?;
        one_thread()?.block_on(serve(variant, listener))
    }));
    let name = name.recv().map_err(io::Error::other)??;
    Client::connect(port, &name.to_string_lossy())
}
