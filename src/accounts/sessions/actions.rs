//! What is done with sessions: begun, refreshed, ended.

use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::super::model::{IdentifierKind, email};
use super::model::{INVALID_CREDENTIALS, INVALID_REFRESH, TokenPair, TokenRequest, Worth};
use super::store;
use crate::access::caller::Caller;
use crate::access::context::Ctx;
use crate::access::office::Office;
use crate::access::passwords::LONGEST;
use crate::access::tokens::{self, ACCESS_SECONDS};
use crate::access::tx::Tx;
use crate::base::clock::Clock;
use crate::base::error::{NOT_SIGNED_IN, Result};
use crate::base::ids::{AccountId, SessionId};
use crate::journal::Change;

const REFRESH_DAYS: i64 = 30;

/// Signs in, or refreshes.
pub async fn create_token(ctx: &Ctx, request: TokenRequest) -> Result<TokenPair> {
    match request {
        TokenRequest::Password { email: Some(raw), password, .. } => {
            sign_in(ctx, IdentifierKind::Email, email(&raw), password).await
        }
        TokenRequest::Password { phone, password, .. } => {
            sign_in(ctx, IdentifierKind::Phone, phone.unwrap_or_default(), password).await
        }
        TokenRequest::RefreshToken { refresh_token } => refresh(ctx, &refresh_token).await,
    }
}

async fn sign_in(ctx: &Ctx, kind: IdentifierKind, identifier: String, password: SecretString) -> Result<TokenPair> {
    let known = match identifier.contains('\0') {
        true => None,
        false => ctx.read(async |tx| store::credentials(tx, kind, &identifier).await).await?,
    };
    let (account, hash) = known.map_or((None, None), |(id, hash)| (Some(id), hash));
    // The connection is back in the pool while the hashing thread works; for nobody it works just the same.
    let hash = hash.filter(|_| password.expose_secret().len() <= LONGEST);
    let fits = ctx.office.passwords.verify(password, hash).await?;
    let account = account.filter(|_| fits).ok_or(INVALID_CREDENTIALS)?;
    ctx.transact(async |tx| {
        let session = tx.id();
        store::insert_session(tx, session, account).await?;
        tx.record(Change::new("session.started", "session", session).facts(json!({"account_id": account})));
        Ok(pair(tx, &ctx.office, account, session).await?.0)
    })
    .await
}

async fn refresh(ctx: &Ctx, token: &SecretString) -> Result<TokenPair> {
    let hash = tokens::hash_of(token.expose_secret());
    match ctx.transact(async |tx| refreshed(tx, &ctx.office, &hash).await).await? {
        Refreshed::Pair(pair) => Ok(pair),
        Refreshed::Ended(session) => {
            ctx.office.tokens.forget(session);
            Err(INVALID_REFRESH.into())
        }
        Refreshed::Refused => Err(INVALID_REFRESH.into()),
    }
}

/// What came of a refresh. That a family ended must be committed although the answer is no.
enum Refreshed {
    Pair(TokenPair),
    Ended(SessionId),
    Refused,
}

async fn refreshed(tx: &mut Tx, office: &Office, hash: &[u8]) -> Result<Refreshed> {
    let Some(found) = store::lock_refresh(tx, hash).await? else { return Ok(Refreshed::Refused) };
    let good = match (found.worth(Clock::wall()), &found.successor) {
        (Worth::Pair, _) => true,
        (Worth::Retry, Some(successor)) => store::supersede(tx, successor).await?,
        (Worth::Retry | Worth::Replay, _) => false,
        (Worth::Nothing, _) => return Ok(Refreshed::Refused),
    };
    if !good {
        // Somebody has a copy, and who of the two it is cannot be told: the whole family ends.
        store::end_session(tx, found.session, "replayed").await?;
        tx.record(
            Change::new("session.replayed", "session", found.session).facts(json!({"account_id": found.account})),
        );
        return Ok(Refreshed::Ended(found.session));
    }
    let (pair, successor) = pair(tx, office, found.account, found.session).await?;
    store::use_refresh(tx, hash, found.used_at.unwrap_or_else(Clock::wall), &successor).await?;
    store::touch(tx, found.session).await?;
    Ok(Refreshed::Pair(pair))
}

/// A new pair, and the hash of its refresh token.
async fn pair(tx: &mut Tx, office: &Office, account: AccountId, session: SessionId) -> Result<(TokenPair, Vec<u8>)> {
    let (refresh_token, hash) = tokens::opaque()?;
    store::insert_refresh(tx, &hash, session, Clock::wall() + TimeDelta::days(REFRESH_DAYS)).await?;
    let access_token = office.tokens.sign(account, session)?;
    Ok((TokenPair { access_token, token_type: "Bearer", expires_in: ACCESS_SECONDS, refresh_token }, hash))
}

/// Signs out: the whole family of refresh tokens ends.
pub async fn delete_current_token(ctx: &Ctx) -> Result<()> {
    let Caller::Account { id, session } = ctx.caller else {
        return Err(NOT_SIGNED_IN.into());
    };
    let ended = ctx.transact(async |tx| {
        tx.check_session().await?;
        store::end_session(tx, session, "signed_out").await?;
        tx.record(Change::new("session.ended", "session", session).facts(json!({"account_id": id})));
        Ok(())
    });
    ended.await?;
    ctx.office.tokens.forget(session);
    Ok(())
}
