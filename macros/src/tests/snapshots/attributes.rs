// #[with_after(max_duration = "1h 30m", crate = my::with_after)]
// /// Docs.
//  #[debug_handler] #[instrument(skip(db))] pub(crate) async fn r#type(db: Db) { #![expect(unused)] db.load().await; }

/// Docs.
#[debug_handler]
#[instrument(skip(db))]
#[expect(unused)]
pub(crate) async fn r#type(db: Db) {
    my::with_after::__private::future(
            const {
                &my::with_after::__private::Handler::new(
                    my::with_after::__private::Kind::Route,
                    "type",
                    ::core::option::Option::Some(
                        ::core::time::Duration::new(5400u64, 0u32),
                    ),
                )
            },
            async move {
                {
                    let none: ::core::option::Option<()> = ::core::option::Option::None;
                    if let ::core::option::Option::Some(output) = none {
                        return output;
                    }
                }
                ({
                    db.load().await;
                })
            },
        )
        .await
}
