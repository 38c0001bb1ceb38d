//# dead_code
#[with_after]
async fn shop() {}

//# dead_code_sync
#[with_after]
fn shop() {}

//# dead_code_of_a_component
#[with_after(component)]
async fn shop() -> usize { 1 }

//# dead_code_of_a_future
#[with_after]
fn shop() -> impl Future<Output = ()> { async {} }

//# dead_code_of_a_method
pub struct Corner;
impl Corner {
    #[with_after]
    async fn open(&self) {}
}

//# dead_code_of_a_memoised_function
#[cache]
async fn shop(id: u64) -> u64 { id }

//# dead_code_of_a_memoised_sync_function
#[cache]
fn shop(id: u64) -> u64 { id }

//# unused_parameter
#[with_after]
pub async fn shop(name: String) {}

//# unused_parameter_of_a_sync_function
#[with_after]
pub fn shop(name: String) {}

//# unused_parameter_of_a_future
#[with_after]
pub fn shop(name: String) -> impl Future<Output = ()> { async {} }

//# unused_destructured_parameter
#[with_after]
pub async fn shop(State(db): State<Db>) {}

//# unused_local
#[with_after]
pub async fn shop(name: String) {
    let count = name.len();
}

//# unused_mut_of_a_parameter
#[with_after]
pub async fn shop(mut name: String) -> usize {
    name.len()
}

//# unused_mut_of_a_destructured_parameter
#[with_after]
pub async fn shop(State(mut name): State<String>) -> usize {
    name.len()
}

//# unused_mut_of_a_sync_parameter
#[with_after]
pub fn shop(mut name: String) -> usize {
    name.len()
}

//# unused_mut_of_a_local
#[with_after]
pub async fn shop() -> usize {
    let mut count = 1;
    count
}

//# unused_assignment_to_a_parameter
#[with_after]
pub async fn shop(mut count: u64) {
    count = 3;
}

//# unused_assignment_to_a_local
#[with_after]
pub async fn shop() -> u64 {
    let mut count = 3;
    count = 4;
    count
}

//# unused_must_use
#[with_after]
pub async fn shop() {
    receipt();
}

//# unused_import_in_the_body
#[with_after]
#[warn(unused_imports)]
pub async fn shop() {
    use std::collections::HashMap;
}

//# unused_inner_function
#[with_after]
pub async fn shop() {
    fn help() {}
}

//# unreachable_code
#[with_after]
pub async fn shop() -> u64 {
    return 3;
    println!("never");
}

//# unreachable_tail
#[with_after]
pub async fn shop() -> u64 {
    return 3;
    4
}

//# unreachable_code_of_a_sync_function
#[with_after]
pub fn shop() -> u64 {
    return 3;
    4
}

//# unreachable_arm
#[with_after]
pub async fn shop(count: u64) -> u64 {
    match count {
        _ => 1,
        2 => 3,
    }
}

//# deprecated_call
#[with_after]
pub async fn shop() -> u64 {
    old_receipt()
}

//# needless_parentheses
#[with_after]
pub async fn shop(count: u64) -> u64 {
    if (count > 1) { 1 } else { 2 }
}

//# needless_parentheses_at_the_tail
#[with_after]
pub async fn shop(count: u64) -> u64 {
    return (count + 1);
}

//# needless_braces_around_a_constant
#[with_after]
pub async fn shop(count: u64) -> u64 {
    let twice = { 7 };
    twice
}

//# needless_unsafe
#[with_after]
pub async fn shop(count: u64) -> u64 {
    unsafe { count }
}

//# name_in_the_wrong_case
#[with_after]
pub async fn shop(itemCount: u64) -> u64 {
    let ItemCount = itemCount;
    ItemCount
}

//# function_in_the_wrong_case
#[with_after]
pub async fn ShopPage() {}

//# comparison_that_is_always_true
#[with_after]
pub async fn shop(count: u64) -> bool {
    count >= 0
}

//# overflowing_literal
#[with_after]
pub async fn shop() -> u8 {
    256
}

//# path_statement
#[with_after]
pub async fn shop(count: u64) {
    count;
}

//# unused_label
#[with_after]
pub async fn shop() {
    'outer: loop {
        break;
    }
}

//# while_true
#[with_after]
pub async fn shop() {
    while true {
        send(String::new()).await;
    }
}

//# denied_warning
#[with_after]
#[deny(unused_variables)]
pub async fn shop() {
    let count = 1;
}

//# denied_warning_of_a_parameter
#[with_after]
#[deny(unused_variables)]
pub async fn shop(count: u64) {}

//# unfulfilled_expectation
#[with_after]
#[expect(unused_variables)]
pub async fn shop(count: u64) -> u64 {
    count
}

//# dropped_reference
#[with_after]
pub async fn shop(name: String) {
    drop(&name);
}

//# mutable_parameter_in_a_memoised_function
#[cache]
pub async fn shop(id: u64) -> u64 {
    let mut count = id;
    count
}

//# lock_dropped_at_once
#[with_after]
pub async fn shop(count: std::sync::Mutex<u64>) {
    let _ = count.lock();
}
