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
                {
                    let none: ::core::option::Option<Result<_, Error>> = ::core::option::Option::None;
                    if let ::core::option::Option::Some(output) = none {
                        return output;
                    }
                }
                ({ Ok(page()) })
            },
        )
        .await
}
