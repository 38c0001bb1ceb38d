// #[with_after()]
// fn shop(&self) -> Pin<Box<dyn Future<Output = Page> + Send + '_>> { Box::pin(async { page() }) }

fn shop(&self) -> Pin<Box<dyn Future<Output = Page> + Send + '_>> {
    ::std::boxed::Box::pin({
        fn __with_after_call<F>(body: impl ::core::ops::FnOnce() -> F) -> F {
            body()
        }
        let handler = const {
            &::with_after::__private::Handler::new(
                ::with_after::__private::Kind::Route,
                "shop",
                ::core::option::Option::None,
            )
        };
        let future = __with_after_call(move || -> Pin<
            Box<dyn Future<Output = Page> + Send + '_>,
        > {
            let _guard = ::with_after::__private::enter(handler);
            ({ Box::pin(async { page() }) })
        });
        ::with_after::__private::future(handler, future)
    })
}
