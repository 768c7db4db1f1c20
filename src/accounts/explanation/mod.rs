//! Why somebody may do something, or what they lack: told from the same table and places that decide it.

mod actions;
mod model;
pub(super) mod routes;

pub use model::Reason;
