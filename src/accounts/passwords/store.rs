//! The SQL of passwords and of the tokens that set one.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::access::AccountStatus;
use crate::access::tx::{Permit, Tx};
use crate::base::clock::Clock;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::schema::{accounts, password_tokens as tokens};

/// Sets a password; what signed in with the one before is told from now on by its time.
pub async fn set_password(tx: &mut Tx, account: AccountId, hash: &str) -> Result<()> {
    let set = (accounts::password_hash.eq(hash), accounts::password_changed_at.eq(Clock::wall()));
    diesel::update(accounts::table.find(account)).set(set).execute(&mut **tx).await?;
    Ok(())
}

pub async fn insert_token(
    tx: &mut Tx,
    _: Permit,
    hash: &[u8],
    account: AccountId,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let row = (
        tokens::hash.eq(hash),
        tokens::account_id.eq(account),
        tokens::created_at.eq(Clock::wall()),
        tokens::expires_at.eq(expires_at),
    );
    diesel::insert_into(tokens::table).values(row).execute(&mut **tx).await?;
    Ok(())
}

/// The active account that a token is for, while it is good.
pub async fn of_token(tx: &mut Tx, hash: &[u8]) -> Result<Option<AccountId>> {
    let good = tokens::table
        .inner_join(accounts::table.on(accounts::id.eq(tokens::account_id)))
        .filter(tokens::hash.eq(hash).and(tokens::used_at.is_null()).and(tokens::expires_at.gt(Clock::wall())))
        .filter(accounts::status.eq(AccountStatus::Active));
    Ok(good.select(tokens::account_id).first(&mut **tx).await.optional()?)
}

/// Uses a token up: whether it was unused until now.
pub async fn use_token(tx: &mut Tx, hash: &[u8]) -> Result<bool> {
    let unused = tokens::table.find(hash).filter(tokens::used_at.is_null());
    Ok(diesel::update(unused).set(tokens::used_at.eq(Clock::wall())).execute(&mut **tx).await? == 1)
}
