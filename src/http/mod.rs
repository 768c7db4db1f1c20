//! The edge: requests read strictly, answers and problems written in one way, the document completed.

pub mod body;
pub mod client;
pub mod document;
pub mod envelope;
pub mod fallback;
pub mod idempotency;
pub mod problem;
pub mod query;
pub mod reply;
pub mod system;
