// #[job()]
// async fn send(order: i64) { mail(order).await }

#[allow(clippy::used_underscore_binding)]
#[track_caller]
fn send(order: i64) -> ::with_after_jobs::Call<send> {
    ::with_after_jobs::Call::new(
        ::with_after_jobs::__private::Arguments::default().with("order", &order),
    )
}
///The job [`send()`](send()), as workers name it.
#[allow(non_camel_case_types)]
#[derive(::core::fmt::Debug)]
enum send {}
impl send {
    /// Does the work at once, without storing anything: for tests.
    #[allow(clippy::unused_async)]
    async fn call(order: i64) {
        mail(order).await
    }
}
impl ::with_after_jobs::JobFn for send {
    const DEFINITION: &'static ::with_after_jobs::__private::Definition = {
        static DEFINITION: ::with_after_jobs::__private::Definition = ::with_after_jobs::__private::Definition::new(
            "send",
            ::core::option::Option::None,
            ::core::option::Option::None,
            ::core::option::Option::None,
        );
        &DEFINITION
    };
    fn needs() -> ::std::vec::Vec<::with_after_jobs::__private::Need> {
        ::std::vec![]
    }
    #[allow(unused_mut, unused_variables, clippy::used_underscore_binding)]
    fn run(
        mut arguments: ::with_after_jobs::__private::Arguments,
        lent: ::with_after_jobs::__private::Lent,
    ) -> ::core::result::Result<
        ::with_after_jobs::__private::Run,
        ::with_after_jobs::__private::BoxError,
    > {
        let order: i64 = arguments.take("order")?;
        ::core::result::Result::Ok(
            ::std::boxed::Box::pin(async move {
                let output = match (Self::call(order)) {
                    task => {
                        if false {
                            use ::with_after_jobs::__private::transitive::{
                                IsOfTypes as _, IsOther as _, IsTask as _, IsWithout as _,
                            };
                            fn task_of_job_send(
                                _: impl ::with_after_jobs::__private::transitive::WithoutRequest1,
                            ) {}
                            let known = (&::with_after_jobs::__private::transitive::Types::<
                                (i64,),
                            >::NEW)
                                .known();
                            task_of_job_send(async {
                                let code = (&::with_after_jobs::__private::transitive::Given::new(
                                    known,
                                    &task,
                                ))
                                    .code();
                                ::core::future::ready(()).await;
                                ::core::mem::drop(code);
                            });
                        }
                        task
                    }
                }
                    .await;
                ::with_after_jobs::JobOutput::into_result(output)
            }),
        )
    }
}
