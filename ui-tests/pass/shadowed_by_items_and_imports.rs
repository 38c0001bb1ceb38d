#![deny(warnings)]

use with_after::{after, with_after};

mod other {
    pub fn headers() {}
}

#[with_after(component)]
pub async fn page() {
    after(|| {
        use other::headers;
        fn cookies() {}
        headers();
        cookies();
        connection();
    });
    fn connection() {}
}
