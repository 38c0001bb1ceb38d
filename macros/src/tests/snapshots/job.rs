// #[job(name = "receipt", max_attempts = 3, max_duration = "30s")]
// /// Sends it.
// #[tracing::instrument]
// pub async fn send(order: i64, mailer: &Mailer) -> Result<(), Error> { mailer.send(order).await }

/// Sends it.
#[allow(clippy::used_underscore_binding)]
#[track_caller]
pub fn send(order: i64) -> ::with_after_jobs::Call<send> {
    ::with_after_jobs::Call::new(
        ::with_after_jobs::__private::Arguments::default().with("order", &order),
    )
}
///The job [`send()`](send()), as workers name it.
#[allow(non_camel_case_types)]
#[derive(::core::fmt::Debug)]
pub enum send {}
impl send {
    /// Does the work at once, without storing anything: for tests.
    #[tracing::instrument]
    #[allow(clippy::unused_async)]
    pub async fn call(order: i64, mailer: &Mailer) -> Result<(), Error> {
        mailer.send(order).await
    }
}
impl ::with_after_jobs::JobFn for send {
    const DEFINITION: &'static ::with_after_jobs::__private::Definition = {
        static DEFINITION: ::with_after_jobs::__private::Definition = ::with_after_jobs::__private::Definition::new(
            "receipt",
            ::core::option::Option::Some(3i32),
            ::core::option::Option::Some(::core::time::Duration::new(30u64, 0u32)),
            ::core::option::Option::None,
        );
        &DEFINITION
    };
    fn needs() -> ::std::vec::Vec<::with_after_jobs::__private::Need> {
        ::std::vec![::with_after_jobs::__private::Need::of:: < Mailer > ()]
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
                let mailer: &Mailer = lent.lend()?;
                let output = Self::call(order, mailer).await;
                ::with_after_jobs::JobOutput::into_result(output)
            }),
        )
    }
}
