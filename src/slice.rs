//! The table of slices: what each part of the office hands to the machinery below it.

use futures::future::LocalBoxFuture;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::access::policy::Act;
use crate::access::tx::Tx;
use crate::base::error::Result;
use crate::base::scope::Scope;
use crate::base::state::WordSet;

/// A column that points at a person: merging, erasing and exporting go through these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonRef {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
}

/// Where a thing lies for an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The scopes of which a grant must have one; one of everything always does.
    pub place: Vec<Scope>,
    /// Whether the caller needs no grant for it: it is public, or their own.
    pub open: bool,
}

/// A kind of thing, the acts that are done to one, and how its place is found: what the actions ask, too.
#[derive(Clone, Copy)]
pub struct PlaceOf {
    /// As in `event:<id>`.
    pub kind: &'static str,
    /// What is done to one.
    pub acts: &'static [Act],
    /// Its place for one of these acts; 404 where the caller does not see it.
    pub find: for<'a> fn(&'a mut Tx, Act, Uuid) -> LocalBoxFuture<'a, Result<Placed>>,
}

/// Every kind of thing of all slices.
pub struct Places(pub Vec<PlaceOf>);

/// One part of the office.
#[derive(Clone, Copy)]
pub struct Slice {
    /// Its name: folder, tag of its operations.
    pub name: &'static str,
    /// What it does, in an alumni office's words.
    pub about: &'static str,
    /// Registers its handlers.
    pub routes: fn(&mut ServiceConfig<'_>),
    /// Its closed sets of words.
    pub words: &'static [WordSet],
    /// Its columns that point at people.
    pub person_refs: &'static [PersonRef],
    /// Its kinds of things, and how their places are found.
    pub places: &'static [PlaceOf],
}
