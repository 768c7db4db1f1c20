//! Limits of wrong passwords, kept in the database: they hold in every process and survive a restart.
//!
//! Counted are an identifier (whether it exists or not), an identifier from one address, and an address. Where
//! somebody signed in lately their identifier is not blocked by what strangers try elsewhere.

mod actions;
mod model;
mod store;

pub use actions::Attempt;
pub use store::sweep;
