// #[with_after(rout)]
// async fn shop() { half.typed }

async fn shop() {
    half.typed
}
::core::compile_error! {
    "unknown kind `rout`, did you mean `route`? kinds are `component`, `metadata`, `route`, `server_fn` and `middleware`"
}
