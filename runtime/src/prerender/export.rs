//! A site as files.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use super::{
    ExportError, Site, content::Piece, error::ExportErrorKind, path, render::Kept,
    report::PageReport,
};

/// What common file systems take as a name.
const MAX_NAME: usize = 255;

impl Site {
    /// Writes every page of the build into `folder`, for a server of files: `/` as `index.html`,
    /// `/blog/hello` as `blog/hello.html`. Returns the files that were written.
    ///
    /// In names, every character but `A-Z a-z 0-9 - . _ ~` is percent-encoded. Files that exist
    /// are replaced; others stay. A page that was revalidated since the build is written as it is
    /// now.
    ///
    /// # Errors
    ///
    /// Returns an error **before anything is written** if there are pages that files cannot stand
    /// for: dynamic ones, those with holes, those that call [`after`](crate::after()), for there
    /// would be no later time at which their tasks run, those that answer with a redirect or "not
    /// found", and those whose file names are too long or differ only in case. The error names
    /// them all, each with the line. Returns another error if a file cannot be written.
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
        let folder = folder.as_ref();
        let files = self
            .files()
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
    fn files(&self) -> Result<Vec<(String, Bytes)>, Vec<Unsupported>> {
        let (mut files, mut unsupported) = (Vec::new(), Vec::new());
        let mut names = HashMap::new();
        for page in self.report().pages() {
            let mut faults = Vec::new();
            let text = self.text(page).map_err(|fault| faults.extend(fault)).ok();
            faults.extend(page.tasks().iter().map(|at| format!("it calls `after` at {at}")));
            let name = file_name(&page.path);
            if path::split(&page.path).any(|segment| segment.len() + ".html".len() > MAX_NAME) {
                faults.push("its file name would be too long".to_owned());
            }
            if let Some(other) = names.insert(name.to_lowercase(), &page.path) {
                faults.push(format!("its file might be that of `{other}`"));
            }
            files.extend(text.map(|text| (name, text)));
            let (path, location) = (&page.path, page.location);
            unsupported.extend(faults.into_iter().map(|fault| (path.clone(), location, fault)));
        }
        if unsupported.is_empty() { Ok(files) } else { Err(unsupported) }
    }

    /// Returns the text of a page, or why it has none.
    fn text(&self, page: &PageReport) -> Result<Bytes, Option<String>> {
        // It was built.
        let kept = self.shared.built.get(&page.path).and_then(|entry| entry.kept()).ok_or(None)?;
        let fault = match &*kept {
            Kept::Text { pieces, .. } => {
                if let [Piece::Text(text)] = &pieces[..] {
                    return Ok(text.clone());
                }
                let holes: Vec<_> = kept.holes().iter().map(ToString::to_string).collect();
                format!("it has dynamic holes, made at {}", holes.join(", "))
            }
            Kept::Dynamic(dynamic) => format!("it is dynamic: {dynamic}"),
            Kept::Interrupt(interrupt) => format!("it answers with a {interrupt}"),
        };
        Err(Some(fault))
    }
}

type Unsupported = (String, crate::error::Caller, String);

/// Returns the file for a canonical path: it has no `.` or `..`, and no character that means
/// anything to a file system.
fn file_name(path: &str) -> String {
    match path {
        "/" => "index.html".to_owned(),
        path => format!("{}.html", path.trim_start_matches('/')),
    }
}

fn write(path: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
