#![deny(warnings)]

use std::{pin::Pin, sync::Arc};
use with_after::with_after;

#[derive(Clone)]
pub struct Shop(Vec<u8>);

impl Shop {
    #[with_after]
    pub async fn by_value(self) -> Vec<u8> {
        self.0
    }

    #[with_after]
    pub async fn by_mut_value(mut self) -> Self {
        self.0.clear();
        Self(self.0)
    }

    #[with_after]
    pub async fn by_reference(&self) -> &u8 {
        &self.0[0]
    }

    #[with_after]
    pub async fn by_mut_reference(&mut self) -> &mut u8 {
        &mut self.0[0]
    }

    #[with_after]
    pub async fn by_arc(self: Arc<Self>) -> usize {
        self.0.len()
    }

    #[with_after]
    pub async fn by_pin(self: Pin<&mut Self>) {}

    #[with_after]
    pub async fn associated() -> Self {
        Self(Vec::new())
    }

    #[with_after]
    pub fn sync(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}
