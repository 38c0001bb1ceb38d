//! What a user says of a site.

mod builder;
mod check;
mod content;
mod file_name;
mod into_page;
mod options;
mod page;
mod params;
mod path;
mod pattern;
mod revalidation;
mod site_options;

pub use self::{
    builder::{NoPage, OnPage, SiteBuilder},
    content::Content,
    file_name::FileNames,
    into_page::IntoPage,
    params::Params,
    revalidation::{ParseRevalidationError, Revalidation},
};
pub(crate) use self::{
    check::{Checked, Described},
    content::Head,
    file_name::file_name,
    into_page::{ComponentFuture, in_box},
    options::{OnFailure, Options},
    page::{Component, Page, Rendering, Role},
    path::{MAX_NAME, canonical, split},
    pattern::Pattern,
    revalidation::{Subject, tag_fault},
};
