//! The unit of work: one connection, one instant, one caller; permits, and changes for the journal.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::{AnsiTransactionManager, TransactionManager as _};
use uuid::Uuid;

use super::caller::{self, Caller, Grant, Reach, Standing};
use super::policy::Act;
use crate::base::clock::{self, Clock};
use crate::base::error::{
    Error, NOT_ALLOWED, NOT_FOUND, NOT_SIGNED_IN, Result, STALE_VERSION, UNAVAILABLE, VERSION_REQUIRED,
};
use crate::base::ids::{AccountId, Id, PersonId};
use crate::base::scope::Scope;
use crate::db::Connection;
use crate::db::pool::{Pool, Pooled};
use crate::journal::{self, Change, Noted, Origin};

/// How long a unit of work may take. PostgreSQL's own limits are shorter: this one is for a server that says nothing.
const DEADLINE: Duration = Duration::from_secs(15);

/// Proof that the policy allowed an act; guarded writes of a store take one. Only this module makes them.
#[derive(Debug, Clone, Copy)]
pub struct Permit(());

/// What a request says of versions.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    /// The `If-Match` header.
    pub if_match: Option<String>,
    /// Whether the request must have one (PATCH).
    pub required: bool,
}

/// One unit of work. As a connection it is handed to the stores.
pub struct Tx {
    connection: Pooled,
    /// Who asks.
    pub caller: Caller,
    /// Names of the fields that the request's body gave, for the journal.
    pub fields: Vec<String>,
    now: DateTime<Utc>,
    zone: chrono_tz::Tz,
    request_id: Option<Uuid>,
    versions: Versions,
    standing: Option<Standing>,
    changes: Vec<Noted>,
}

impl Tx {
    /// On a connection of the pool; no transaction is begun.
    pub async fn new(pool: &Pool, clock: &Clock, zone: chrono_tz::Tz, caller: Caller) -> Result<Self> {
        Ok(Self {
            connection: pool.get().await?,
            caller,
            fields: vec![],
            now: clock.now(),
            zone,
            request_id: None,
            versions: Versions::default(),
            standing: None,
            changes: vec![],
        })
    }

    /// As part of a request.
    #[must_use]
    pub fn within(mut self, request_id: Uuid, versions: Versions, fields: Vec<String>) -> Self {
        self.request_id = Some(request_id);
        self.versions = versions;
        self.fields = fields;
        self
    }

    /// Begins the transaction.
    pub async fn begin(&mut self) -> Result<()> {
        Ok(AnsiTransactionManager::begin_transaction(&mut *self.connection).await?)
    }

    /// Writes the journal and commits: only now is the act done.
    pub async fn commit(mut self) -> Result<()> {
        let changes = std::mem::take(&mut self.changes);
        match journal::write(&mut self.connection, changes).await {
            Ok(()) => Ok(AnsiTransactionManager::commit_transaction(&mut *self.connection).await?),
            Err(error) => {
                self.roll_back().await;
                Err(error)
            }
        }
    }

    /// Undoes everything. A connection that cannot is closed, which undoes it too.
    pub async fn roll_back(mut self) {
        if let Err(error) = AnsiTransactionManager::rollback_transaction(&mut *self.connection).await {
            tracing::warn!(%error, "a transaction was dropped with its connection");
        }
    }

    /// The domain's time, the same for all of this work.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Lets the program itself do what was done at another time: the demo year, old books.
    pub fn travel(&mut self, to: DateTime<Utc>) {
        if self.caller == Caller::System {
            self.now = to;
        }
    }

    /// The office's calendar day.
    pub fn today(&self) -> NaiveDate {
        clock::day_in(self.now, self.zone)
    }

    /// A new id of this instant.
    pub fn id<I: Id>(&self) -> I {
        clock::uuid_at(self.now).into()
    }

    /// Notes a change; it is written with the commit.
    pub fn record(&mut self, change: Change) {
        self.record_for(Origin { actor: self.caller.account(), request_id: self.request_id }, change);
    }

    /// Notes a change of another request, which is served together with others.
    pub fn record_for(&mut self, origin: Origin, change: Change) {
        self.changes.push((self.now, origin, change));
    }

