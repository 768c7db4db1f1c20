//! Homecoming (归校): the system of record of a university's alumni association.
//!
//! The map, each importing only what stands before it:
//!
//! * [`base`]: errors, ids, clock, text, pages, states, scopes, words. No web, no queries.
//! * [`db`]: the pool, the migrations, the private PostgreSQL.
//! * [`journal`]: who, when, why, in the transaction of the act; sealed into a chain.
//! * [`http`]: bodies and queries read strictly, replies and problems, idempotency, the document.
//! * [`access`]: the policy table, callers and grants, tokens, passwords, the context of a request.
//! * [`slice`]: what a part of the office hands to the machinery.
//! * The parts of the office: [`accounts`], [`colleges`], [`people`], [`organizations`], [`events`].
//! * [`demo`]: the demo year, made through their actions.
//! * [`app`], [`server`], [`doctor`], [`command`], [`config`]: put together, run, examined, called, configured.

#[macro_use]
pub mod base;
pub mod db;
pub mod journal;
pub mod schema;

pub mod http;

pub mod access;
pub mod slice;

pub mod accounts;
pub mod colleges;
pub mod events;
pub mod organizations;
pub mod people;

pub mod demo;

pub mod app;
pub mod command;
pub mod config;
pub mod doctor;
pub mod server;
