// #[with_after()]
// async fn shop() -> Result<impl IntoResponse, Error> { Ok(page()) }

async fn shop() -> Result<impl IntoResponse, Error> {
    ({
        let body = async {
            if false {
                return {
                    let output: Result<_, Error> = ::with_after::__private::never();
                    output
                };
            }
            ({ Ok(page()) })
        };
        ::with_after::__private::future(
            const {
                &::with_after::__private::Handler::new(
                    ::with_after::__private::Kind::Route,
                    "shop",
                    ::core::option::Option::None,
                )
            },
            body,
        )
    })
        .await
}
