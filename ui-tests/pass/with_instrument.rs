#![deny(warnings)]

use tracing::instrument;
use with_after::with_after;

#[with_after]
#[instrument]
pub async fn below(id: u8) -> Result<u8, String> {
    Ok(id)
}

#[instrument(ret, err, skip_all)]
#[with_after(component)]
pub async fn above(id: u8) -> Result<u8, String> {
    Ok(id)
}

#[instrument]
#[with_after]
pub fn sync(id: u8) -> u8 {
    id
}
