// #[with_after(route)]
// fn shop(&self) -> Page { page() }

fn shop(&self) -> Page {
    let _guard = ::with_after::__private::enter(const {
        &::with_after::__private::Handler::new(
            ::with_after::__private::Kind::Route,
            "shop",
            ::core::option::Option::None,
        )
    });
    page()
}
