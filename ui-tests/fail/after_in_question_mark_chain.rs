use with_after::{cookies, try_after, with_after};

#[with_after(component)]
async fn page() -> Result<String, String> {
    try_after(async {
        cookies().await;
    })
    .map_err(|error| error.to_string())?;
    Ok(String::new())
}

fn main() {}
