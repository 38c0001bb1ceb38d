// #[cache(skip(db))]
// async fn user(db: &Db, name: &str, id: u64) -> Result<User, Error> { db.load(name, id).await }

async fn user(db: &Db, name: &str, id: u64) -> Result<User, Error> {
    #[allow(clippy::used_underscore_binding)]
    let cell = ::with_after::__private::async_cell::<
        _,
        Result<User, Error>,
    >(
        "user",
        || (),
        || {
            ::std::vec![
                ::with_after::__private::key(name), ::with_after::__private::key(& id)
            ]
        },
    );
    cell.run(async {
            #[allow(clippy::shadow_same)]
            let db = db;
            #[allow(clippy::shadow_same)]
            let name = name;
            #[allow(clippy::shadow_same)]
            let id = id;
            if false {
                return {
                    let output: Result<User, Error> = ::with_after::__private::never();
                    output
                };
            }
            ({ db.load(name, id).await })
        })
        .await
}
