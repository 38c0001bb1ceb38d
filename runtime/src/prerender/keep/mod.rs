//! What a site keeps: its pages, each with its one render at a time.

mod entry;
mod family;
mod generation;
mod on_demand;
mod refresh;
mod sites;
mod store;

pub(crate) use self::sites::{add_site, sites};
pub(crate) use self::{
    entry::{Entry, Fetched, Flight},
    family::Family,
    generation::Generation,
    store::{Found, Store},
};
