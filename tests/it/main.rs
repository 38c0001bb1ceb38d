//! Integration tests: real servers, real clients, one file a behaviour.

mod layout;
mod response_end_bodies;
mod response_end_clients;
mod response_end_failures;
mod response_end_layers;
mod response_end_upgrade;
mod scope_body;
mod scope_framing;
mod scope_requests;
mod scope_spawned;
mod support;
mod tasks_code;
mod tasks_deadlines;
mod tasks_failures;
mod tasks_hostile;
mod tasks_nested;
mod tasks_order;
mod tasks_outside;
mod tasks_platform;
mod tasks_run;
mod tasks_spans;
