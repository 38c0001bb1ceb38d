#![deny(warnings)]

use with_after::with_after;

#[with_after]
pub async fn shop(name: Option<&str>) -> Result<String, Box<dyn std::error::Error>> {
    let Some(name) = name else { return Err("no name".into()) };
    let number: u32 = name.parse()?;
    Ok(number.to_string())
}
