//! How the files of pages are called.

/// How the files of an [export](crate::prerender::Site::export_as) are called.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum FileNames {
    /// `/blog/hello` is `blog/hello.html`.
    #[default]
    Files,
    /// `/blog/hello` is `blog/hello/index.html`, for servers that know no other way to leave the
    /// extension out. They redirect `/blog/hello` to `/blog/hello/`.
    Folders,
}

/// Returns the file for a page, by its canonical path or the name of an error's page: it has no `.`
/// or `..`, and no character that means anything to a file system.
pub(crate) fn file_name(page: &str, names: FileNames, is_html: bool) -> String {
    match (page.strip_prefix('/'), names) {
        (Some(""), _) => "index.html".to_owned(),
        (Some(path), _) if !is_html => path.to_owned(),
        (Some(path), FileNames::Folders) => format!("{path}/index.html"),
        (Some(path), FileNames::Files) => format!("{path}.html"),
        (None, _) => format!("{page}.html"),
    }
}
