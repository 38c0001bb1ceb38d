//# reference_returned_to_a_local
#[with_after]
pub async fn shop() -> &'static str {
    let name = String::from("tea");
    &name
}

//# reference_returned_to_a_parameter
#[with_after]
pub async fn shop(name: String) -> &'static str {
    &name
}

//# missing_lifetime_in_the_return_type
#[with_after]
pub async fn shop(one: &str, two: &str) -> &str {
    one
}

//# borrowed_argument_in_a_task
#[with_after]
pub async fn shop(name: &str) {
    after(async move { println!("{name}") });
}

//# borrowed_argument_in_a_sync_task
#[with_after]
pub fn shop(name: &str) {
    after(move || println!("{name}"));
}

//# borrowed_self_in_a_task
pub struct Counter { name: String }
impl Counter {
    #[with_after]
    pub async fn up(&self) {
        after(async { println!("{}", self.name) });
    }
}

//# borrowed_self_in_a_task_of_a_component
pub struct Counter { name: String }
impl Counter {
    #[with_after(component)]
    pub async fn up(&self) -> usize {
        after(async move { println!("{}", self.name) });
        0
    }
}

//# wrong_lifetime_returned
#[with_after]
pub async fn shop<'a, 'b>(one: &'a str, two: &'b str) -> &'a str {
    two
}

//# wrong_lifetime_returned_by_a_sync_function
#[with_after]
pub fn shop<'a, 'b>(one: &'a str, two: &'b str) -> &'a str {
    two
}

//# future_is_not_static
#[with_after]
pub fn shop(name: &str) -> impl Future<Output = usize> + 'static {
    async move { name.len() }
}

//# boxed_future_is_not_static
#[with_after]
pub fn shop(name: &str) -> Pin<Box<dyn Future<Output = usize>>> {
    Box::pin(async move { name.len() })
}

//# undeclared_lifetime
#[with_after]
pub async fn shop(name: &'a str) -> usize {
    name.len()
}

//# parameter_type_may_not_live_long_enough
#[with_after]
pub async fn shop<T: Send + Render>(item: T) {
    after(async move { println!("{}", item.render()) });
}

//# stored_reference_escapes
#[with_after]
pub async fn shop(names: &mut Vec<&str>, name: String) {
    names.push(&name);
}

//# reference_to_a_temporary_returned
#[with_after]
pub async fn shop() -> &'static String {
    &String::new()
}

//# iterator_over_a_local_returned
#[with_after]
pub async fn shop(names: Vec<String>) -> impl Iterator<Item = usize> {
    names.iter().map(|name| name.len())
}
