// #[with_after(component)]
// async fn page() -> Html {
//             after(async { cookies().await; println!("{}", headers().await.len()); });
//             after(connection);
//             html()
//         }

async fn page() -> Html {
    ({
        let body = async {
            if false {
                return {
                    let output: Html = ::with_after::__private::never();
                    output
                };
            }
            ({
                after(async {
                    (match cookies() {
                        value if false => value,
                        _ => {
                            ::core::compile_error!(
                                "`cookies()` is used in a task of the component `page`, where there is no request\nthe task runs when `page` has rendered and the request is gone; read it before `after` and move the value in:\n\n    let cookies = cookies().await;\n    after(async move { .. cookies .. });\n\nin a `route` or `server_fn` function it would be allowed"
                            )
                        }
                    })
                        .await;
                    ::core::compile_error!(
                        "`headers()` is used in a task of the component `page`, where there is no request\nthe task runs when `page` has rendered and the request is gone; read it before `after` and move the value in:\n\n    let headers = headers().await;\n    after(async move { .. headers .. });\n\nin a `route` or `server_fn` function it would be allowed"
                    );
                    println!("{}", headers(). await .len());
                });
                after(
                    (match connection {
                        value if false => value,
                        _ => {
                            ::core::compile_error!(
                                "`connection` is used in a task of the component `page`, where there is no request\nthe task runs when `page` has rendered and the request is gone; await it before `after`:\n\n    connection().await;\n    after(async move { .. });\n\nin a `route` or `server_fn` function it would be allowed"
                            )
                        }
                    }),
                );
                html()
            })
        };
        ::with_after::__private::future(
            const {
                &::with_after::__private::Handler::new(
                    ::with_after::__private::Kind::Component,
                    "page",
                    ::core::option::Option::None,
                )
            },
            body,
        )
    })
        .await
}
