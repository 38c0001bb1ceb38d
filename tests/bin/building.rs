//! A process that is told to stop while it builds a site.

use std::{future::pending, process::ExitCode};

use with_after::prerender::Site;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "the test reads it")]
async fn main() -> ExitCode {
    let page = async || {
        println!("rendering");
        pending::<&str>().await
    };
    match Site::builder().page("/", page).build().await {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
