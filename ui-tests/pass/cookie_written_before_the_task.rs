#![deny(warnings)]

use with_after::{Cookie, CookieWriteError, after, cookies, with_after};

#[with_after]
pub async fn shop() -> Result<(), CookieWriteError> {
    let jar = cookies().await;
    jar.set(Cookie::new("seen", "1"))?;
    jar.remove("old")?;
    after(async move {
        println!("{:?}", jar.get("seen"));
    });
    Ok(())
}
