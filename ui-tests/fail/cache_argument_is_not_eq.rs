use with_after::cache;

#[cache]
fn search(factor: f64) -> u64 {
    factor as u64
}

fn main() {
    search(1.5);
}
