//! What `#[cache]` makes of a function.

use std::{
    cell::RefCell,
    hash::Hash,
    panic::Location,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tokio::sync::OnceCell;

use crate::{
    error::Caller,
    net::Netted,
    scope::{self, Argument, Key},
};

/// Returns the argument as a value that can be kept.
pub fn key<T: KeyArgument + ?Sized>(argument: &T) -> Box<dyn Argument> {
    argument.to_key()
}

/// An argument that can be part of the key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of the key of a memoised function",
    label = "this is not `Hash`, `Eq`, `Clone` and `Send`, or it borrows",
    note = "an argument is `Hash + Eq + Clone + Send + 'static`: derive what is missing, or leave it \
            out of the key, as one does with a pool: `#[cache(skip(db))]` for an argument `db`"
)]
#[expect(unnameable_types, reason = "only `key` asks for it")]
pub trait KeyArgument {
    fn to_key(&self) -> Box<dyn Argument>;
}

#[diagnostic::do_not_recommend]
impl<T> KeyArgument for T
where
    T: ToOwned<Owned: Hash + Eq + Send + 'static> + ?Sized,
{
    fn to_key(&self) -> Box<dyn Argument> {
        Box::new(Netted::new(self.to_owned()))
    }
}

/// Returns where a call of the async function `F` leaves its value; `key` is made of its
/// arguments.
#[track_caller]
pub fn async_cell<F, V>(name: &'static str, _: F, key: impl FnOnce() -> Key) -> AsyncCell<V>
where
    F: 'static,
    V: Clone + Send + Sync + 'static,
{
    let function = Function { name, location: Location::caller() };
    AsyncCell { cell: function.cell::<F, _>(key), function, clone: V::clone }
}

/// Returns the same for the sync function `F`.
#[track_caller]
pub fn sync_cell<F, V>(name: &'static str, _: F, key: impl FnOnce() -> Key) -> SyncCell<V>
where
    F: 'static,
    V: Clone + Send + Sync + 'static,
{
    let function = Function { name, location: Location::caller() };
    SyncCell { cell: function.cell::<F, _>(key), function, clone: V::clone }
}

#[derive(Debug)]
#[expect(unnameable_types, reason = "only expansions hold it")]
pub struct AsyncCell<V> {
    cell: Option<Arc<OnceCell<Netted<V>>>>,
    function: Function,
    /// `V` is checked where this is made, at the function's return type, and nowhere else again.
    clone: fn(&V) -> V,
}

#[derive(Debug)]
#[expect(unnameable_types, reason = "only expansions hold it")]
pub struct SyncCell<V> {
    cell: Option<Arc<OnceLock<Netted<V>>>>,
    function: Function,
    clone: fn(&V) -> V,
}

#[derive(Debug)]
struct Function {
    name: &'static str,
    location: Caller,
}

impl<V> AsyncCell<V> {
    /// Returns the value; `body` runs unless another call has run, or waits while one does.
    pub async fn run(self, body: impl Future<Output = V>) -> V {
        let Some(cell) = self.cell else { return body.await };
        if let Some(value) = cell.get() {
            return (self.clone)(value.get());
        }
        let address = Arc::as_ptr(&cell).addr();
        self.function.refuse_recursion(address);
        let value =
            cell.get_or_init(async || Netted::new(InCellFuture { address, body }.await)).await;
        (self.clone)(value.get())
    }
}

impl<V> SyncCell<V> {
    /// Returns the value; `body` runs unless another call has run, or blocks while one does.
    pub fn call(self, body: impl FnOnce() -> V) -> V {
        let Some(cell) = self.cell else { return body() };
        if let Some(value) = cell.get() {
            return (self.clone)(value.get());
        }
        let address = Arc::as_ptr(&cell).addr();
        self.function.refuse_recursion(address);
        let run = || {
            let _entered = InCell::new(address);
            Netted::new(body())
        };
        (self.clone)(cell.get_or_init(run).get())
    }
}

impl Function {
    /// Returns the cell of a call, or `None` outside of a scope.
    fn cell<F, C>(&self, key: impl FnOnce() -> Key) -> Option<Arc<C>>
    where
        F: 'static,
        C: Default + Send + Sync + 'static,
    {
        let Self { name, location } = self;
        assert!(
            !scope::is_comparing(),
            "`{name}` ({location}) is called by the `Hash` or `Eq` of an argument of a cached \
             call, and would wait for itself: compare without calling a function with `#[cache]` \
             (see with_after::guide::troubleshooting)"
        );
        Some(scope::current()?.memo().cell::<F, C>(key()))
    }

    /// Panics where a call would wait for itself.
    fn refuse_recursion(&self, address: usize) {
        let Self { name, location } = self;
        assert!(
            !RUNNING.with_borrow(|running| running.contains(&address)),
            "`{name}` ({location}) is called again with the arguments with which it runs, and \
             would wait for itself: change the arguments, or remove `#[cache]` (see \
             with_after::guide::troubleshooting)"
        );
    }
}

thread_local! {
    /// The addresses of the cells for which this thread runs code now, the innermost last.
    static RUNNING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

struct InCell;

impl InCell {
    fn new(address: usize) -> Self {
        RUNNING.with_borrow_mut(|running| running.push(address));
        Self
    }
}

impl Drop for InCell {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(Vec::pop);
    }
}

pin_project! {
    struct InCellFuture<F> {
        address: usize,
        #[pin]
        body: F,
    }
}

impl<F: Future> Future for InCellFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = InCell::new(*this.address);
        this.body.poll(cx)
    }
}
