use with_after::cache;

#[cache]
async fn load(id: u64, buffer: &mut Vec<u64>) {
    buffer.push(id);
}

fn main() {
    drop(load(1, &mut Vec::new()));
}
