//! Events: drafted and published by a chapter, approved by the office, with seats and a fair waitlist.

mod actions;
mod form;
mod model;
pub mod registration;
mod routes;
mod store;

use futures::FutureExt as _;

use crate::access::policy::Act;
use crate::base::state::{WordSet, values};
use crate::slice::{PersonRef, PlaceOf, Slice};

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
    places: &[
        PlaceOf {
            kind: "event",
            acts: &[
                Act::ReadEvent,
                Act::ReadAvailability,
                Act::UpdateEvent,
                Act::SubmitEvent,
                Act::ReturnEvent,
                Act::ApproveEvent,
                Act::PublishEvent,
                Act::CancelEvent,
                Act::CompleteEvent,
                Act::ListRegistrations,
                Act::CreateRegistration,
            ],
            find: |tx, act, id| actions::locate(tx, act, id.into()).boxed_local(),
        },
        PlaceOf {
            kind: "registration",
            acts: &[Act::ReadRegistration, Act::DeleteRegistration],
            find: |tx, _, id| registration::locate(tx, id.into()).boxed_local(),
        },
    ],
};
