// #[with_after(max_duration = "1h 30m", crate = my::with_after)]
// /// Docs.
//  #[debug_handler] #[instrument(skip(db))] pub(crate) async fn r#type(db: Db) { #![expect(unused)] db.load().await; }

#[expect(unused)]
/// Docs.
#[debug_handler]
#[instrument(skip(db))]
pub(crate) async fn r#type(db: Db) {
    ({
        let body = async {
            #[allow(clippy::shadow_same)]
            let db = db;
            if false {
                return;
            }
            ({
                db.load().await;
            })
        };
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
            body,
        )
    })
        .await
}
