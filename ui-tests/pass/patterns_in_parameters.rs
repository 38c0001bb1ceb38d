#![deny(warnings)]

use with_after::with_after;

pub struct State<T>(pub T);

pub struct Point {
    pub x: u8,
    pub y: u8,
}

#[with_after]
pub async fn shop(
    State(db): State<u8>,
    Point { x, y: _ }: Point,
    (a, mut b): (u8, u8),
    _: u8,
) -> u8 {
    b += a;
    db + x + b
}
