#![deny(warnings)]

use with_after::{after, with_after};

#[with_after(component)]
pub async fn page(headers: impl Fn() -> u8 + Send + 'static, (cookies, _): (fn() -> u8, u8)) {
    let connection = || 1;
    after(move || {
        let _ = headers() + cookies() + connection();
    });
    after(async {
        for try_cookies in [|| 1, || 2] {
            try_cookies();
        }
        if let Some(try_headers) = Some(|| 1) {
            try_headers();
        }
        match Some(|| 1) {
            Some(try_headers) => try_headers(),
            None => 0,
        };
    });
}
