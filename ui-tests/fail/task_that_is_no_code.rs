//! What is handed over is not code.

use with_after::after;

struct Mail;

fn main() {
    after(Mail);
}
