// #[with_after(server_fn)]
// async fn shop(db: Db) -> Result<Page, Error> { let page = db.load().await?; Ok(page) }

async fn shop(db: Db) -> Result<Page, Error> {
    ::with_after::__private::future(
            const {
                &::with_after::__private::Handler::new(
                    ::with_after::__private::Kind::ServerFn,
                    "shop",
                    ::core::option::Option::None,
                )
            },
            async move {
                {
                    let none: ::core::option::Option<Result<Page, Error>> = ::core::option::Option::None;
                    if let ::core::option::Option::Some(output) = none {
                        return output;
                    }
                }
                ({
                    let page = db.load().await?;
                    Ok(page)
                })
            },
        )
        .await
}
