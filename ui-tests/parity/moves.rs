//# forgotten_move_in_async_block
#[with_after]
pub async fn shop(name: String) -> usize {
    after(async { println!("{name}") });
    name.len()
}

//# forgotten_move_in_closure
#[with_after]
pub async fn shop(name: String) -> usize {
    after(|| println!("{name}"));
    name.len()
}

//# forgotten_move_of_a_destructured_parameter
#[with_after]
pub async fn shop(State(db): State<Db>) -> usize {
    after(async { println!("{}", db.count()) });
    db.count()
}

//# forgotten_move_in_spawn
#[with_after]
pub async fn shop(name: String) -> usize {
    tokio::spawn(async { println!("{name}") });
    name.len()
}

//# forgotten_move_in_sync_function
#[with_after]
pub fn shop(name: String) -> usize {
    after(async { println!("{name}") });
    name.len()
}

//# forgotten_move_of_a_local
#[with_after]
pub async fn shop() -> usize {
    let name = String::from("tea");
    after(async { println!("{name}") });
    name.len()
}

//# forgotten_move_in_a_function_that_returns_a_future
#[with_after]
pub fn shop(name: String) -> impl Future<Output = usize> {
    async { name.len() }
}

//# forgotten_move_in_a_task_of_a_function_that_returns_a_future
#[with_after]
pub fn shop(name: String) -> impl Future<Output = usize> {
    after(async { println!("{name}") });
    async move { name.len() }
}

//# forgotten_move_in_a_boxed_future
#[with_after]
pub fn shop(name: String) -> Pin<Box<dyn Future<Output = usize>>> {
    Box::pin(async { name.len() })
}

//# forgotten_move_in_a_thread
#[with_after]
pub async fn shop(name: String) -> usize {
    std::thread::spawn(|| println!("{name}"));
    0
}

//# forgotten_move_in_a_component
#[with_after(component)]
pub async fn shop(name: String, item: Item) -> usize {
    after(async { println!("{name} {}", item.title) });
    item.tags.len()
}

//# use_after_move
#[with_after]
pub async fn shop(name: String) -> usize {
    send(name).await;
    name.len()
}

//# use_after_move_into_a_task
#[with_after]
pub async fn shop(name: String) -> usize {
    after(async move { println!("{name}") });
    name.len()
}

//# use_after_move_into_a_closure
#[with_after]
pub async fn shop(name: String) -> usize {
    after(move || println!("{name}"));
    name.len()
}

//# use_after_move_of_a_field
#[with_after]
pub async fn shop(item: Item) -> Item {
    send(item.title).await;
    item
}

//# use_after_move_in_a_loop
#[with_after]
pub async fn shop(name: String) {
    for _ in 0..3 {
        send(name).await;
    }
}

//# use_after_move_of_a_destructured_parameter
#[with_after]
pub async fn shop(State(name): State<String>) -> String {
    send(name).await;
    name
}

//# use_after_move_in_sync_function
#[with_after]
pub fn shop(name: String) -> usize {
    drop(name);
    name.len()
}

//# use_after_move_in_a_function_that_returns_a_future
#[with_after]
pub fn shop(name: String) -> impl Future<Output = usize> {
    drop(name);
    async move { name.len() }
}

//# move_out_of_a_reference
#[with_after]
pub async fn shop(item: &Item) -> String {
    item.title
}

//# move_out_of_a_vector
#[with_after]
pub async fn shop(names: Vec<String>) -> String {
    names[0]
}

//# move_out_of_self
#[with_after]
pub async fn free() {}
pub struct Counter { name: String }
impl Counter {
    #[with_after]
    pub async fn name(&self) -> String {
        self.name
    }
}

//# move_of_self_twice
pub struct Counter { name: String }
impl Counter {
    #[with_after]
    pub async fn name(self) -> String {
        drop(self);
        self.name
    }
}

//# assignment_to_an_immutable_parameter
#[with_after]
pub async fn shop(count: u64) -> u64 {
    count = 3;
    count
}

//# compound_assignment_to_an_immutable_parameter
#[with_after]
pub async fn shop(count: u64) -> u64 {
    count += 1;
    count
}

