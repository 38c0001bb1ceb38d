// #[with_after()]
// pub async fn shop() {}

pub async fn shop() {
    ::with_after::__private::future(
            const {
                &::with_after::__private::Handler::new(
                    ::with_after::__private::Kind::Route,
                    "shop",
                    ::core::option::Option::None,
                )
            },
            async move {
                {
                    let none: ::core::option::Option<()> = ::core::option::Option::None;
                    if let ::core::option::Option::Some(output) = none {
                        return output;
                    }
                }
                ({})
            },
        )
        .await
}
