#![deny(warnings)]

use with_after::with_after;

pub trait Render {
    fn render(&self) -> impl Future<Output = String> + Send;

    #[with_after(component)]
    fn default_body(&self) -> String {
        String::new()
    }
}

pub struct Page;

impl Render for Page {
    #[with_after(component)]
    async fn render(&self) -> String {
        String::new()
    }
}

impl<T> Render for Vec<T>
where
    T: Sync,
{
    #[with_after(component)]
    fn render(&self) -> impl Future<Output = String> + Send {
        async { String::new() }
    }
}
