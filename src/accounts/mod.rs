//! Accounts: signing in and staying signed in, who I am, and access given by hand.

mod actions;
mod explanation;
mod limits;
mod model;
mod passwords;
mod routes;
mod sessions;
mod store;

use crate::access::{AccountStatus, Role};
use crate::base::scope::ScopeKind;
use crate::base::state::{WordSet, values};
use crate::slice::{PersonRef, Slice};

pub use actions::{create_account, ensure_administrator, grant};
pub use limits::sweep;
pub use model::{Created, NewAccount, NewGrant, Source};
pub use sessions::actions::start_session;
pub use store::by_email;

/// The slice.
pub const SLICE: Slice = Slice {
    name: "accounts",
    about: "Signing in, who I am, and access given by hand.",
    routes: routes::configure,
    words: &[
        WordSet { name: "account_status", values: values::<AccountStatus>, checks: &["accounts_status_check"] },
        WordSet { name: "role", values: values::<Role>, checks: &["role_grants_role_check"] },
        WordSet { name: "scope_kind", values: values::<ScopeKind>, checks: &["role_grants_scope_kind_check"] },
        WordSet { name: "access_reason", values: values::<explanation::Reason>, checks: &[] },
        WordSet { name: "grant_source", values: values::<Source>, checks: &[] },
    ],
    person_refs: &[PersonRef { table: "accounts", column: "person_id" }],
    places: &[],
};
