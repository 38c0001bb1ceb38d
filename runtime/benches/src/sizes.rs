//! The size of an annotated function's future beside that of its body.

use std::{future::pending, hint::black_box};

use with_after::with_after;

/// Returns for bodies of several sizes: the body's future, the annotated function's.
#[must_use]
pub fn futures() -> [(usize, usize); 3] {
    [
        (size_of_val(&holding::<16>()), size_of_val(&annotated::<16>())),
        (size_of_val(&holding::<256>()), size_of_val(&annotated::<256>())),
        (size_of_val(&holding::<4096>()), size_of_val(&annotated::<4096>())),
    ]
}

async fn holding<const BYTES: usize>() -> u8 {
    let bytes = black_box([0; BYTES]);
    pending::<()>().await;
    bytes[0]
}

#[with_after]
async fn annotated<const BYTES: usize>() -> u8 {
    let bytes = black_box([0; BYTES]);
    pending::<()>().await;
    bytes[0]
}
