//! Passwords and invitations: changed by who knows the old one, set by who holds a token that works once.

pub(super) mod actions;
mod model;
pub(super) mod routes;
mod store;
