// #[with_after()]
// fn shop<'a>(&'a self) -> impl Future<Output = Page> + use<'a> { async { self.page() } }

fn shop<'a>(&'a self) -> impl Future<Output = Page> + use<'a> {
    let handler = const {
        &::with_after::__private::Handler::new(
            ::with_after::__private::Kind::Route,
            "shop",
            ::core::option::Option::None,
        )
    };
    let future = ::with_after::__private::call(move || -> _ {
        let _guard = ::with_after::__private::enter(handler);
        ({ async { self.page() } })
    });
    ::with_after::__private::future(handler, future)
}
