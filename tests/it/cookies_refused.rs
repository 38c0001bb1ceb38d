//! Cookies that cannot be written where they are.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::{Response, header::SET_COOKIE};
use http_body_util::BodyExt as _;
use with_after::{
    AfterLayer, CookieWriteError, Cookies, Scope, after, cookies, task, try_cookies, with_after,
};

use crate::support::{
    bodies,
    log::Log,
    platform::{Recording, call, finish},
    traces::Traces,
};

#[with_after(component)]
async fn page(jar: Cookies) -> (CookieWriteError, CookieWriteError) {
    (refusal(&jar), jar.remove("a").expect_err("a component"))
}

#[with_after(metadata)]
async fn title(jar: Cookies) -> (CookieWriteError, CookieWriteError) {
    (refusal(&jar), jar.remove("a").expect_err("a metadata function"))
}

#[tokio::test]
async fn components_and_metadata_read_cookies_and_cannot_write_them() {
    let response = finish(AfterLayer::new(), |_| async {
        let jar = cookies().await;
        for (errors, kind) in
            [(page(jar.clone()).await, "component"), (title(jar.clone()).await, "metadata")]
        {
            for error in [errors.0, errors.1] {
                assert!(error.is_in_component(), "{error}");
                assert!(!error.is_in_task() && !error.is_head_sent() && !error.is_invalid());
                assert!(error.to_string().contains(&format!("is a {kind}")), "{error}");
                assert!(error.to_string().contains("tests/it/cookies_refused.rs:"), "{error}");
            }
        }
        assert!(!jar.contains("a"));
        // Outside of them the same jar is written.
        jar.set(("b", "1")).expect("unannotated code writes");
    })
    .await;

    assert_eq!(response.headers().get_all(SET_COOKIE).iter().collect::<Vec<_>>(), ["b=1; Path=/"]);
}

#[tokio::test]
async fn a_route_that_a_component_calls_writes_again() {
    #[with_after(route)]
    async fn route() {
        cookies().await.set(("a", "1")).expect("the innermost function is a route");
    }

    #[with_after(component)]
    async fn outer() {
        route().await;
    }

    let response = finish(AfterLayer::new(), |_| outer()).await;
    assert_eq!(response.headers()[SET_COOKIE], "a=1; Path=/");
}

#[tokio::test]
async fn a_task_cannot_write_and_is_told_where_it_was_scheduled() {
    let (platform, errors) = (Recording::default(), Errors::default());
    let response = finish(platform.layer(), |_| async {
        let jar = cookies().await;
        let (moved, line) = (errors.clone(), line!() + 1);
        after(move || moved.add(refusal(&jar)));
        let found = errors.clone();
        after(move || {
            let jar = try_cookies().expect("unannotated code's task reads");
            after(move || found.add(refusal(&jar)));
        });
        line.to_string()
    })
    .await;
    // Its body is the number.
    let line = String::from_utf8_lossy(response.body()).into_owned();

    platform.drain().await;
    let errors = errors.take();
    assert_eq!(errors.len(), 2);
    for error in &errors {
        assert!(error.is_in_task() && !error.is_head_sent(), "{error}");
    }
    let scheduled = format!("scheduled at tests/it/cookies_refused.rs:{line}:");
    assert!(errors[0].to_string().contains(&scheduled), "{}", errors[0]);
    assert!(!response.headers().contains_key(SET_COOKIE));
}

#[tokio::test]
async fn a_body_cannot_write_since_the_head_is_sent() {
    for looked_before in [true, false] {
        let errors = Errors::default();
        let response = call(AfterLayer::new(), |_| {
            if looked_before {
                assert!(try_cookies().is_ok());
            }
            let (mut frames, errors) = (["one"].into_iter(), errors.clone());
            let poll = move || {
                let frame = frames.next()?;
                errors.add(refusal(&try_cookies().expect("a body reads")));
                Some(frame)
            };
            std::future::ready(Response::new(bodies::probe(poll, || ())))
        })
        .await;
        assert!(!response.headers().contains_key(SET_COOKIE));
        response.into_body().collect().await.expect("it does not fail");

        let [error] = &errors.take()[..] else { panic!("it is polled once") };
        assert!(error.is_head_sent() && !error.is_in_task(), "{error}");
    }
}

#[tokio::test]
async fn code_that_kept_its_scope_or_jar_cannot_write_once_the_head_is_sent() {
    let mut kept = None;
    let response = call(AfterLayer::new(), |_| {
        kept = Some((try_cookies().expect("there is a request"), Scope::current()));
        std::future::ready(Body::from("hello"))
    })
    .await;

    let (jar, scope) = kept.expect("the handler ran");
    assert!(refusal(&jar).is_head_sent());
    let scope = scope.expect("the layer opened it");
    scope.enter(|| assert!(refusal(&try_cookies().expect("it reads")).is_head_sent()));
    drop(response);
    assert!(refusal(&jar).is_head_sent());
}

#[tokio::test]
async fn a_refused_write_in_a_task_is_an_error_that_the_task_can_pass_on() {
    let (platform, log) = (Recording::default(), Log::default());
    let (_traces, _guard) = Traces::collect();
    let hooks_log = log.clone();
    let layer = platform.layer().on_failure(move |failure| hooks_log.add(failure.to_string()));
    finish(layer, |_| {
        let jar = try_cookies().expect("there is a request");
        task("it").schedule(move || jar.set(("a", "1")));
        std::future::ready(())
    })
    .await;

    platform.drain().await;
    let [failure] = &log.entries()[..] else { panic!("{:?}", log.entries()) };
    assert!(failure.contains("the cookie `a` was not written"), "{failure}");
    assert!(failure.contains("headers are already sent"), "{failure}");
}

fn refusal(jar: &Cookies) -> CookieWriteError {
    jar.set(("a", "1")).expect_err("it is refused")
}

#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<CookieWriteError>>>);

impl Errors {
    fn add(&self, error: CookieWriteError) {
        self.0.lock().expect("nobody panics under it").push(error);
    }

    fn take(&self) -> Vec<CookieWriteError> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics under it"))
    }
}
