// #[with_after(server_fn)]
// async fn shop(db: Db) -> Result<Page, Error> { let page = db.load().await?; Ok(page) }

async fn shop(db: Db) -> Result<Page, Error> {
    ({
        let body = async {
            #[allow(clippy::shadow_same)]
            let db = db;
            if false {
                return {
                    let output: Result<Page, Error> = ::with_after::__private::never();
                    output
                };
            }
            ({
                let page = db.load().await?;
                Ok(page)
            })
        };
        ::with_after::__private::future(
            const {
                &::with_after::__private::Handler::new(
                    ::with_after::__private::Kind::ServerFn,
                    "shop",
                    ::core::option::Option::None,
                )
            },
            body,
        )
    })
        .await
}
