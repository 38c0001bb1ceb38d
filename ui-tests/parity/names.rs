//# unknown_name
#[with_after]
pub async fn shop(name: String) -> usize {
    nam.len()
}

//# unknown_function
#[with_after]
pub async fn shop(name: String) -> usize {
    count_letters(&name)
}

//# unknown_type_in_the_signature
#[with_after]
pub async fn shop(name: Strin) -> usize {
    1
}

//# unknown_return_type
#[with_after]
pub async fn shop(name: String) -> Pge {
    todo!()
}

//# unknown_type_in_the_body
#[with_after]
pub async fn shop() -> usize {
    let names: Vector<u8> = Default::default();
    names.len()
}

//# unknown_import
#[with_after]
pub async fn shop() -> usize {
    use parity_support::Shopp;
    1
}

//# unknown_variant
#[with_after]
pub async fn shop() -> Answer {
    Answer::Maybe
}

//# unknown_associated_function
#[with_after]
pub async fn shop() -> Db {
    Db::connect()
}

//# unknown_macro
#[with_after]
pub async fn shop(name: String) -> usize {
    prinln!("{name}");
    1
}

//# unknown_name_in_a_format_string
#[with_after]
pub async fn shop(name: String) -> String {
    format!("{nam}")
}

//# self_in_a_free_function
#[with_after]
pub async fn shop() -> usize {
    self.len()
}

//# self_forgotten
pub struct Counter { count: u64 }
impl Counter {
    #[with_after]
    pub async fn up(&self) -> u64 {
        count
    }
}

//# private_field
pub mod inner {
    #[derive(Default)]
    pub struct Secret { code: u64 }
}
#[with_after]
pub async fn shop(secret: inner::Secret) -> u64 {
    secret.code
}

//# function_defined_twice
#[with_after]
pub async fn shop() {}
#[with_after]
pub async fn shop() {}

//# parameter_named_twice
#[with_after]
pub async fn shop(name: String, name: u64) {}

//# generic_of_the_outer_function
#[with_after]
pub async fn shop<T>(item: T) {
    fn inner(item: T) {}
    inner(item);
}

//# local_used_out_of_its_block
#[with_after]
pub async fn shop() -> usize {
    {
        let count = 1;
    }
    count
}

//# break_outside_of_a_loop
#[with_after]
pub async fn shop() {
    break;
}

//# unknown_label
#[with_after]
pub async fn shop() {
    loop {
        break 'outer;
    }
}

//# pattern_with_an_unknown_variant
#[with_after]
pub async fn shop(answer: Answer) -> u8 {
    match answer {
        Answer::Sure => 1,
        _ => 2,
    }
}

//# variable_of_the_function_in_an_inner_function
#[with_after]
pub async fn shop(name: String) -> usize {
    fn inner() -> usize { name.len() }
    inner()
}