//# assignment_to_a_destructured_parameter
#[with_after]
pub async fn shop(State(count): State<u64>) -> u64 {
    count += 1;
    count
}

//# mutable_borrow_of_an_immutable_parameter
#[with_after]
pub async fn shop(names: Vec<String>) -> Vec<String> {
    names.push(String::new());
    names
}

//# mutable_method_of_an_immutable_parameter
#[with_after]
pub async fn shop(db: Db, item: Item) -> Result<u64, DbError> {
    db.insert(item).await
}

//# mutable_borrow_through_a_shared_reference
#[with_after]
pub async fn shop(names: &Vec<String>) {
    names.push(String::new());
}

//# assignment_to_an_immutable_local
#[with_after]
pub async fn shop() -> u64 {
    let count = 1;
    count = 2;
    count
}

//# assignment_in_sync_function
#[with_after]
pub fn shop(count: u64) -> u64 {
    count += 1;
    count
}

//# assignment_in_a_function_that_returns_a_future
#[with_after]
pub fn shop(count: u64) -> impl Future<Output = u64> {
    count += 1;
    async move { count }
}

//# mutation_through_shared_self
pub struct Counter { count: u64 }
impl Counter {
    #[with_after]
    pub async fn up(&self) {
        self.count += 1;
    }
}

//# mutation_of_immutable_self
pub struct Counter { count: u64 }
impl Counter {
    #[with_after]
    pub async fn up(self) -> u64 {
        self.count += 1;
        self.count
    }
}

//# two_mutable_borrows
#[with_after]
pub async fn shop(mut names: Vec<String>) -> usize {
    let first = &mut names;
    let second = &mut names;
    first.push(String::new());
    second.len()
}

//# borrow_while_borrowed_mutably
#[with_after]
pub async fn shop(mut names: Vec<String>) -> usize {
    for name in &names {
        names.push(name.clone());
    }
    names.len()
}

//# move_while_borrowed
#[with_after]
pub async fn shop(name: String) -> usize {
    let first = &name;
    drop(name);
    first.len()
}

//# borrow_of_a_temporary
#[with_after]
pub async fn shop() -> usize {
    let name = String::from("tea").as_str();
    name.len()
}

//# borrow_that_ends_too_early
#[with_after]
pub async fn shop() -> usize {
    let name;
    {
        let inner = String::from("tea");
        name = &inner;
    }
    name.len()
}

//# uninitialised_variable
#[with_after]
pub async fn shop(fast: bool) -> u64 {
    let count;
    if fast {
        count = 1;
    }
    count
}

//# closure_that_moves_is_called_twice
#[with_after]
pub async fn shop(name: String) {
    let give = || drop(name);
    give();
    give();
}

//# parameter_moved_into_two_tasks
#[with_after]
pub async fn shop(name: String) {
    after(async move { println!("{name}") });
    after(async move { println!("{name}") });
}

//# use_after_move_in_a_method
pub struct Counter { count: u64 }
impl Counter {
    #[with_after]
    pub async fn up(&self, name: String) -> usize {
        send(name).await;
        name.len()
    }
}

//# forgotten_move_in_a_method
pub struct Counter { count: u64 }
impl Counter {
    #[with_after]
    pub async fn up(&self, name: String) -> usize {
        after(async { println!("{name}") });
        name.len()
    }
}

//# use_after_move_in_a_generic_function
#[with_after]
pub async fn shop<T: Render>(name: String, item: T) -> usize {
    send(name).await;
    name.len()
}

//# assignment_to_a_mutable_parameter_while_borrowed
#[with_after]
pub async fn shop(mut count: u64) -> u64 {
    let old = &count;
    count += 1;
    *old
}

//# use_after_move_in_a_memoised_function
#[cache]
pub async fn shop(name: String) -> usize {
    send(name).await;
    name.len()
}

//# use_after_move_in_a_memoised_sync_function
#[cache]
pub fn shop(name: String) -> usize {
    drop(name);
    name.len()
}

//# wrong_type_in_a_memoised_function
#[cache]
pub async fn shop(name: String) -> usize {
    name
}
