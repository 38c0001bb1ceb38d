//# missing_semicolon
#[with_after]
pub async fn shop(name: String) -> usize {
    let count = 1
    count
}

//# half_typed_field
#[with_after]
pub async fn shop(item: Item) -> usize {
    item.
}

//# half_typed_let
#[with_after]
pub async fn shop(item: Item) -> usize {
    let
}

//# missing_comma_between_parameters
#[with_after]
pub async fn shop(name: String count: u64) -> usize {
    1
}

//# missing_type_of_a_parameter
#[with_after]
pub async fn shop(name) -> usize {
    1
}

//# missing_return_type
#[with_after]
pub async fn shop(name: String) -> {
    1
}

//# missing_body
#[with_after]
pub async fn shop(name: String) -> usize

//# missing_parameter_list
#[with_after]
pub async fn shop -> usize {
    1
}

//# keyword_as_name
#[with_after]
pub async fn match(name: String) -> usize {
    1
}

//# keyword_as_a_local
#[with_after]
pub async fn shop() -> usize {
    let type = 1;
    1
}

//# c_style_for
#[with_after]
pub async fn shop() {
    for (i = 0; i < 3; i++) {}
}

//# increment
#[with_after]
pub async fn shop(mut count: u64) -> u64 {
    count++;
    count
}

//# wrong_quotes
#[with_after]
pub async fn shop() -> u64 {
    let name = 'tea time';
    1
}

//# await_as_a_prefix
#[with_after]
pub async fn shop(db: Db) {
    await db.load(1);
}

//# struct_without_braces
#[with_after]
pub async fn shop() -> Item {
    Item { id: 1 title: String::new(), tags: vec![] }
}

//# else_without_braces
#[with_after]
pub async fn shop(fast: bool) -> u64 {
    if fast { 1 } else 2
}

//# default_argument
#[with_after]
pub async fn shop(count: u64 = 3) -> u64 {
    count
}

//# bad_format_string
#[with_after]
pub async fn shop(name: String) -> String {
    format!("{} {}", name)
}

//# lifetime_without_name
#[with_after]
pub async fn shop(name: &' str) -> u64 {
    1
}

//# half_typed_field_in_a_sync_function
#[with_after]
pub fn shop(item: Item) -> usize {
    item.
}

//# half_typed_let_in_a_sync_function
#[with_after]
pub fn shop(item: Item) -> usize {
    let
}

//# half_typed_call_in_a_future
#[with_after]
pub fn shop(item: Item) -> impl Future<Output = usize> {
    async move { item.title. }
}
