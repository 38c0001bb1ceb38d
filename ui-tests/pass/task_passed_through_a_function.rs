//! Who passes a task on asks for no more than that.

use with_after::{IntoTask, after, try_after};

fn later<M>(task: impl IntoTask<M>) {
    after(task);
}

fn try_later<M, T: IntoTask<M>>(task: T) -> bool {
    try_after(task).is_ok()
}

pub fn check() {
    let _ = || {
        later(async {});
        later(|| Ok::<_, String>(1));
        try_later(async || Err::<u8, _>(std::io::Error::other("gone")))
    };
}
