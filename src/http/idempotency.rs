//! Idempotency keys: one effect and one answer for the same key and body, stored in the effect's transaction.
//!
//! An advisory lock of the transaction tells a request in flight from one that is done, so that a process
//! killed half-way leaves no stuck key; the primary key is the last guard.

use std::collections::HashSet;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::reply::Reply;
use crate::base::clock::Clock;
use crate::base::error::{Error, Fault, Refusal, Result};
use crate::db::{Connection, Kept, OnConstraint as _};
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

/// What is found under a key, and whether nobody else is at it.
#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    free: bool,
    #[diesel(sql_type = Nullable<Binary>)]
    fingerprint: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    status: Option<i16>,
    #[diesel(sql_type = Nullable<Text>)]
    location: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    etag: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    body: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    created_at: Option<DateTime<Utc>>,
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
    let claimed = claim_all(connection, &[key]).await?.pop();
    claimed.unwrap_or_else(|| Err(Error::internal("a key without an answer")))
}

/// Claims keys in this transaction, in one statement: for each the stored answer, or why it cannot be had.
pub async fn claim_all(connection: &mut Connection, keys: &[&Key]) -> Result<Vec<Result<Option<Reply>>>> {
    // A lock is free and the answer not in sight yet when the other commits in between; the primary key is for that.
    const CLAIM: &str = "
        select pg_try_advisory_xact_lock(k.lock) as free, s.fingerprint, s.status, s.location, s.etag, s.body, s.created_at
        from unnest($1, $2, $3, $4) with ordinality as k (lock, principal, route, key, ord)
        left join idempotency_keys s on s.principal = k.principal and s.route = k.route and s.key = k.key
        order by ord";
    let claim = diesel::sql_query(CLAIM)
        .bind::<Array<BigInt>, _>(keys.iter().map(|key| key.lock()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(keys.iter().map(|key| key.principal).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(keys.iter().map(|key| key.route.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(keys.iter().map(|key| key.key.as_str()).collect::<Vec<_>>());
    let found: Vec<Found> = Kept(claim).load(connection).await?;
    let mut seen = HashSet::new();
    let mut claimed = Vec::with_capacity(keys.len());
    for (key, found) in keys.iter().zip(found) {
        // Our own lock does not hold us up: the same key twice in one set is seen here.
        claimed.push(match found.free && seen.insert(key.lock()) {
            true => answered(connection, key, found).await,
            false => Err(KEY_IN_FLIGHT.into()),
        });
    }
    Ok(claimed)
}

async fn answered(connection: &mut Connection, key: &Key, found: Found) -> Result<Option<Reply>> {
    let Some(created_at) = found.created_at else { return Ok(None) };
    if created_at < Clock::wall() - TimeDelta::hours(KEPT_HOURS) {
        let old = idempotency_keys::table.find((key.principal, &key.route, &key.key));
        diesel::delete(old).execute(connection).await?;
        return Ok(None);
    }
    if found.fingerprint.as_ref() != Some(&key.fingerprint) {
        return Err(KEY_REUSED.into());
    }
    let status = found.status.and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|code| actix_web::http::StatusCode::from_u16(code).ok()).unwrap_or_default();
    let body = found.body.unwrap_or_default().into();
    Ok(Some(Reply { status, location: found.location, etag: found.etag, body, replayed: true, public: false }))
}

/// Stores the answer beside its effect.
pub async fn store(connection: &mut Connection, key: &Key, reply: &Reply) -> Result<()> {
    store_all(connection, &[(key, reply)]).await
}

/// Stores answers beside their effects, in one statement.
pub async fn store_all(connection: &mut Connection, answers: &[(&Key, &Reply)]) -> Result<()> {
    use idempotency_keys as keys;
    let now = Clock::wall();
    let row = |(key, reply): &(&Key, &Reply)| {
        (
            keys::principal.eq(key.principal),
            keys::route.eq(key.route.clone()),
            keys::key.eq(key.key.clone()),
            keys::fingerprint.eq(key.fingerprint.clone()),
            keys::status.eq(i16::try_from(reply.status.as_u16()).unwrap_or_default()),
            keys::location.eq(reply.location.clone()),
            keys::etag.eq(reply.etag.clone()),
            keys::body.eq(reply.body.to_vec()),
            keys::created_at.eq(now),
        )
    };
    let stored = match answers {
        // A single row is a static statement, which diesel keeps prepared.
        [one] => diesel::insert_into(keys::table).values(row(one)).execute(connection).await,
        many => {
            diesel::insert_into(keys::table).values(many.iter().map(row).collect::<Vec<_>>()).execute(connection).await
        }
    };
    stored.on_constraint("idempotency_keys_pkey", KEY_IN_FLIGHT)?;
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
