//! Behaviour over HTTP, in process, on a database per test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod support;

mod access;
mod accounts;
mod campus;
mod colleges;
mod contention;
mod contract;
mod database;
mod demo;
mod edges;
mod embedded;
mod events;
mod idempotency;
mod journal;
mod organizations;
mod people;
mod registrations;
mod states;
mod structure;
mod tls;
mod tokens;
