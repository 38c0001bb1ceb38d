use with_after_jobs::job;

struct Shop;

impl Shop {
    #[job]
    async fn send_receipt(&self, order: i64) {
        println!("{order}");
    }
}

fn main() {}
