//! The platform has the process end.

use crate::function::Function;

#[tokio::test]
async fn the_process_ends_when_its_tasks_have_ended() {
    let mut function = Function::start("axum").await;
    function.fetch("POST", "/orders", 1).await;
    let first = function.told("first test 200 Completed").await;
    let second = function.told("second").await;
    function.terminate().await;
    drop(first);
    let nested = function.told("nested").await;
    assert!(function.runs(), "a task runs");
    drop((second, nested));
    function.ended(1).await;
    assert!(function.exited().await.success());
}
