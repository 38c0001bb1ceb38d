#![deny(warnings)]

use with_after::{after, with_after};

mod other {
    pub fn cookies() -> u8 {
        1
    }
}

fn headers(of: &Request) -> u8 {
    of.cookies()
}

pub struct Request {
    headers: u8,
}

impl Request {
    fn headers(&self) -> u8 {
        self.headers
    }

    fn cookies(&self) -> u8 {
        self.headers
    }

    fn connection() -> u8 {
        1
    }

    #[with_after(component)]
    pub async fn page(self) {
        after(move || {
            let _ = self.headers() + self.cookies() + self.headers + Self::connection();
            let _ = other::cookies() + self::other::cookies() + headers(&self);
        });
    }
}
