use with_after::{after, try_headers, with_after};

#[with_after(component)]
async fn page() -> String {
    fn count() -> usize {
        try_headers().map_or(0, |headers| headers.len())
    }
    after(|| {
        count();
    });
    String::new()
}

fn main() {}
