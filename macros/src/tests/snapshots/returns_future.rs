// #[with_after()]
// fn shop<'a>(&'a self) -> impl Future<Output = Page> + use<'a> { async { self.page() } }

fn shop<'a>(&'a self) -> impl Future<Output = Page> + use<'a> {
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
    let future = __with_after_call(move || -> _ {
        let _guard = ::with_after::__private::enter(handler);
        ({ async { self.page() } })
    });
    ::with_after::__private::future(handler, future)
}
