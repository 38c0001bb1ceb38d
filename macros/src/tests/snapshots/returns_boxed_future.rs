// #[with_after()]
// fn shop(&self) -> Pin<Box<dyn Future<Output = Page> + Send + '_>> { Box::pin(async { page() }) }

fn shop(&self) -> Pin<Box<dyn Future<Output = Page> + Send + '_>> {
    let future = {
        let handler = const {
            &::with_after::__private::Handler::new(
                ::with_after::__private::Kind::Route,
                "shop",
                ::core::option::Option::None,
            )
        };
        let future = ::with_after::__private::call(move || -> Pin<
            Box<dyn Future<Output = Page> + Send + '_>,
        > {
            let _guard = ::with_after::__private::enter(handler);
            ({ Box::pin(async { page() }) })
        });
        ::with_after::__private::future(handler, future)
    };
    ::std::boxed::Box::pin(future)
}
