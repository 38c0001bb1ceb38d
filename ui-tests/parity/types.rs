//# wrong_type_at_the_tail
#[with_after]
pub async fn shop(name: String) -> usize {
    name
}

//# wrong_type_at_a_return
#[with_after]
pub async fn shop(name: String) -> usize {
    if name.is_empty() {
        return name;
    }
    3
}

//# wrong_type_at_the_tail_of_a_sync_function
#[with_after]
pub fn shop(name: String) -> usize {
    name
}

//# wrong_type_at_a_return_of_a_sync_function
#[with_after]
pub fn shop(name: String) -> usize {
    if name.is_empty() {
        return name;
    }
    3
}

//# missing_tail
#[with_after]
pub async fn shop(name: String) -> usize {
    name.len();
}

//# missing_tail_of_a_sync_function
#[with_after]
pub fn shop(name: String) -> usize {
    name.len();
}

//# empty_body
#[with_after]
pub async fn shop(name: String) -> usize {}

//# empty_body_of_a_sync_function
#[with_after]
pub fn shop(name: String) -> usize {}

//# value_where_none_is_declared
#[with_after]
pub async fn shop(name: String) {
    name.len()
}

//# value_where_none_is_declared_in_a_sync_function
#[with_after]
pub fn shop(name: String) {
    name.len()
}

//# return_without_value
#[with_after]
pub async fn shop(name: String) -> usize {
    if name.is_empty() {
        return;
    }
    3
}

//# missing_ok
#[with_after]
pub async fn shop(db: Db) -> Result<Item, DbError> {
    db.load(1).await?
}

//# missing_ok_around_a_value
#[with_after]
pub async fn shop(name: String) -> Result<String, DbError> {
    name
}

//# missing_question_mark
#[with_after]
pub async fn shop(db: Db) -> Result<Item, DbError> {
    let item: Item = db.load(1).await;
    Ok(item)
}

//# result_returned_for_a_value
#[with_after]
pub async fn shop(db: Db) -> Item {
    db.load(1).await
}

//# missing_some
#[with_after]
pub async fn shop(name: String) -> Option<usize> {
    name.len()
}

//# question_mark_without_result
#[with_after]
pub async fn shop(db: Db) -> Item {
    db.load(1).await?
}

//# question_mark_without_result_in_a_sync_function
#[with_after]
pub fn shop(name: String) -> u64 {
    name.parse::<u64>()?
}

//# question_mark_on_another_error
#[with_after]
pub async fn shop(name: String) -> Result<u64, DbError> {
    Ok(name.parse::<u64>()?)
}

//# question_mark_on_another_error_in_a_sync_function
#[with_after]
pub fn shop(name: String) -> Result<u64, DbError> {
    Ok(name.parse::<u64>()?)
}

//# question_mark_on_an_option
#[with_after]
pub async fn shop(names: Vec<String>) -> Result<usize, DbError> {
    Ok(names.first()?.len())
}

//# question_mark_on_a_value
#[with_after]
pub async fn shop(name: String) -> Result<usize, DbError> {
    Ok(name.len()?)
}

//# if_and_else_disagree
#[with_after]
pub async fn shop(fast: bool) -> usize {
    if fast { 1 } else { "two" }
}

//# match_arms_disagree
#[with_after]
pub async fn shop(count: u64) -> usize {
    match count {
        0 => 1,
        _ => "two",
    }
}

//# if_without_else
#[with_after]
pub async fn shop(fast: bool) -> usize {
    if fast {
        1
    }
}

//# missing_match_arm
#[with_after]
pub async fn shop(answer: Answer) -> usize {
    match answer {
        Answer::Yes => 1,
        Answer::No => 2,
    }
}

//# refutable_let
#[with_after]
pub async fn shop(name: Option<String>) -> usize {
    let Some(name) = name;
    name.len()
}

//# wrong_argument
#[with_after]
pub async fn shop(db: Db, name: String) -> usize {
    db.load(name).await.map_or(0, |item| item.tags.len())
}

//# too_few_arguments
#[with_after]
pub async fn shop(db: Db) -> usize {
    db.load().await.map_or(0, |item| item.tags.len())
}

//# too_many_arguments
#[with_after]
pub async fn shop(db: Db) -> usize {
    db.count(3)
}

//# integer_widths
#[with_after]
pub async fn shop(count: u64) -> usize {
    let all: u32 = count;
    all as usize
}

//# string_for_str
#[with_after]
pub async fn shop(name: String) -> String {
    shout(name)
}

//# str_for_string
#[with_after]
pub async fn shop() -> String {
    "tea"
}

//# type_cannot_be_inferred
#[with_after]
pub async fn shop(names: Vec<String>) -> usize {
    let all = names.into_iter().collect();
    all.len()
}

//# parse_without_type
#[with_after]
pub async fn shop(name: String) -> bool {
    name.parse().is_ok()
}

//# empty_vector_without_type
#[with_after]
pub async fn shop() -> bool {
    let all = Vec::new();
    all.is_empty()
}

//# none_without_type
#[with_after]
pub async fn shop() {
    let nothing = None;
}

//# error_type_cannot_be_inferred
#[with_after]
pub async fn shop(db: Db) {
    let load = async {
        let item = db.load(1).await?;
        Ok(item)
    };
    drop(load.await);
}

//# comparison_of_different_types
#[with_after]
pub async fn shop(name: String) -> bool {
    name == 3
}

//# addition_of_different_types
#[with_after]
pub async fn shop(count: u64) -> u64 {
    count + 1.5
}

//# condition_is_no_bool
#[with_after]
pub async fn shop(count: u64) -> u64 {
    if count { 1 } else { 2 }
}

//# assignment_as_condition
#[with_after]
pub async fn shop(mut count: u64) -> u64 {
    if count = 1 { 1 } else { 2 }
}

//# cast_of_a_string
#[with_after]
pub async fn shop(name: String) -> u64 {
    name as u64
}

//# closure_with_wrong_arguments
#[with_after]
pub async fn shop(names: Vec<String>) -> usize {
    names.iter().map(|one, two| one.len()).sum()
}

//# return_type_of_a_generic_function
#[with_after]
pub async fn shop<T: Default>(item: T) -> Vec<T> {
    item
}

//# wrong_output_of_a_returned_future
#[with_after]
pub fn shop(name: String) -> impl Future<Output = u8> {
    async move { name.len() }
}

//# returned_future_dropped_by_a_semicolon
#[with_after]
pub fn shop() -> impl Future<Output = u8> {
    async { 1 };
}

//# no_future_returned
#[with_after]
pub fn shop(name: String) -> impl Future<Output = usize> {
    name.len()
}

//# wrong_output_of_a_boxed_future
#[with_after]
pub fn shop(name: String) -> Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(async move { name.len() })
}

//# boxed_future_without_box
#[with_after]
pub fn shop(name: String) -> Pin<Box<dyn Future<Output = usize>>> {
    async move { name.len() }
}

//# boxed_future_without_pin
#[with_after]
pub fn shop(name: String) -> Pin<Box<dyn Future<Output = usize>>> {
    Box::new(async move { name.len() })
}

//# never_that_returns
#[with_after]
pub async fn shop(name: String) -> ! {
    drop(name);
}

//# tuple_of_the_wrong_length
#[with_after]
pub async fn shop(name: String) -> (usize, usize) {
    (name.len(), 2, 3)
}

//# tuple_pattern_of_the_wrong_length
#[with_after]
pub async fn shop(pair: (u64, u64)) -> u64 {
    let (one, two, three) = pair;
    one + two
}
