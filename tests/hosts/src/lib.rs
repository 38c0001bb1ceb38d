//! Tests of hosts: see `it/`.
