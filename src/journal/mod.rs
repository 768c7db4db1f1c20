//! The one journal: who, when, why; written in the transaction of the act, sealed into a chain afterwards.
//!
//! It holds ids, names of fields, and values that tell nothing of a person (states, dates, document numbers).

pub mod sealer;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::base::clock;
use crate::base::error::Result;
use crate::base::ids::{AccountId, EntryId};
use crate::db::Connection;
use crate::schema::journal_entries;

/// One fact about one thing.
#[derive(Debug, Clone)]
pub struct Change {
    /// What happened: `event.published`.
    pub act: &'static str,
    /// The kind of thing: `event`.
    pub subject_kind: &'static str,
    /// Which one.
    pub subject_id: Uuid,
    /// Names of the fields that changed.
    pub fields: Vec<String>,
    /// Values that tell nothing of a person.
    pub facts: Value,
    /// Why, in the words of who did it.
    pub reason: Option<String>,
}

impl Change {
    /// A fact without fields, facts or reason.
    pub fn new(act: &'static str, subject_kind: &'static str, subject_id: impl Into<Uuid>) -> Self {
        Self {
            act,
            subject_kind,
            subject_id: subject_id.into(),
            fields: vec![],
            facts: Value::Object(serde_json::Map::new()),
            reason: None,
        }
    }

    /// With the names of the fields that a request's body gave.
    #[must_use]
    pub fn fields(mut self, names: Vec<String>) -> Self {
        self.fields = names;
        self
    }

    /// With values that tell nothing of a person.
    #[must_use]
    pub fn facts(mut self, facts: Value) -> Self {
        self.facts = facts;
        self
    }

    /// With the reason that was given.
    #[must_use]
    pub fn reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }
}

#[derive(Insertable)]
#[diesel(table_name = journal_entries)]
struct NewEntry {
    id: EntryId,
    at: DateTime<Utc>,
    act: &'static str,
    actor_id: Option<AccountId>,
    subject_kind: &'static str,
    subject_id: Uuid,
    fields: Vec<String>,
    facts: Value,
    reason: Option<String>,
    request_id: Option<Uuid>,
}

/// Who acts, in which request.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The account; none for the program itself.
    pub actor: Option<AccountId>,
    /// The request, if there is one.
    pub request_id: Option<Uuid>,
}

/// A change with its instant and where it comes from.
pub type Noted = (DateTime<Utc>, Origin, Change);

/// Writes changes in the transaction of their act: no entry, no act.
pub async fn write(connection: &mut Connection, changes: Vec<Noted>) -> Result<()> {
    let entries: Vec<NewEntry> = changes
        .into_iter()
        .map(|(at, origin, change)| NewEntry {
            id: clock::uuid_at(at).into(),
            at,
            act: change.act,
            actor_id: origin.actor,
            subject_kind: change.subject_kind,
            subject_id: change.subject_id,
            fields: change.fields,
            facts: change.facts,
            reason: change.reason,
            request_id: origin.request_id,
        })
        .collect();
    match entries.as_slice() {
        [] => (),
        // A single row is a static statement, which diesel keeps prepared.
        [entry] => drop(diesel::insert_into(journal_entries::table).values(entry).execute(connection).await?),
        // A statement takes at most 65,535 parameters, and an entry ten.
        many => {
            for some in many.chunks(1_000) {
                diesel::insert_into(journal_entries::table).values(some).execute(connection).await?;
            }
        }
    }
    Ok(())
}
