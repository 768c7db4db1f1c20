//! Colleges (学院) and their classes (班). A class is college + major + label + entry or graduation year.

mod actions;
mod model;
mod routes;
mod store;

use futures::FutureExt as _;

use crate::access::policy::Act;
use crate::slice::{PlaceOf, Slice};

pub use actions::{create_class_group, create_college};
pub use model::{ClassGroup, College, NewClassGroup, NewCollege, year};
pub use store::{count_class_groups, count_colleges};

/// The slice.
pub const SLICE: Slice = Slice {
    name: "colleges",
    about: "Colleges and their classes.",
    routes: routes::configure,
    words: &[],
    person_refs: &[],
    places: &[
        PlaceOf {
            kind: "college",
            acts: &[Act::ReadCollege, Act::UpdateCollege, Act::CreateClassGroup],
            find: |tx, act, id| actions::locate_college(tx, act, id.into()).boxed_local(),
        },
        PlaceOf {
            kind: "class_group",
            acts: &[Act::ReadClassGroup, Act::UpdateClassGroup],
            find: |tx, act, id| actions::locate_class_group(tx, act, id.into()).boxed_local(),
        },
    ],
};
