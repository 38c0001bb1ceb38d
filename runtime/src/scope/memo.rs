//! What the functions with `#[cache]` have returned in one scope.

use std::{
    any::{Any, TypeId},
    cell::Cell,
    collections::HashMap,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    sync::Arc,
};

use crate::{
    net::Netted,
    sync::{Mutex, lock},
};

/// A table for each function that was called.
pub(crate) struct Memo {
    /// By the table's own type.
    tables: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

/// The calls of the function `F`: a cell `C` for each choice of arguments, which the first call
/// fills.
struct Table<F, C> {
    /// The only lock of this crate under which a user's code runs: `Hash` and `Eq` of arguments,
    /// which are refused to call a cached function.
    cells: Mutex<HashMap<Key, Arc<C>>>,
    function: PhantomData<fn() -> F>,
}

/// The arguments of a call.
pub(crate) type Key = Vec<Box<dyn Argument>>;

/// An argument as part of a key.
///
/// Its type is hidden, so that the compiler misses what the type lacks in one place alone.
#[expect(unnameable_types, reason = "only expansions hold it")]
pub trait Argument: Any + Send {
    fn equals(&self, other: &dyn Argument) -> bool;
    fn feed(&self, hasher: &mut dyn Hasher);
    fn as_any(&self) -> &dyn Any;
}

impl<T: Hash + Eq + Send + 'static> Argument for Netted<T> {
    fn equals(&self, other: &dyn Argument) -> bool {
        other.as_any().downcast_ref::<Self>().is_some_and(|other| other.get() == self.get())
    }

    fn feed(&self, mut hasher: &mut dyn Hasher) {
        self.get().hash(&mut hasher);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl PartialEq for dyn Argument {
    fn eq(&self, other: &Self) -> bool {
        self.equals(other)
    }
}

impl Eq for dyn Argument {}

impl Hash for dyn Argument {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.feed(hasher);
    }
}

impl Memo {
    pub(super) fn new() -> Self {
        Self { tables: Mutex::new(HashMap::new()) }
    }

    /// Returns the cell of the call of `F` with the arguments `key`.
    pub(crate) fn cell<F, C>(&self, key: Key) -> Arc<C>
    where
        F: 'static,
        C: Default + Send + Sync + 'static,
    {
        let table = Arc::clone(
            lock(&self.tables)
                .entry(TypeId::of::<Table<F, C>>())
                .or_insert_with(|| Arc::new(Table::<F, C>::new())),
        );
        let table = table.downcast::<Table<F, C>>();
        table.expect("a table's key is its type").cell(key)
    }
}

impl<F, C: Default> Table<F, C> {
    fn new() -> Self {
        Self { cells: Mutex::new(HashMap::new()), function: PhantomData }
    }

    fn cell(&self, key: Key) -> Arc<C> {
        let _comparing = Comparing::begin();
        let mut cells = lock(&self.cells);
        if let Some(cell) = cells.get(&key) {
            let cell = Arc::clone(cell);
            // Before `key`, whose drop is the user's too.
            drop(cells);
            return cell;
        }
        Arc::clone(cells.entry(key).or_default())
    }
}

thread_local! {
    /// Whether this thread compares arguments, and so holds the lock of a table.
    static COMPARING: Cell<bool> = const { Cell::new(false) };
}

struct Comparing;

impl Comparing {
    fn begin() -> Self {
        COMPARING.set(true);
        Self
    }
}

impl Drop for Comparing {
    fn drop(&mut self) {
        COMPARING.set(false);
    }
}

/// Returns whether the running code is the `Hash` or `Eq` of a cached call's arguments: a cached
/// call there would wait for the lock that this one holds.
pub(crate) fn is_comparing() -> bool {
    COMPARING.get()
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").finish_non_exhaustive()
    }
}
