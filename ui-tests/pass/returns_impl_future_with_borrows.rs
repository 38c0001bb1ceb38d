#![deny(warnings)]

use with_after::with_after;

pub struct Shop {
    name: String,
}

impl Shop {
    #[with_after]
    pub fn name(&self) -> impl Future<Output = &str> {
        async { self.name.as_str() }
    }

    #[with_after]
    pub fn rename<'a>(&'a mut self, name: &'a str) -> impl Future<Output = ()> + use<'a> {
        async move { self.name.push_str(name) }
    }

    #[with_after]
    pub fn rename_twice(&mut self) -> impl Future<Output = ()> {
        self.rename("x")
    }
}
