//! Behaviour over HTTP, in process, on a database per test.

mod support;

mod events;
