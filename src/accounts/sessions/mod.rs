//! Sessions: signing in, staying signed in by refresh tokens that work once, and signing out.

pub(super) mod actions;
pub(super) mod model;
pub(super) mod routes;
pub(super) mod store;
