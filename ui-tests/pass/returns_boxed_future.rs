#![deny(warnings)]

use std::pin::Pin;
use with_after::with_after;

pub struct Shop(u8);

impl Shop {
    #[with_after(component)]
    pub fn page(&self, open: bool) -> Pin<Box<dyn Future<Output = u8> + Send + '_>> {
        if !open {
            return Box::pin(async { 0 });
        }
        Box::pin(async move { self.0 })
    }

    #[with_after]
    pub fn count(&mut self) -> Pin<Box<dyn Future<Output = u8> + '_>> {
        self.increment()
    }

    fn increment(&mut self) -> Pin<Box<dyn Future<Output = u8> + '_>> {
        Box::pin(async move {
            self.0 += 1;
            self.0
        })
    }
}
