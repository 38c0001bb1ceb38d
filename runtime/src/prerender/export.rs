//! A site as files.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use super::{
    ExportError, FileNames, Site,
    describe::{MAX_NAME, Role, file_name, split},
    error::ExportErrorKind,
    keep::Entry,
    render::{Kept, Whole},
};
use crate::error::Caller;

impl Site {
    /// Writes every page of the build into `folder`, for a server of files: `/` as `index.html`,
    /// `/blog/hello` as `blog/hello.html`, `/sitemap.xml`, which is no HTML, as `sitemap.xml`, the
    /// [not-found page](super::SiteBuilder::not_found_page) as `404.html`. Returns the files that
    /// were written.
    ///
    /// In names, every character but `A-Z a-z 0-9 - . _ ~` is percent-encoded. Files that exist
    /// are replaced; others stay. A page that was revalidated since the build is written as it is
    /// now.
    ///
    /// # Errors
    ///
    /// Returns an error **before anything is written** if there are pages that files cannot stand
    /// for: dynamic ones, those with holes, those that call [`after`](crate::after()), for there
    /// would be no later time at which their tasks run, those that answer with a redirect, "not
    /// found", another status than 200 or headers of their own, and those whose file names are too
    /// long, differ only in case, or would be both a file and a folder. The error names them all,
    /// each with the line. Returns another error if a file cannot be written.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn index() -> &'static str { "" }
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use with_after::prerender::Site;
    ///
    /// let site = Site::builder().page("/", index).build().await?;
    /// site.export("public")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn export(&self, folder: impl AsRef<Path>) -> Result<Vec<PathBuf>, ExportError> {
        self.export_as(FileNames::Files, folder)
    }

    /// Writes the site as [`export`](Self::export) does, with files called otherwise.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`export`](Self::export).
    pub fn export_as(
        &self,
        names: FileNames,
        folder: impl AsRef<Path>,
    ) -> Result<Vec<PathBuf>, ExportError> {
        let folder = folder.as_ref();
        let files = self
            .files(names)
            .map_err(|pages| ExportError { kind: ExportErrorKind::Unsupported(pages) })?;
        let mut written = Vec::with_capacity(files.len());
        for (name, text) in files {
            let path = folder.join(name);
            write(&path, &text)
                .map_err(|error| ExportError { kind: ExportErrorKind::Io(path.clone(), error) })?;
            written.push(path);
        }
        Ok(written)
    }

    /// Returns names and texts of all files.
    fn files(&self, names: FileNames) -> Result<Vec<(String, Bytes)>, Vec<Unsupported>> {
        let (mut files, mut unsupported) = (Vec::new(), Vec::new());
        let mut taken = Taken::default();
        for page in self.report().pages() {
            let mut faults = Vec::new();
            let entry = self.store().entry_of_build(page.path());
            let kept = entry.and_then(|entry| Some((entry, entry.kept()?)));
            let whole = match &kept {
                Some((entry, kept)) => whole(entry, kept).map_err(|fault| faults.push(fault)).ok(),
                // It was built.
                None => None,
            };
            faults.extend(page.tasks().iter().map(|at| format!("it calls `after` at {at}")));
            let is_html =
                whole.is_none_or(|whole| whole.head.as_ref().is_none_or(|head| head.is_html()));
            let name = file_name(page.path(), names, is_html);
            faults.extend(taken.take(&name, page.path()));
            files.extend(whole.map(|whole| (name, whole.text.clone())));
            let (path, location) = (page.path().to_owned(), page.location());
            unsupported.extend(faults.into_iter().map(|fault| (path.clone(), location, fault)));
        }
        if unsupported.is_empty() { Ok(files) } else { Err(unsupported) }
    }
}

type Unsupported = (String, Caller, String);

/// Returns what a file can stand for, or why none can.
fn whole<'a>(entry: &Entry, kept: &'a Kept) -> Result<&'a Whole, String> {
    let whole = match kept {
        Kept::Whole(whole) => whole,
        Kept::Holed(_) => {
            let holes: Vec<_> = kept.holes().iter().map(ToString::to_string).collect();
            return Err(format!("it has dynamic holes, made at {}", holes.join(", ")));
        }
        Kept::Dynamic(dynamic) => return Err(format!("it is dynamic: {dynamic}")),
        Kept::Interrupt { status, location } => {
            let to = location.as_ref().and_then(|to| to.to_str().ok());
            let to = to.map_or_else(String::new, |to| format!(" to {to}"));
            return Err(format!("it answers with a {status}{to}"));
        }
    };
    let Some(head) = &whole.head else { return Ok(whole) };
    // The server of files sends the status of an error page by itself.
    let own = head.status.filter(|_| matches!(entry.family.page.role, Role::At(_)));
    match (own, head.headers.keys().next()) {
        (Some(status), _) => Err(format!("it answers with a {status}")),
        (_, Some(name)) => Err(format!("it sends the header `{name}`")),
        _ => Ok(whole),
    }
}

/// The names that are taken, in lower case, each with its page.
#[derive(Default)]
struct Taken {
    files: HashMap<String, String>,
    /// With one of the pages in it.
    folders: HashMap<String, String>,
}

impl Taken {
    /// Takes a name for a page; returns what is wrong with it.
    fn take(&mut self, name: &str, page: &str) -> Vec<String> {
        let mut faults = Vec::new();
        if split(&format!("/{name}")).any(|segment| segment.len() > MAX_NAME) {
            faults.push("its file name would be too long".to_owned());
        }
        let name = name.to_lowercase();
        let folders = name.match_indices('/').map(|(end, _)| &name[..end]);
        for folder in folders {
            if let Some(other) = self.files.get(folder) {
                faults.push(format!("its folder would be the file of `{other}`"));
            }
            self.folders.entry(folder.to_owned()).or_insert_with(|| page.to_owned());
        }
        if let Some(other) = self.folders.get(&name) {
            faults.push(format!("its file would be the folder of `{other}`"));
        }
        if let Some(other) = self.files.insert(name, page.to_owned()) {
            faults.push(format!("its file might be that of `{other}`"));
        }
        faults
    }
}

fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
