//! Behaviour over HTTP, in process, on a database per test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod support;

mod contention;
mod contract;
mod embedded;
mod events;
mod idempotency;
mod registrations;
mod structure;
