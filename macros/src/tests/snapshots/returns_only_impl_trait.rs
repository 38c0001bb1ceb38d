// #[with_after()]
// async fn shop() -> impl IntoResponse { page() }

async fn shop() -> impl IntoResponse {
    ::with_after::__private::future(
            const {
                &::with_after::__private::Handler::new(
                    ::with_after::__private::Kind::Route,
                    "shop",
                    ::core::option::Option::None,
                )
            },
            async move { ({ page() }) },
        )
        .await
}
