//! Organizations: the association (校友总会), college branches, and regional, industry and overseas chapters.
//!
//! Two axes: a governance parent, and college, region, industry. Every step of a lifecycle is a row.

mod actions;
mod model;
mod routes;
mod store;

use futures::FutureExt as _;

use crate::access::policy::Act;
use crate::base::state::{WordSet, values};
use crate::slice::{PlaceOf, Slice};

pub use actions::{create_organization, require_visible, step_organization};
pub use model::{Kind, NewOrganization, NewTransition, Organization, Status};
pub use store::{governed_by, place, status_of};

/// The slice.
pub const SLICE: Slice = Slice {
    name: "organizations",
    about: "The association, its branches and chapters, and their lifecycle.",
    routes: routes::configure,
    words: &[
        WordSet { name: "organization_kind", values: values::<Kind>, checks: &["organizations_kind_check"] },
        WordSet { name: "organization_status", values: values::<Status>, checks: &["organizations_status_check"] },
    ],
    person_refs: &[],
    places: &[PlaceOf {
        kind: "organization",
        acts: &[
            Act::ReadOrganization,
            Act::CreateOrganization,
            Act::UpdateOrganization,
            Act::CreateTransition,
            Act::DissolveOrganization,
            Act::ListTransitions,
            Act::CreateEvent,
        ],
        find: |tx, act, id| actions::locate(tx, act, id.into()).boxed_local(),
    }],
};
