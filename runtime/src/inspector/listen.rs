//! The page on a port of its own.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header::HOST, uri::Authority};
use tokio::net::{TcpListener, ToSocketAddrs, lookup_host};

use super::{Inspector, stream::Lasting};

impl Inspector {
    /// Serves the page on a port of this machine, until the runtime ends, and returns its address:
    /// also while the server drains, and under whatever server the application has.
    ///
    /// It is not behind anything, so it is for the loopback interface alone, and answers only
    /// those who ask for it as `localhost` or by a loopback address: no page of the web can have a
    /// name of its own lead there.
    ///
    /// # Errors
    ///
    /// Fails if the address is none of the loopback interface, or cannot be bound.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example() -> std::io::Result<()> {
    /// use with_after::inspector::Inspector;
    ///
    /// let address = Inspector::new().listen("127.0.0.1:4000").await?;
    /// println!("inspector: http://{address}/");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn listen(&self, address: impl ToSocketAddrs) -> io::Result<SocketAddr> {
        let addresses: Vec<_> = lookup_host(address).await?.collect();
        if let Some(other) = addresses.iter().find(|address| !address.ip().is_loopback()) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "the inspector does not listen on `{other}`, where others could see it: listen \
                     on a loopback address, or nest `service()` behind a login"
                ),
            ));
        }
        let listener = TcpListener::bind(&*addresses).await?;
        let address = listener.local_addr()?;
        let app = self.router(Lasting::OnItsOwn).layer(from_fn(check_host));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(address)
    }
}

/// Turns away who has asked for another name, as a browser does for a page whose name was made to
/// lead here.
async fn check_host(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_loopback) {
        next.run(request).await
    } else {
        let why = "ask for the inspector as localhost, or by its address";
        (StatusCode::MISDIRECTED_REQUEST, why).into_response()
    }
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_loopback_names_and_addresses_are_served() {
        for host in ["localhost", "LOCALHOST:4000", "127.0.0.1:4000", "127.8.8.8", "[::1]:4000"] {
            assert!(is_loopback(host), "{host}");
        }
        let others = [
            "evil.example:4000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "",
        ];
        for host in others {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
