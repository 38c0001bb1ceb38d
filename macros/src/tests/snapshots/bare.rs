// #[with_after()]
// pub async fn shop() {}

pub async fn shop() {
    ::with_after::__private::future(
            const {
                &::with_after::__private::Handler::new(
                    ::with_after::__private::Kind::Route,
                    "shop",
                    ::core::option::Option::None,
                )
            },
            async move {
                if let ::core::option::Option::Some(__output) = ::core::option::Option::None::<
                    (),
                > {
                    return __output;
                }
                {}
            },
        )
        .await
}
