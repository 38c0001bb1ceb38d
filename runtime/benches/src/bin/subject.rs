//! The process whose instructions are counted: `subject VARIANT` serves the variant and prints its
//! port, `subject VARIANT HEADERS REQUESTS` answers so many requests without sockets.

use std::{
    env,
    error::Error,
    io::{self, Write as _},
    net::TcpListener,
};

use with_after_benches::{Headers, VARIANTS, Variant, answer, one_thread, serve};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        [name] => serve_until_quit(variant(name)?),
        [name, headers, requests] => {
            let headers = Headers::ALL.into_iter().find(|known| known.name() == headers);
            answer_all(variant(name)?, headers.ok_or("no such headers")?, requests.parse()?)
        }
        _ => Err(format!("one of {VARIANTS:?}, please").into()),
    }
}

fn variant(name: &str) -> Result<Variant, String> {
    Variant::named(name).ok_or_else(|| format!("no variant is called {name}"))
}

fn serve_until_quit(variant: Variant) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    writeln!(io::stdout(), "{}", listener.local_addr()?.port())?;
    Ok(one_thread()?.block_on(serve(variant, listener))?)
}

fn answer_all(variant: Variant, headers: Headers, requests: u32) -> Result<(), Box<dyn Error>> {
    // As `axum::serve` does once for each connection.
    let app = (variant.app)().with_state(());
    one_thread()?.block_on(async {
        for _ in 0..requests {
            answer(&app, headers).await?;
        }
        Ok(())
    })
}
