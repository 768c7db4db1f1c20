//! The SQL of sessions and refresh tokens.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::model::IdentifierKind;
use super::model::{REFRESH_DAYS, Refresh, Session};
use crate::access::AccountStatus;
use crate::access::tx::Tx;
use crate::base::clock::Clock;
use crate::base::error::{NOT_FOUND, Result};
use crate::base::ids::{AccountId, SessionId};
use crate::base::page::{Page, PageRequest};
use crate::db::{OrRefuse as _, total};
use crate::schema::{account_identifiers as identifiers, accounts, refresh_tokens as tokens, sessions};

/// What is known of an account's password.
#[derive(Debug, Clone, Queryable)]
pub struct Known {
    pub account: AccountId,
    pub hash: Option<String>,
    changed_at: Option<DateTime<Utc>>,
}

/// The active account that signs in with this.
pub async fn credentials(tx: &mut Tx, kind: IdentifierKind, value: &str) -> Result<Option<Known>> {
    let row = identifiers::table
        .inner_join(accounts::table.on(accounts::id.eq(identifiers::account_id)))
        .filter(identifiers::kind.eq(kind).and(identifiers::value.eq(value)))
        .filter(accounts::status.eq(AccountStatus::Active))
        .select((accounts::id, accounts::password_hash, accounts::password_changed_at));
    Ok(row.first(&mut **tx).await.optional()?)
}

pub async fn known(tx: &mut Tx, account: AccountId) -> Result<Known> {
    let columns = (accounts::id, accounts::password_hash, accounts::password_changed_at);
    Ok(accounts::table.find(account).select(columns).first(&mut **tx).await?)
}

/// Locks an account, and whether it is still active with the password that was known: hashing takes its time.
pub async fn lock_known(tx: &mut Tx, known: &Known) -> Result<bool> {
    let columns = (accounts::status, accounts::password_changed_at);
    let row = accounts::table.find(known.account).select(columns).for_no_key_update();
    let (status, changed_at): (AccountStatus, Option<DateTime<Utc>>) = row.first(&mut **tx).await?;
    Ok(status == AccountStatus::Active && changed_at == known.changed_at)
}

/// Keeps the same password under a hash of today's parameters.
pub async fn renew_hash(tx: &mut Tx, account: AccountId, hash: &str) -> Result<()> {
    let row = diesel::update(accounts::table.find(account)).set(accounts::password_hash.eq(hash));
    row.execute(&mut **tx).await?;
    Ok(())
}

pub async fn insert_session(tx: &mut Tx, id: SessionId, account: AccountId, client: Option<&str>) -> Result<()> {
    let now = Clock::wall();
    let row = (
        sessions::id.eq(id),
        sessions::account_id.eq(account),
        sessions::created_at.eq(now),
        sessions::last_used_at.eq(now),
        sessions::user_agent.eq(client),
    );
    diesel::insert_into(sessions::table).values(row).execute(&mut **tx).await?;
    Ok(())
}

type Row = (SessionId, DateTime<Utc>, DateTime<Utc>, Option<String>);

/// The sessions of an account that could still be refreshed, the newest first.
pub async fn list(tx: &mut Tx, account: AccountId, current: SessionId, page: &PageRequest) -> Result<Page<Session>> {
    let since = Clock::wall() - TimeDelta::days(REFRESH_DAYS);
    let alive = || {
        let own = sessions::table.filter(sessions::account_id.eq(account)).filter(sessions::ended_at.is_null());
        own.filter(sessions::last_used_at.gt(since)).into_boxed::<Pg>()
    };
    let mut query = alive();
    if let Some(after) = page.after::<SessionId>()? {
        query = query.filter(sessions::id.lt(after));
    }
    let columns = (sessions::id, sessions::created_at, sessions::last_used_at, sessions::user_agent);
    let rows = query.order(sessions::id.desc()).limit(page.fetch()).select(columns).load::<Row>(&mut **tx).await?;
    let shown = rows.into_iter().map(|(id, created_at, last_used_at, client)| Session {
        id,
        created_at,
        last_used_at,
        client,
        current: id == current,
    });
    let total = total!(tx, page, alive(), sessions::id);
    Ok(page.page(shown.collect(), |session| session.id)?.counted(total))
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

/// Ends a session of an account; 404 where there is none such alive.
pub async fn end_session(tx: &mut Tx, id: SessionId, of: AccountId, reason: &str) -> Result<()> {
    let live = sessions::table.find(id).filter(sessions::account_id.eq(of)).filter(sessions::ended_at.is_null());
    let ended = (sessions::ended_at.eq(Clock::wall()), sessions::end_reason.eq(reason));
    let row = diesel::update(live).set(ended).returning(sessions::id);
    row.get_result::<SessionId>(&mut **tx).await.or_refuse(NOT_FOUND).map(drop)
}

/// Ends all sessions of an account but one; which they were.
pub async fn end_others(
    tx: &mut Tx,
    account: AccountId,
    but: Option<SessionId>,
    reason: &str,
) -> Result<Vec<SessionId>> {
    let live = sessions::table
        .filter(sessions::account_id.eq(account).and(sessions::ended_at.is_null()))
        .filter(sessions::id.ne_all(but.into_iter().collect::<Vec<_>>()));
    let ended = (sessions::ended_at.eq(Clock::wall()), sessions::end_reason.eq(reason));
    Ok(diesel::update(live).set(ended).returning(sessions::id).get_results(&mut **tx).await?)
}
