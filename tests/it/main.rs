//! Integration tests: real servers, real clients, one file a behaviour.

mod response_end_bodies;
mod response_end_clients;
mod response_end_failures;
mod response_end_layers;
mod response_end_upgrade;
mod support;
