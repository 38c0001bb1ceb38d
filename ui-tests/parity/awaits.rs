//# await_in_a_sync_function
#[with_after]
pub fn shop(db: Db) -> usize {
    db.load(1).await;
    1
}

//# await_in_a_sync_closure
#[with_after]
pub async fn shop(db: Db) {
    let load = || db.load(1).await;
    drop(load);
}

//# await_of_a_value
#[with_after]
pub async fn shop(name: String) -> usize {
    name.len().await
}

//# await_forgotten
#[with_after]
pub async fn shop(db: Db) -> Result<Item, DbError> {
    let item = db.load(1)?;
    Ok(item)
}

//# await_forgotten_before_a_method
#[with_after]
pub async fn shop(db: Db) -> bool {
    db.load(1).is_ok()
}

//# await_forgotten_at_the_tail
#[with_after]
pub async fn shop(db: Db) -> Result<Item, DbError> {
    db.load(1)
}

//# future_that_nobody_awaits
#[with_after]
pub async fn shop() {
    send(String::new());
}

//# result_that_nobody_looks_at
#[with_after]
pub async fn shop(db: Db) {
    db.load(1).await;
}

//# recursion_without_a_box
#[with_after]
pub async fn shop(count: u64) -> u64 {
    if count == 0 { 0 } else { shop(count - 1).await }
}

//# endless_recursion
#[with_after]
pub fn shop(count: u64) -> u64 {
    shop(count - 1)
}

//# handler_that_nobody_awaits
#[with_after]
pub async fn shop() {}
pub async fn call() {
    shop();
}

//# handler_without_await_in_a_sync_function
#[with_after]
pub async fn shop() -> usize {
    1
}
pub fn call() -> usize {
    shop()
}
