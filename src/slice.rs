//! The table of slices: what each part of the office hands to the machinery below it.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::base::state::WordSet;

/// A column that points at a person: merging, erasing and exporting go through these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonRef {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
}

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
}
