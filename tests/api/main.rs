//! Behaviour over HTTP, in process, on a database per test.

mod support;

mod contention;
mod events;
mod idempotency;
mod registrations;
