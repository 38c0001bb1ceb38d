#![deny(warnings)]

use with_after::{after, with_after};

#[with_after(component)]
pub fn page(name: Option<&str>) -> Result<String, std::num::ParseIntError> {
    after(|| {});
    let Some(name) = name else { return Ok(String::new()) };
    let number: u32 = name.parse()?;
    Ok(number.to_string())
}
