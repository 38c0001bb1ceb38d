// #[cache(skip(db))]
// async fn user(db: &Db, name: &str, id: u64) -> Result<User, Error> { db.load(name, id).await }

async fn user(db: &Db, name: &str, id: u64) -> Result<User, Error> {
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
    cell.run(async move {
            {
                let none: ::core::option::Option<Result<User, Error>> = ::core::option::Option::None;
                if let ::core::option::Option::Some(output) = none {
                    return output;
                }
            }
            ({ db.load(name, id).await })
        })
        .await
}
