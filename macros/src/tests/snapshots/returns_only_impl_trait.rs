// #[with_after()]
// async fn shop() -> impl IntoResponse { page() }

async fn shop() -> impl IntoResponse {
    ({
        let body = async { ({ page() }) };
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
