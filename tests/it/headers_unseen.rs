//! What the attribute does not see in the task of a component is refused when it runs: a form for
//! each row of the table "What is refused, and when".

use futures_util::FutureExt as _;
use with_after::{
    RequestApiError, after, headers, task, try_headers, try_headers as renamed, with_after,
};

use crate::support::{
    log::Log,
    platform::{Recording, finish},
};

type Reading = Result<with_after::Headers, RequestApiError>;

fn in_a_function_outside() -> Reading {
    try_headers()
}

trait Reads {
    fn in_a_method(&self) -> Reading {
        try_headers()
    }
}

impl Reads for () {}

mod names {
    pub(super) use with_after::try_headers as imported;
}

fn make(read: impl FnOnce() -> Reading + Send + 'static) -> impl FnOnce() -> Reading {
    read
}

fn pass_on<T>(work: T) -> T {
    work
}

struct Holds<F>(F);

impl<F: Fn() -> Reading> Holds<F> {
    fn run(&self) -> Reading {
        (self.0)()
    }
}

macro_rules! read {
    () => {
        try_headers()
    };
}

#[with_after(component)]
async fn page(log: Log) {
    use names::*;
    let entry = move |form: &str, reading: Reading| {
        let refused = reading.is_err_and(|error| error.is_in_component_task());
        log.add(format!("{form} {}", if refused { "refused" } else { "read" }));
    };
    macro_rules! expect_refused {
        ($form:literal, $read:expr) => {{
            let (entry, read) = (entry.clone(), $read);
            after(move || entry($form, read()));
        }};
    }

    expect_refused!("function", in_a_function_outside);
    expect_refused!("method", || ().in_a_method());
    expect_refused!("alias", renamed);
    expect_refused!("glob", imported);
    expect_refused!("argument", make(|| try_headers()));
    expect_refused!("macro", || read!());

    let mut kept: Vec<fn() -> Reading> = Vec::with_capacity(1);
    let keep = &mut kept;
    keep.push(|| try_headers());
    expect_refused!("collection", move || kept[0]());

    let holds = Holds(|| try_headers());
    expect_refused!("method of a struct", move || holds.run());

    let schedule = |read: fn() -> Reading| expect_refused!("closure that schedules", read);
    schedule(|| try_headers());

    let job = pass_on(async { drop(headers().await) });
    task("variable").schedule(pass_on(job));
}

#[tokio::test]
async fn what_the_attribute_does_not_see_is_refused_when_it_runs() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| page(log.clone())).await;
    platform.drain().await;

    let forms = [
        "function",
        "method",
        "alias",
        "glob",
        "argument",
        "macro",
        "collection",
        "method of a struct",
        "closure that schedules",
    ];
    assert_eq!(log.entries(), forms.map(|form| format!("{form} refused")));
    let ended = platform.ended.entries();
    let variable = ended.iter().find(|end| end.starts_with("variable ")).expect("it has ended");
    assert!(variable.contains("task of the component `page`"), "{variable}");
}

#[tokio::test]
async fn code_that_is_nested_too_deep_to_be_read_is_refused_when_it_runs() {
    #[rustfmt::skip]
    #[with_after(component)]
    async fn deep(log: Log) {
        { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { { 
            after(move || log.add(try_headers().is_err().to_string()));
        } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } }
    }

    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| deep(log.clone())).await;
    platform.drain().await;
    assert_eq!(log.entries(), ["true"]);
    assert!(deep(Log::default()).now_or_never().is_some());
}
