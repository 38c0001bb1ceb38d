//! actix-web, over real sockets.

mod clients;
mod http2;
mod requests;
mod responses;
mod shutdown;

use std::net::SocketAddr;

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    web::{Data, ServiceConfig},
};
use tokio::{runtime::Handle, task::JoinHandle};
use with_after::{actix::AfterMiddleware, platform::InProcess};

use crate::support::{Outcomes, Report, outcomes};

/// A running server, and the outcomes of the responses whose handlers ask for a [`Report`].
struct Server {
    address: SocketAddr,
    platform: InProcess,
    outcomes: Outcomes,
    handle: ServerHandle,
    ended: JoinHandle<std::io::Result<()>>,
}

/// How a server differs from the default.
#[derive(Clone, Default)]
struct Options {
    middleware: Option<fn(AfterMiddleware) -> AfterMiddleware>,
    close_half_closed: bool,
    http2: bool,
}

type Routes = fn(&mut ServiceConfig);

fn start(routes: Routes) -> Server {
    start_with(routes, &Options::default())
}

fn start_with(routes: Routes, options: &Options) -> Server {
    let platform = InProcess::on(Handle::current());
    let mut middleware = AfterMiddleware::with_platform(platform.clone());
    if let Some(change) = options.middleware {
        middleware = change(middleware);
    }
    let (report, outcomes) = outcomes();
    let app = move || {
        let report: Data<Report> = Data::new(report.clone());
        App::new().app_data(report).configure(routes).wrap(middleware.clone())
    };
    let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(20);
    let server = server.h1_allow_half_closed(!options.close_half_closed);
    let bound = if options.http2 {
        server.bind_auto_h2c("127.0.0.1:0")
    } else {
        server.bind("127.0.0.1:0")
    };
    let server = bound.expect("a port is free");
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    Server { address, platform, outcomes, handle, ended: tokio::spawn(server) }
}
