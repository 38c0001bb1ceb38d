// #[with_after()]
// pub async fn shop() {}

pub async fn shop() {
    ({
        let body = async {
            if false {
                return;
            }
            ({})
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
