#![deny(warnings)]

use with_after::with_after;

#[derive(Default)]
pub struct Shop;

impl Shop {
    const NAME: &str = "shop";

    fn helper() -> &'static str {
        Self::NAME
    }

    #[with_after]
    pub async fn name(&self) -> &'static str {
        let _: Self = Default::default();
        Self::helper()
    }
}
