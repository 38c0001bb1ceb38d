mod framework {
    pub use with_after;
}

#[with_after::with_after(component, crate = crate::framework::with_after)]
async fn page() -> String {
    crate::framework::with_after::after(async {
        crate::framework::with_after::cookies().await;
    });
    String::new()
}

fn main() {}
