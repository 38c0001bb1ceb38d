#![deny(warnings)]

use async_trait::async_trait;
use with_after::{after, with_after};

#[async_trait]
pub trait Render {
    async fn render(&self, name: &str) -> Result<String, String>;

    #[with_after(component)]
    async fn title(&mut self) -> String {
        String::new()
    }
}

pub struct Page;

#[async_trait]
impl Render for Page {
    #[with_after(component)]
    async fn render(&self, name: &str) -> Result<String, String> {
        after(async {});
        if name.is_empty() {
            return Err(String::new());
        }
        Ok(name.to_owned())
    }
}
