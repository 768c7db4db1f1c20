//! Behaviour over HTTP, in process, on a database per test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, its helpers too"
)]

mod support;

mod access;
mod accounts;
mod colleges;
mod events;
mod journal;
mod organizations;
mod people;
mod states;
mod tokens;
