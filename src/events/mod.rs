//! Events: drafted and published by a chapter, approved by the office, with seats and a fair waitlist.

mod actions;
mod form;
mod model;
pub mod registration;
mod routes;
mod store;

use crate::base::state::{WordSet, values};
use crate::slice::{PersonRef, Slice};

pub use actions::{create_event, step_event};
pub use form::{Audience, AudienceKind, QuestionType, Questions};
pub use model::{Event, Kind, NewEvent, Status, StepBody};

/// The slice.
pub const SLICE: Slice = Slice {
    name: "events",
    about: "Events, their seats and who comes.",
    routes: routes::configure,
    words: &[
        WordSet { name: "event_kind", values: values::<Kind>, checks: &["events_kind_check"] },
        WordSet { name: "event_status", values: values::<Status>, checks: &["events_status_check"] },
        WordSet { name: "audience_kind", values: values::<AudienceKind>, checks: &[] },
        WordSet { name: "question_type", values: values::<QuestionType>, checks: &[] },
        WordSet {
            name: "registration_status",
            values: values::<registration::Status>,
            checks: &["registrations_status_check"],
        },
    ],
    person_refs: &[PersonRef { table: "registrations", column: "person_id" }],
};
