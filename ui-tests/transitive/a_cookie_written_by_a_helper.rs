use with_after::{Cookie, after, cookies, with_after};

async fn remember() {
    let _ = cookies().await.set(Cookie::new("seen", "1"));
}

// In a route's task it is refused when it runs: reading is allowed there, and of what is done with
// the jar the future's type tells nothing.
#[with_after(route)]
async fn visit() {
    after(remember());
}

#[with_after(component)]
async fn page() {
    after(remember());
}

fn main() {}
