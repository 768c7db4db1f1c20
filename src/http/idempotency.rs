//! Idempotency keys: one effect and one answer for the same key and body, stored in the effect's transaction.
//!
//! An advisory lock of the transaction tells a request in flight from one that is done, so that a process
//! killed half-way leaves no stuck key; the primary key is the last guard.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::reply::Reply;
use crate::base::clock::Clock;
use crate::base::error::{Error, Fault, Refusal, Result};
use crate::db::{Connection, OnConstraint as _};
use crate::schema::idempotency_keys;

/// The operation needs an `Idempotency-Key`.
pub const KEY_REQUIRED: Refusal = Refusal::new(400, "key_required");
/// The `Idempotency-Key` is not 1 to 128 printable ASCII characters.
pub const KEY_INVALID: Refusal = Refusal::new(400, "key_invalid");
/// The key was used with another body.
pub const KEY_REUSED: Refusal = Refusal::new(422, "key_reused");
/// A request with this key is under way.
pub const KEY_IN_FLIGHT: Refusal = Refusal::new(409, "key_in_flight");

const KEPT_HOURS: i64 = 24;

/// One keyed request.
#[derive(Debug, Clone)]
pub struct Key {
    /// The account; nil for a caller without one.
    pub principal: Uuid,
    /// Method and path.
    pub route: String,
    /// The header.
    pub key: String,
    /// SHA-256 over path and canonical body.
    pub fingerprint: Vec<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Stored {
    fingerprint: Vec<u8>,
    status: i16,
    location: Option<String>,
    etag: Option<String>,
    body: Vec<u8>,
    created_at: DateTime<Utc>,
}

diesel::define_sql_function! {
    /// PostgreSQL's advisory lock of a transaction, if it is free.
    fn pg_try_advisory_xact_lock(key: BigInt) -> Bool;
}

/// Checks a header's form.
pub fn check(key: &str) -> Result<()> {
    let printable = key.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    match printable && (1..=128).contains(&key.len()) {
        true => Ok(()),
        false => Err(Error::faulty(KEY_INVALID, vec![Fault::new("Idempotency-Key", "key_invalid")])),
    }
}

/// Claims the key in this transaction; the stored answer if there is one.
pub async fn claim(connection: &mut Connection, key: &Key) -> Result<Option<Reply>> {
    if !diesel::select(pg_try_advisory_xact_lock(key.lock())).get_result::<bool>(connection).await? {
        return Err(KEY_IN_FLIGHT.into());
    }
    let row = idempotency_keys::table.find((key.principal, &key.route, &key.key));
    let stored: Option<Stored> = row.select(Stored::as_select()).first(connection).await.optional()?;
    let Some(stored) = stored else { return Ok(None) };
    if stored.created_at < Clock::wall() - TimeDelta::hours(KEPT_HOURS) {
        diesel::delete(row).execute(connection).await?;
        return Ok(None);
    }
    if stored.fingerprint != key.fingerprint {
        return Err(KEY_REUSED.into());
    }
    let status = u16::try_from(stored.status).ok().and_then(|code| actix_web::http::StatusCode::from_u16(code).ok());
    Ok(Some(Reply {
        status: status.unwrap_or_default(),
        location: stored.location,
        etag: stored.etag,
        body: stored.body.into(),
        replayed: true,
        public: false,
    }))
}

/// Stores the answer beside its effect.
pub async fn store(connection: &mut Connection, key: &Key, reply: &Reply) -> Result<()> {
    use idempotency_keys as keys;
    diesel::insert_into(keys::table)
        .values((
            keys::principal.eq(key.principal),
            keys::route.eq(&key.route),
            keys::key.eq(&key.key),
            keys::fingerprint.eq(&key.fingerprint),
            keys::status.eq(i16::try_from(reply.status.as_u16()).unwrap_or_default()),
            keys::location.eq(&reply.location),
            keys::etag.eq(&reply.etag),
            keys::body.eq(reply.body.to_vec()),
            keys::created_at.eq(Clock::wall()),
        ))
        .execute(connection)
        .await
        .on_constraint("idempotency_keys_pkey", KEY_IN_FLIGHT)?;
    Ok(())
}

/// Forgets keys older than a day; says how many.
pub async fn sweep(connection: &mut Connection) -> Result<usize> {
    let old = idempotency_keys::created_at.lt(Clock::wall() - TimeDelta::hours(KEPT_HOURS));
    Ok(diesel::delete(idempotency_keys::table.filter(old)).execute(connection).await?)
}

impl Key {
    fn lock(&self) -> i64 {
        let text = format!("{}\u{0}{}\u{0}{}", self.principal, self.route, self.key);
        let hash = digest(&SHA256, text.as_bytes());
        let first = hash.as_ref().first_chunk::<8>().copied().unwrap_or_default();
        i64::from_be_bytes(first)
    }
}
