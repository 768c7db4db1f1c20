//! What is done with sessions: begun, refreshed, ended.

use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::super::limits::Attempt;
use super::super::model::{IdentifierKind, email};
use super::model::{INVALID_CREDENTIALS, INVALID_REFRESH, REFRESH_DAYS, Session, TokenPair, TokenRequest, Worth};
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
use crate::base::page::{Page, PageRequest};
use crate::base::state::Word as _;
use crate::journal::Change;

/// Signs in, or refreshes.
pub async fn create_token(ctx: &Ctx, request: TokenRequest) -> Result<TokenPair> {
    match request {
        TokenRequest::Password { email: Some(raw), password, .. } => {
            sign_in(ctx, IdentifierKind::Email, email(&raw), password).await
        }
        TokenRequest::Password { phone, password, .. } => {
            sign_in(ctx, IdentifierKind::Phone, phone.unwrap_or_default().trim().to_owned(), password).await
        }
        TokenRequest::RefreshToken { refresh_token } => refresh(ctx, &refresh_token).await,
    }
}

async fn sign_in(ctx: &Ctx, kind: IdentifierKind, identifier: String, password: SecretString) -> Result<TokenPair> {
    let attempt = Attempt::new(ctx.office.counts_tries, &format!("{}:{identifier}", kind.as_str()), ctx.client());
    let known = ctx.read(async |tx| {
        attempt.check(tx).await?;
        match identifier.contains('\0') {
            true => Ok(None),
            false => store::credentials(tx, kind, &identifier).await,
        }
    });
    let known = known.await?;
    let hash = known.as_ref().and_then(|known| known.hash.clone());
    // The connection is back in the pool while the hashing thread works; for nobody it works just the same.
    let hash = hash.filter(|_| password.expose_secret().len() <= LONGEST);
    let (Some(fit), Some(known)) = (ctx.office.passwords.verify(password, hash).await?, known) else {
        return Err(attempt.failed(ctx, INVALID_CREDENTIALS).await);
    };
    ctx.transact(async |tx| {
        if !store::lock_known(tx, &known).await? {
            return Err(INVALID_CREDENTIALS.into());
        }
        attempt.succeeded(tx).await?;
        if let Some(renewed) = &fit.renewed {
            store::renew_hash(tx, known.account, renewed).await?;
        }
        start_session(tx, &ctx.office, known.account, ctx.client_name().as_deref()).await
    })
    .await
}

/// A session of an account whose holder has been recognised.
pub async fn start_session(
    tx: &mut Tx,
    office: &Office,
    account: AccountId,
    client: Option<&str>,
) -> Result<TokenPair> {
    let session = tx.id();
    store::insert_session(tx, session, account, client).await?;
    tx.record(Change::new("session.started", "session", session).facts(json!({"account_id": account})));
    Ok(pair(tx, office, account, session).await?.0)
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
        store::end_session(tx, found.session, found.account, "replayed").await?;
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
    end(ctx, session, id, "signed_out").await
}

/// Ends one of the caller's sessions.
pub async fn delete_my_session(ctx: &Ctx, session: SessionId) -> Result<()> {
    let id = ctx.caller.account().ok_or(NOT_SIGNED_IN)?;
    end(ctx, session, id, "ended_by_owner").await
}

async fn end(ctx: &Ctx, session: SessionId, of: AccountId, reason: &'static str) -> Result<()> {
    let ended = ctx.transact(async |tx| {
        store::end_session(tx, session, of, reason).await?;
        tx.record(Change::new("session.ended", "session", session).facts(json!({"account_id": of})));
        Ok(())
    });
    ended.await?;
    ctx.office.tokens.forget(session);
    Ok(())
}

pub async fn list_my_sessions(tx: &mut Tx, page: &PageRequest) -> Result<Page<Session>> {
    let Caller::Account { id, session } = tx.caller else { return Err(NOT_SIGNED_IN.into()) };
    store::list(tx, id, session, page).await
}
