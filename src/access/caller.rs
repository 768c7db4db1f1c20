//! The caller, and the grants that are in force for them today: nothing is copied, everything ends by its date.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::policy::Act;
use super::{AccountStatus, Role};
use crate::base::error::{Error, INVALID_TOKEN, Result};
use crate::base::ids::{AccountId, ClassGroupId, CollegeId, EventId, OrganizationId, PersonId, SessionId};
use crate::base::scope::{Scope, ScopeKind};
use crate::db::Connection;
use crate::schema::{accounts, effective_grants, sessions};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Nobody who is signed in.
    Anyone,
    /// An account, through one of its sessions.
    Account {
        /// Which account.
        id: AccountId,
        /// Which session.
        session: SessionId,
    },
    /// The program itself: the demo year, the first start.
    System,
}

impl Caller {
    /// The account, if there is one.
    pub fn account(self) -> Option<AccountId> {
        match self {
            Self::Account { id, .. } => Some(id),
            Self::Anyone | Self::System => None,
        }
    }
}

/// A role in force at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Which role.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

/// What the database knows of a signed-in caller.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The person that the account belongs to.
    pub person: Option<PersonId>,
    /// Grants in force; loaded when first needed.
    pub grants: Option<Vec<Grant>>,
}

/// All that a caller's grants reach for one act: how lists are found through the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// Everything.
    pub all: bool,
    /// These organizations with all below.
    pub organizations: Vec<OrganizationId>,
    /// These colleges with all below.
    pub colleges: Vec<CollegeId>,
    /// These classes.
    pub class_groups: Vec<ClassGroupId>,
    /// These events.
    pub events: Vec<EventId>,
}

impl Reach {
    /// What these grants reach for an act.
    pub fn of(grants: &[Grant], act: Act) -> Self {
        let mut reach = Self::default();
        for grant in grants.iter().filter(|grant| act.allows(grant.role)) {
            match grant.scope {
                Scope::All => reach.all = true,
                Scope::Organization(id) => reach.organizations.push(id),
                Scope::College(id) => reach.colleges.push(id),
                Scope::ClassGroup(id) => reach.class_groups.push(id),
                Scope::Event(id) => reach.events.push(id),
            }
        }
        reach
    }

    /// Everything: what the program itself reaches.
    pub fn everything() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Nothing at all: the reach of whoever holds no grant for the act.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As tokens of the array on people.
    pub fn tokens(&self) -> Vec<String> {
        let organizations = self.organizations.iter().map(|id| Scope::Organization(*id).token());
        let colleges = self.colleges.iter().map(|id| Scope::College(*id).token());
        let classes = self.class_groups.iter().map(|id| Scope::ClassGroup(*id).token());
        organizations.chain(colleges).chain(classes).collect()
    }
}

/// Whether a session is alive, and whose it is; 401 when it has ended or the account is disabled.
pub async fn standing(connection: &mut Connection, account: AccountId, session: SessionId) -> Result<Standing> {
    let person = sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .filter(sessions::id.eq(session))
        .filter(sessions::ended_at.is_null())
        .filter(accounts::id.eq(account))
        .filter(accounts::status.eq(AccountStatus::Active))
        .select(accounts::person_id)
        .first::<Option<PersonId>>(connection)
        .await
        .optional()?;
    match person {
        Some(person) => Ok(Standing { person, grants: None }),
        None => Err(INVALID_TOKEN.into()),
    }
}

/// The grants in force for an account on a day.
pub async fn grants(connection: &mut Connection, account: AccountId, day: NaiveDate) -> Result<Vec<Grant>> {
    use effective_grants as granted;
    let rows: Vec<(Role, ScopeKind, Option<Uuid>)> = granted::table
        .filter(granted::account_id.eq(account))
        .filter(granted::starts_on.le(day))
        .filter(granted::ends_on.is_null().or(granted::ends_on.ge(day)))
        .select((granted::role, granted::scope_kind, granted::scope_id))
        .load(connection)
        .await?;
    let grant = |(role, kind, id)| Ok::<_, Error>(Grant { role, scope: Scope::from_parts(kind, id)? });
    rows.into_iter().map(grant).collect()
}
