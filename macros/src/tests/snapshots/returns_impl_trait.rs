// #[with_after()]
// async fn shop() -> Result<impl IntoResponse, Error> { Ok(page()) }

async fn shop() -> Result<impl IntoResponse, Error> {
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
                    Result<_, Error>,
                > {
                    return __output;
                }
                { Ok(page()) }
            },
        )
        .await
}
