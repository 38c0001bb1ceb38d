//! Where code panics.

use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe, Location},
    sync::Once,
};

/// Returns where `f` panics, and what it says.
pub(crate) fn panic_of(f: impl FnOnce()) -> (String, String) {
    thread_local! {
        static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
    }
    static HOOK: Once = Once::new();

    // Stays: it passes on what it hears.
    HOOK.call_once(|| {
        let outer = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map(|place| show(place)).unwrap_or_default();
            PLACE.set(place);
            outer(info);
        }));
    });
    let payload = panic::catch_unwind(AssertUnwindSafe(f)).expect_err("it panics");
    let message = payload.downcast_ref::<String>().expect("it says something");
    (PLACE.take(), message.clone())
}

fn show(place: &Location<'_>) -> String {
    format!("{}:{}", place.file(), place.line())
}