    /// Whether the caller holds a role for this act at one of these places.
    pub async fn may(&mut self, act: Act, place: &[Scope]) -> Result<bool> {
        if self.caller == Caller::System {
            return Ok(true);
        }
        let covers = |scope: Scope| scope == Scope::All || place.contains(&scope);
        let grants = self.grants().await?;
        Ok(grants.iter().any(|grant| act.allows(grant.role) && covers(grant.scope)))
    }

    /// A permit for this act at this place; 403 without one (401 for nobody).
    pub async fn require(&mut self, act: Act, place: &[Scope]) -> Result<Permit> {
        match self.may(act, place).await? {
            true => Ok(Permit(())),
            false if self.caller == Caller::Anyone => Err(NOT_SIGNED_IN.into()),
            false => Err(NOT_ALLOWED.into()),
        }
    }

    /// A permit for this act at this place; 404 without one, for what the caller may not even see.
    pub async fn require_sight(&mut self, act: Act, place: &[Scope]) -> Result<Permit> {
        match self.may(act, place).await? {
            true => Ok(Permit(())),
            false => Err(NOT_FOUND.into()),
        }
    }

    /// The caller's own person with the permit for what is their own; 403 for an account without one.
    pub async fn own(&mut self) -> Result<(PersonId, Permit)> {
        match self.person().await? {
            Some(person) => Ok((person, Permit(()))),
            None => Err(NOT_ALLOWED.into()),
        }
    }

    /// A permit for the caller's own account or session.
    pub fn own_account(&self) -> Result<Permit> {
        match self.caller {
            Caller::Anyone => Err(NOT_SIGNED_IN.into()),
            Caller::Account { .. } | Caller::System => Ok(Permit(())),
        }
    }

    /// Looks on as another account would, for explaining what it may. Nothing is written so.
    pub fn look_as(&mut self, _: Permit, account: AccountId, person: Option<PersonId>) {
        self.caller = Caller::Account { id: account, session: Uuid::nil().into() };
        self.standing = Some(Standing { person, grants: None });
    }

    /// The person that the caller's account belongs to.
    pub async fn person(&mut self) -> Result<Option<PersonId>> {
        Ok(self.standing().await?.person)
    }

    /// All that the caller's grants reach for an act.
    pub async fn reach(&mut self, act: Act) -> Result<Reach> {
        match self.caller {
            Caller::System => Ok(Reach::everything()),
            _ => Ok(Reach::of(self.grants().await?, act)),
        }
    }

    /// Makes sure that a signed-in caller's session is alive; 401 when it has ended.
    pub async fn check_session(&mut self) -> Result<()> {
        self.standing().await.map(drop)
    }

    /// Compares `If-Match` with the version at hand: 412 when stale, 428 when a PATCH has none.
    pub fn check_version(&self, tag: &str) -> Result<()> {
        match &self.versions.if_match {
            None if self.versions.required => Err(VERSION_REQUIRED.into()),
            None => Ok(()),
            Some(wanted) => {
                let fits = |one: &str| one.trim() == "*" || one.trim().trim_matches('"') == tag;
                wanted.split(',').any(fits).then_some(()).ok_or_else(|| STALE_VERSION.into())
            }
        }
    }

    async fn standing(&mut self) -> Result<&mut Standing> {
        if self.standing.is_none() {
            let standing = match self.caller {
                Caller::Account { id, session } => caller::standing(&mut self.connection, id, session).await?,
                Caller::Anyone | Caller::System => Standing::default(),
            };
            self.standing = Some(standing);
        }
        self.standing.as_mut().ok_or_else(|| Error::internal("no standing"))
    }

    async fn grants(&mut self) -> Result<&[Grant]> {
        let day = self.today();
        if self.standing().await?.grants.is_none() {
            let grants = match self.caller {
                Caller::Account { id, .. } => caller::grants(&mut self.connection, id, day).await?,
                Caller::Anyone | Caller::System => vec![],
            };
            self.standing().await?.grants = Some(grants);
        }
        Ok(self.standing().await?.grants.as_deref().unwrap_or_default())
    }
}

/// 503 when the deadline passes first; what was begun is dropped with its connection, which rolls it back.
pub async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| {
        tracing::warn!("the database does not answer");
        Err(UNAVAILABLE.into())
    })
}

impl Deref for Tx {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
