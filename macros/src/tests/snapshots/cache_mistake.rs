// #[cache()]
// async fn user(&self) { half.typed }

async fn user(&self) {
    half.typed
}
::core::compile_error! {
    "`#[cache]` memoises by the arguments, and `self` is none to compare by: write a function that takes what it needs of it"
}
