//! A function in a process of its own, under a service that stands in for Lambda.

mod function;
mod order;
mod refusal;
mod service;
mod streaming;
mod time;
