//! What has the name of this crate's, and is another.

#![allow(clippy::redundant_closure)]

use with_after::with_after as marks;

mod own {
    pub fn after(_: u8, _: impl Fn() -> usize) {}
}

#[marks(component)]
async fn page() {
    use own::after as later;
    mod with_after {
        pub fn headers() -> usize {
            1
        }
    }
    later(1, || with_after::headers());
    {
        fn after(_: u8, _: impl Fn() -> usize) {}
        after(1, || with_after::headers());
    }

    #[marks(route)]
    async fn inner() {
        ::with_after::after(async {
            ::with_after::headers().await;
        });
    }
    inner().await;
}

pub fn check() {
    drop(page());
}
