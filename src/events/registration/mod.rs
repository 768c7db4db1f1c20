//! Registrations: seats for parties, all or none, and a waitlist that is first in, first out.
//!
//! Nobody overtakes: while someone waits a newcomer waits too, and promotion stops at the first party that
//! does not fit.

pub(super) mod actions;
mod model;
pub(super) mod routes;
mod store;

pub use actions::{locate, register_all};
pub use model::{NewRegistration, Registration, Status, closed};
pub use store::{check_queue, promote};
