//# output_is_no_response
#[with_after]
pub async fn shop() -> impl IntoResponse {
    Opaque
}

//# output_is_no_response_in_a_sync_function
#[with_after]
pub fn shop() -> impl IntoResponse {
    Opaque
}

//# no_output_for_an_iterator
#[with_after]
pub async fn shop(names: Vec<String>) -> impl Iterator<Item = u8> {
    names.into_iter()
}

//# two_types_for_one_response
#[with_after]
pub async fn shop(fast: bool) -> impl IntoResponse {
    if fast {
        return "fast";
    }
    3u64
}

//# response_in_a_result_is_none
#[with_after]
pub async fn shop(db: Db) -> Result<impl IntoResponse, DbError> {
    db.load(1).await?;
    Ok(Opaque)
}

//# bound_is_missing
#[with_after]
pub async fn shop<T>(item: T) -> String {
    item.render()
}

//# display_is_missing
#[with_after]
pub async fn shop(item: Item) -> String {
    format!("{item}")
}

//# debug_is_missing
#[with_after]
pub async fn shop(page: Page) {
    println!("{page:?}");
}

//# clone_is_missing
#[with_after]
pub async fn shop(item: Item) -> Item {
    item.clone()
}

//# unknown_method
#[with_after]
pub async fn shop(db: Db) -> usize {
    db.size()
}

//# misspelt_method
#[with_after]
pub async fn shop(db: Db) -> usize {
    db.counts()
}

//# unknown_field
#[with_after]
pub async fn shop(item: Item) -> String {
    item.name
}

//# misspelt_field
#[with_after]
pub async fn shop(item: Item) -> String {
    item.titel
}

//# missing_field
#[with_after]
pub async fn shop() -> Item {
    Item { id: 1, title: String::new() }
}

//# method_on_an_option
#[with_after]
pub async fn shop(item: Option<Item>) -> String {
    item.title
}

//# call_of_a_value
#[with_after]
pub async fn shop(count: u64) -> u64 {
    count()
}

//# index_of_the_wrong_type
#[with_after]
pub async fn shop(names: Vec<String>, at: u32) -> usize {
    names[at].len()
}

//# no_iterator
#[with_after]
pub async fn shop(count: u64) {
    for item in count {
        drop(item);
    }
}

//# operator_on_a_struct
#[with_after]
pub async fn shop(one: Page, two: Page) -> bool {
    one == two
}

//# argument_lacks_a_trait
#[with_after]
pub async fn shop(db: Db) {
    spawn(std::future::ready(std::rc::Rc::new(db)));
}

//# spawned_block_is_not_send
#[with_after]
pub async fn shop(name: std::rc::Rc<str>) {
    spawn(async move { println!("{name}") });
}

//# task_is_not_send
#[with_after]
pub async fn shop(name: std::rc::Rc<str>) {
    after(async move { println!("{name}") });
}

//# handler_is_not_send
#[with_after]
pub async fn shop(name: String) -> usize {
    let shared = std::rc::Rc::new(name);
    send(String::new()).await;
    shared.len()
}
pub fn serve() {
    spawn(shop(String::new()));
}

//# handler_with_a_guard_is_not_send
#[with_after]
pub async fn shop(count: std::sync::Arc<std::sync::Mutex<u64>>) {
    let mut count = count.lock().unwrap();
    send(String::new()).await;
    *count += 1;
}
pub fn serve() {
    spawn(shop(Default::default()));
}

//# no_handler_for_axum
#[with_after]
pub async fn shop(page: Page) -> &'static str {
    "tea"
}
pub fn routes() -> axum::Router {
    axum::Router::new().route("/", axum::routing::get(shop))
}

//# no_response_for_axum
#[with_after]
pub async fn shop() -> Opaque {
    Opaque
}
pub fn routes() -> axum::Router {
    axum::Router::new().route("/", axum::routing::get(shop))
}

//# trait_method_with_another_type
pub struct Corner;
impl Shop for Corner {
    #[with_after]
    async fn open(&self) -> u8 {
        1
    }
}

//# trait_method_that_does_not_exist
pub struct Corner;
impl Shop for Corner {
    async fn open(&self) -> bool {
        true
    }
    #[with_after]
    async fn close(&self) -> bool {
        true
    }
}

//# wrong_call_of_the_handler
#[with_after]
pub async fn shop(name: String) -> usize {
    name.len()
}
pub async fn call() -> usize {
    shop(3).await
}

//# handler_called_without_its_argument
#[with_after]
pub async fn shop(name: String) -> usize {
    name.len()
}
pub async fn call() -> usize {
    shop().await
}
