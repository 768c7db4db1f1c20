//! What everything stands on: errors, ids, time, text, pages, states, scopes, words. No web, no queries.

#[macro_use]
pub mod state;
pub mod clock;
pub mod error;
pub mod ids;
pub mod local;
pub mod page;
pub mod scope;
pub mod text;
pub mod words;
