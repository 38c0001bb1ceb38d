//! The check that sees through functions: `--cfg with_after_transitive`, see the guide.
//!
//! Whether a type implements an auto trait is decided by all that it holds; a future holds what it
//! awaits. So a future that lacks one taints each that awaits it, through functions and crates.

use std::{
    marker::PhantomData,
    ptr::NonNull,
    rc::{self, Rc},
    sync::{self, Arc},
};

use crate::api::Request;

/// ```text
/// Input:  WithoutRequest1
/// Output: an auto trait, what implements it and what does not
/// ```
///
/// What may hold a `dyn`, of which nothing is known, implements it: it is not seen through.
macro_rules! bounds {
    ($($Without:ident)*) => {$(
        #[diagnostic::on_unimplemented(
            message = "a task reads the request, which is gone when it runs",
            label = "this runs without a request, and reads it",
            note = "the tasks of a `component` or `metadata` function run when it has rendered; a \
                    `#[job]` runs apart from its request",
            note = "read the request before, and move the value into the task; a job takes it as \
                    an argument"
        )]
        /// What does not read the request.
        pub auto trait $Without {}

        impl<T> !$Without for Request<T> {}

        impl<T: ?Sized> $Without for &T {}
        impl<T: ?Sized> $Without for &mut T {}
        impl<T: ?Sized> $Without for *const T {}
        impl<T: ?Sized> $Without for *mut T {}
        impl<T: ?Sized> $Without for Arc<T> {}
        impl<T: ?Sized> $Without for Box<T> {}
        impl<T: ?Sized> $Without for NonNull<T> {}
        impl<T: ?Sized> $Without for PhantomData<T> {}
        impl<T: ?Sized> $Without for Rc<T> {}
        impl<T: ?Sized> $Without for rc::Weak<T> {}
        impl<T: ?Sized> $Without for sync::Weak<T> {}
    )*};
}

bounds! {
    WithoutRequest1 WithoutRequest2 WithoutRequest3 WithoutRequest4
    WithoutRequest5 WithoutRequest6 WithoutRequest7 WithoutRequest8
    WithoutRequest9 WithoutRequest10 WithoutRequest11 WithoutRequest12
    WithoutRequest13 WithoutRequest14 WithoutRequest15 WithoutRequest16
}

/// The types of what a function's tasks may have captured.
#[derive(Debug)]
pub struct Types<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> Types<T> {
    /// The types, of which no value is needed.
    pub const NEW: Self = Self(PhantomData);
}

/// All is known of the types.
#[derive(Clone, Copy, Debug)]
pub struct Known;

/// One is a type parameter, or holds one.
#[derive(Clone, Copy, Debug)]
pub struct Unknown;

/// Types of which all is known, and that none reads the request.
pub trait IsWithout {
    /// Says so.
    fn known(&self) -> Known;
}

impl<T: ?Sized + WithoutRequest1> IsWithout for Types<T> {
    fn known(&self) -> Known {
        Known
    }
}

/// Found where [`IsWithout`] is not: a method of `&&T` comes after one of `&T`.
pub trait IsOfTypes {
    /// Says that there may be more to them.
    fn known(&self) -> Unknown;
}

impl<T: ?Sized> IsOfTypes for &Types<T> {
    fn known(&self) -> Unknown {
        Unknown
    }
}

/// What was handed to something that schedules.
#[derive(Debug)]
pub struct Given<'a, Known, T> {
    _known: Known,
    _task: &'a T,
}

impl<'a, Known, T> Given<'a, Known, T> {
    /// Notes what was handed over, and whether it can be judged.
    pub fn new(known: Known, task: &'a T) -> Self {
        Self { _known: known, _task: task }
    }
}

/// A task that can be judged.
pub trait IsTask<M> {
    /// What is polled of it.
    type Code;

    /// Stands for a value of that type.
    fn code(&self) -> Self::Code;
}

impl<T: Code<M>, M> IsTask<M> for Given<'_, Known, T> {
    type Code = T::Polled;

    fn code(&self) -> T::Polled {
        unreachable!("an expansion never calls it")
    }
}

/// No future and nothing that returns one, or of types of which nothing is known.
pub trait IsOther {
    /// Stands for nothing to be judged.
    fn code(&self);
}

impl<Known, T> IsOther for &Given<'_, Known, T> {
    fn code(&self) {}
}

/// What is polled of a task.
pub trait Code<M> {
    /// The future.
    type Polled;
}

/// Tells implementations apart: the task is a future.
#[derive(Debug)]
pub enum Awaited {}

/// Tells implementations apart: the task returns a future.
#[derive(Debug)]
pub enum CalledAndAwaited {}

impl<F: Future> Code<Awaited> for F {
    type Polled = F;
}

impl<F: FnOnce() -> R, R: Future> Code<CalledAndAwaited> for F {
    type Polled = R;
}
