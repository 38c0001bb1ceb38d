// #[with_after(component)]
// async fn shop(db: Db) { let id = db.id(); after(refresh(id)); task("a").schedule(|| (db)); }

async fn shop(db: Db) {
    ({
        let body = async {
            #[allow(clippy::shadow_same)]
            let db = db;
            if false {
                return;
            }
            ({
                let id = db.id();
                after(
                    match (refresh(id)) {
                        task => {
                            if false {
                                use ::with_after::__private::transitive::{
                                    IsOfTypes as _, IsOther as _, IsTask as _, IsWithout as _,
                                };
                                fn task_of_component_shop(
                                    _: impl ::with_after::__private::transitive::WithoutRequest1,
                                ) {}
                                let known = (&::with_after::__private::transitive::Types::<
                                    (Db,),
                                >::NEW)
                                    .known();
                                task_of_component_shop(async {
                                    let code = (&::with_after::__private::transitive::Given::new(
                                        known,
                                        &task,
                                    ))
                                        .code();
                                    ::core::future::ready(()).await;
                                    ::core::mem::drop(code);
                                });
                            }
                            task
                        }
                    },
                );
                task("a")
                    .schedule(
                        match (|| (db)) {
                            task => {
                                if false {
                                    use ::with_after::__private::transitive::{
                                        IsOfTypes as _, IsOther as _, IsTask as _, IsWithout as _,
                                    };
                                    fn task_of_component_shop(
                                        _: impl ::with_after::__private::transitive::WithoutRequest2,
                                    ) {}
                                    let known = (&::with_after::__private::transitive::Types::<
                                        (Db,),
                                    >::NEW)
                                        .known();
                                    task_of_component_shop(async {
                                        let code = (&::with_after::__private::transitive::Given::new(
                                            known,
                                            &task,
                                        ))
                                            .code();
                                        ::core::future::ready(()).await;
                                        ::core::mem::drop(code);
                                    });
                                }
                                task
                            }
                        },
                    );
            })
        };
        ::with_after::__private::future(
            const {
                &::with_after::__private::Handler::new(
                    ::with_after::__private::Kind::Component,
                    "shop",
                    ::core::option::Option::None,
                )
            },
            body,
        )
    })
        .await
}
