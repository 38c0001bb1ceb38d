//! All pages of a site.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, atomic::AtomicUsize},
};

use tokio::sync::Semaphore;

use super::{Entry, Family, on_demand::OnDemand};
use crate::prerender::{
    describe::{Options, Params, Pattern, Role, Subject, canonical},
    render::RequestScope,
};

/// All pages of a site.
pub(crate) struct Store {
    /// The most exact pattern first; those without parameters too.
    families: Vec<Arc<Family>>,
    /// By tag.
    tagged: HashMap<String, Vec<Arc<Family>>>,
    /// By canonical path: the pages without parameters, and those that were listed.
    built: HashMap<Arc<str>, Arc<Entry>>,
    on_demand: OnDemand,
    pub(crate) not_found: Option<Arc<Entry>>,
    pub(crate) error: Option<Arc<Entry>>,
    pub(crate) options: Options,
    /// A permit for each render of a kept page.
    pub(super) renders: Arc<Semaphore>,
    /// How many renders run, or wait for a permit.
    pub(super) under_way: AtomicUsize,
}

/// What there is at a path.
pub(crate) enum Found {
    Page(Arc<Entry>),
    /// A page that is rendered for each request, and of which nothing is kept.
    PerRequest(Arc<Family>, Params),
    /// The same path without a slash at its end.
    WithoutSlash,
}

impl Store {
    pub(crate) fn new(
        mut families: Vec<Arc<Family>>,
        entries: &[Arc<Entry>],
        options: Options,
    ) -> Self {
        families.sort_by_key(|family| family.page.pattern().map(Pattern::precedence));
        let mut tagged: HashMap<_, Vec<_>> = HashMap::new();
        for family in &families {
            for tag in &family.page.tags {
                tagged.entry(tag.clone().into_owned()).or_default().push(Arc::clone(family));
            }
        }
        let mut built = HashMap::with_capacity(entries.len());
        let (mut not_found, mut error) = (None, None);
        for entry in entries {
            match entry.family.page.role {
                Role::At(_) => drop(built.insert(Arc::clone(&entry.path), Arc::clone(entry))),
                Role::NotFound => not_found = Some(Arc::clone(entry)),
                Role::Error => error = Some(Arc::clone(entry)),
            }
        }
        Self {
            families,
            tagged,
            built,
            on_demand: OnDemand::new(options.param_cache),
            not_found,
            error,
            renders: Arc::new(Semaphore::new(options.max_renders.min(Semaphore::MAX_PERMITS))),
            under_way: AtomicUsize::new(0),
            options,
        }
    }

    /// Returns all descriptions with a path, the most exact first.
    pub(crate) fn families(&self) -> impl Iterator<Item = (&Arc<Family>, &Pattern)> {
        self.families.iter().filter_map(|family| Some((family, family.page.pattern()?)))
    }

    /// Finds a page of the build at a canonical path.
    pub(crate) fn built(&self, path: &str) -> Option<&Arc<Entry>> {
        self.built.get(path)
    }

    /// Finds what was rendered at build, as the report calls it.
    pub(crate) fn entry_of_build(&self, name: &str) -> Option<&Arc<Entry>> {
        let errors = self.not_found.iter().chain(&self.error);
        self.built.get(name).or_else(|| errors.into_iter().find(|entry| &*entry.path == name))
    }

    /// Finds the page at a canonical path. Whoever gets it must ask for it at once.
    pub(crate) fn find(&self, path: &str) -> Option<Found> {
        if let Some(entry) = self.built.get(path) {
            return Some(Found::Page(Arc::clone(entry)));
        }
        match self.family_at(path) {
            Some((family, params)) if family.is_always_dynamic() => {
                Some(Found::PerRequest(Arc::clone(family), params))
            }
            Some((family, _)) => Some(Found::Page(self.on_demand.find_or_begin(family, path))),
            None => {
                let path = self.without_slash(path)?;
                let there = self.built.contains_key(path) || self.family_at(path).is_some();
                there.then_some(Found::WithoutSlash)
            }
        }
    }

    /// Finds the description of pages with parameters that answers for a canonical path.
    fn family_at(&self, path: &str) -> Option<(&Arc<Family>, Params)> {
        self.families().find_map(|(family, pattern)| {
            let open = pattern.has_params() && !family.page.only_listed;
            Some((family, pattern.matches(path).filter(|_| open)?))
        })
    }

    fn without_slash<'a>(&self, path: &'a str) -> Option<&'a str> {
        let path = path.strip_suffix('/').filter(|path| !path.is_empty());
        path.filter(|_| self.options.redirect_trailing_slash)
    }

    /// Lets what is meant be rendered anew; returns whether there is such a page.
    pub(crate) fn revalidate(&self, subject: &Subject, stale: bool) -> bool {
        match subject {
            Subject::Tag(tag) => {
                let tagged = self.tagged.get(tag);
                tagged.into_iter().flatten().for_each(|family| family.revalidate(stale));
                tagged.is_some()
            }
            Subject::Path(path) => self.revalidate_path(path, stale),
        }
    }

    /// Lets all pages be rendered anew, each of which is served until then.
    pub(crate) fn revalidate_all(&self) {
        self.families.iter().for_each(|family| family.revalidate(true));
    }

    fn revalidate_path(&self, path: &str, stale: bool) -> bool {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        if let Some(family) = self.described_as(path) {
            family.revalidate(stale);
            return true;
        }
        let Some(path) = canonical(path) else { return false };
        let Some(path) = self.within(&path) else { return false };
        let path = self.without_slash(path).unwrap_or(path);
        if let Some(entry) = self.built.get(path) {
            entry.revalidate(stale);
            return true;
        }
        // What is not kept is rendered anew anyway.
        let there = self.family_at(path).is_some();
        if let Some(entry) = self.on_demand.known(path).filter(|_| there) {
            entry.revalidate(stale);
        }
        there
    }

    /// Finds the description that is meant by a path with parameters, whatever these are called.
    fn described_as(&self, path: &str) -> Option<&Arc<Family>> {
        if !path.contains('{') {
            return None;
        }
        let shape = Pattern::shape_of(path)?;
        let shape = self.within(&shape)?;
        self.families().find(|(_, pattern)| pattern.shape() == shape).map(|(family, _)| family)
    }

    /// Returns what the path is within the prefix of the site.
    fn within<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(&*self.options.nested_under)?;
        match rest {
            "" => Some("/"),
            _ => rest.starts_with('/').then_some(rest),
        }
    }

    /// Puts an entry in its place when a render of it has ended.
    pub(super) fn settle(&self, entry: &Arc<Entry>) {
        self.on_demand.settle(entry);
    }

    /// Returns whether no more renders are admitted.
    pub(crate) fn is_full(&self) -> bool {
        super::refresh::is_full(self)
    }

    /// Begins a render while the site is in use.
    pub(crate) fn start(self: &Arc<Self>, flight: super::Flight) {
        let host = RequestScope::current().host(&self.options);
        super::refresh::start(self, flight, host);
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("pages", &self.families).finish_non_exhaustive()
    }
}
