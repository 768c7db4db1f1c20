//! People (校友 and others) and what they studied here: many educations each, 届 and 级 never mixed.

mod actions;
mod model;
mod reading;
mod routes;
mod store;

use futures::FutureExt as _;

use crate::access::policy::Act;
use crate::base::state::{WordSet, values};
use crate::slice::{PersonRef, PlaceOf, Slice};

pub use actions::{create_educations, create_people};
pub use model::{AlumniStatus, Gender, Level, NewEducation, NewPerson, Person};
pub use reading::pinyin;
pub use store::{Studies, names, studies};

/// The slice.
pub const SLICE: Slice = Slice {
    name: "people",
    about: "People, and what they studied here.",
    routes: routes::configure,
    words: &[
        WordSet { name: "alumni_status", values: values::<AlumniStatus>, checks: &["people_alumni_status_check"] },
        WordSet { name: "gender", values: values::<Gender>, checks: &["people_gender_check"] },
        WordSet { name: "education_level", values: values::<Level>, checks: &["educations_level_check"] },
    ],
    person_refs: &[PersonRef { table: "educations", column: "person_id" }],
    places: &[PlaceOf {
        kind: "person",
        acts: &[
            Act::ReadPerson,
            Act::ReadWholePerson,
            Act::ReadPersonName,
            Act::UpdatePerson,
            Act::ListEducations,
            Act::ReadEducation,
            Act::CreateEducation,
            Act::UpdateEducation,
            Act::DeleteEducation,
        ],
        find: |tx, act, id| actions::locate(tx, act, id.into()).boxed_local(),
    }],
};
