//! The SQL of sessions and refresh tokens.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::model::IdentifierKind;
use super::model::Refresh;
use crate::access::AccountStatus;
use crate::access::tx::Tx;
use crate::base::clock::Clock;
use crate::base::error::Result;
use crate::base::ids::{AccountId, SessionId};
use crate::schema::{account_identifiers as identifiers, accounts, refresh_tokens as tokens, sessions};

/// An account with its password's hash, for signing in.
pub async fn credentials(
    tx: &mut Tx,
    kind: IdentifierKind,
    value: &str,
) -> Result<Option<(AccountId, Option<String>)>> {
    let row = identifiers::table
        .inner_join(accounts::table.on(accounts::id.eq(identifiers::account_id)))
        .filter(identifiers::kind.eq(kind).and(identifiers::value.eq(value)))
        .filter(accounts::status.eq(AccountStatus::Active))
        .select((accounts::id, accounts::password_hash));
    Ok(row.first(&mut **tx).await.optional()?)
}

pub async fn insert_session(tx: &mut Tx, id: SessionId, account: AccountId) -> Result<()> {
    let now = Clock::wall();
    let row = (
        sessions::id.eq(id),
        sessions::account_id.eq(account),
        sessions::created_at.eq(now),
        sessions::last_used_at.eq(now),
    );
    diesel::insert_into(sessions::table).values(row).execute(&mut **tx).await?;
    Ok(())
}

pub async fn insert_refresh(tx: &mut Tx, hash: &[u8], session: SessionId, expires_at: DateTime<Utc>) -> Result<()> {
    let row = (
        tokens::hash.eq(hash),
        tokens::session_id.eq(session),
        tokens::issued_at.eq(Clock::wall()),
        tokens::expires_at.eq(expires_at),
    );
    diesel::insert_into(tokens::table).values(row).execute(&mut **tx).await?;
    Ok(())
}

/// A refresh token as it is while its session is locked: what is done with one family is done in turn.
pub async fn lock_refresh(tx: &mut Tx, hash: &[u8]) -> Result<Option<Refresh>> {
    let family = tokens::table.find(hash).select(tokens::session_id).first::<SessionId>(&mut **tx).await.optional()?;
    let Some(family) = family else { return Ok(None) };
    sessions::table.find(family).select(sessions::id).for_no_key_update().first::<SessionId>(&mut **tx).await?;
    let row = tokens::table
        .inner_join(sessions::table.on(sessions::id.eq(tokens::session_id)))
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .filter(tokens::hash.eq(hash))
        .select((
            sessions::id,
            sessions::account_id,
            tokens::expires_at,
            tokens::used_at,
            tokens::successor,
            tokens::superseded_at,
            sessions::ended_at,
            accounts::status,
        ));
    Ok(row.first(&mut **tx).await.optional()?)
}

/// Takes a token's successor out of its place, unless it was used: whether it did.
pub async fn supersede(tx: &mut Tx, successor: &[u8]) -> Result<bool> {
    let unused = tokens::table.find(successor).filter(tokens::used_at.is_null());
    let row = diesel::update(unused).set(tokens::superseded_at.eq(Clock::wall()));
    Ok(row.execute(&mut **tx).await? == 1)
}

/// Notes the first use of a token and what was given for it last.
pub async fn use_refresh(tx: &mut Tx, hash: &[u8], first_use: DateTime<Utc>, successor: &[u8]) -> Result<()> {
    let used = (tokens::used_at.eq(first_use), tokens::successor.eq(successor));
    diesel::update(tokens::table.find(hash)).set(used).execute(&mut **tx).await?;
    Ok(())
}

/// Notes that a session was used.
pub async fn touch(tx: &mut Tx, session: SessionId) -> Result<()> {
    let used = sessions::last_used_at.eq(Clock::wall());
    diesel::update(sessions::table.find(session)).set(used).execute(&mut **tx).await?;
    Ok(())
}

pub async fn end_session(tx: &mut Tx, id: SessionId, reason: &str) -> Result<()> {
    let live = sessions::table.find(id).filter(sessions::ended_at.is_null());
    let ended = (sessions::ended_at.eq(Clock::wall()), sessions::end_reason.eq(reason));
    diesel::update(live).set(ended).execute(&mut **tx).await?;
    Ok(())
}
