#![deny(warnings)]

use with_after::with_after;

#[with_after]
pub async fn shop(name: impl Into<String> + Send, each: impl Fn(&str)) -> String {
    let name = name.into();
    each(&name);
    name
}
