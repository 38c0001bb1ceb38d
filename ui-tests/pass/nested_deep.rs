//! Code that is nested deep compiles as it does without the attribute.

#![allow(dead_code, clippy::collapsible_if, clippy::single_match)]

use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page(x: u8) {
    after(async {});
    match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => match x { 0 => {} _ => {} } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } } }
    if x > 1 {
        if x > 1 {
            if x > 1 {
                if x > 1 {
                    if x > 1 {
                        if x > 1 {
                            if x > 1 {
                                if x > 1 {
                                    if x > 1 {
                                        if x > 1 {
                                            if x > 1 {
                                                if x > 1 {
                                                    if x > 1 {
                                                        if x > 1 {
                                                            if x > 1 {
                                                                if x > 1 {
                                                                    if x > 1 {
                                                                        if x > 1 {
                                                                            if x > 1 {
                                                                                if x > 1 {
                                                                                    if x > 1 {
                                                                                        if x > 1 {
                                                                                            if x > 1
                                                                                            {
                                                                                                if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 { if x > 1 {  }}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}
                                                                                            }
                                                                                        }
                                                                                    }
                                                                                }
                                                                            }
                                                                        }
                                                                    }
                                                                }
                                                            }
                                                        }
                                                    }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    fn f() {
        fn f() {
            fn f() {
                fn f() {
                    fn f() {
                        fn f() {
                            fn f() {
                                fn f() {
                                    fn f() {
                                        fn f() {
                                            fn f() {
                                                fn f() {
                                                    fn f() {
                                                        fn f() {
                                                            fn f() {
                                                                fn f() {
                                                                    fn f() {
                                                                        fn f() {}
                                                                    }
                                                                }
                                                            }
                                                        }
                                                    }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    after(async {});
    cookies().await;
}

pub fn check() {
    drop(page(1));
}
