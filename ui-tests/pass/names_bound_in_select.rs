#![deny(warnings)]

use with_after::{after, with_after};

#[with_after(component)]
pub async fn page() {
    after(async {
        tokio::select! {
            cookies = std::future::ready(|| 1) => drop(cookies()),
            Some(headers) = std::future::ready(Some(|| 1)) => { headers(); }
        }
    });
}
