//! What is done with accounts: signing in and out, grants, the first administrator.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::model::{
    Account, AccountFilter, Created, Grant, INVALID_CREDENTIALS, INVALID_REFRESH, IdentifierKind, Me, NewAccount,
    NewGrant, Source, TokenPair, TokenRequest, email,
};
use super::store;
use crate::access::caller::Caller;
use crate::access::context::Ctx;
use crate::access::office::Office;
use crate::access::passwords::LONGEST;
use crate::access::policy::Act;
use crate::access::tokens::{self, ACCESS_SECONDS};
use crate::access::tx::Tx;
use crate::access::{AccountStatus, Role};
use crate::base::clock::Clock;
use crate::base::error::{NOT_SIGNED_IN, Result};
use crate::base::ids::{AccountId, GrantId, SessionId};
use crate::base::page::{Page, PageRequest};
use crate::base::scope::Scope;
use crate::journal::Change;

/// What the first administrator signs in with.
const ADMINISTRATOR: &str = "admin@homecoming.local";

const REFRESH_DAYS: i64 = 30;

/// Signs in, or refreshes.
pub(super) async fn create_token(ctx: &Ctx, request: TokenRequest) -> Result<TokenPair> {
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
    ctx.transact(async |tx| start_session(tx, &ctx.office, account).await).await
}

/// A session of an account whose holder has been recognised.
pub async fn start_session(tx: &mut Tx, office: &Office, account: AccountId) -> Result<TokenPair> {
    let session = tx.id();
    store::insert_session(tx, session, account).await?;
    tx.record(Change::new("session.started", "session", session).facts(json!({"account_id": account})));
    pair(tx, office, account, session).await
}

async fn refresh(ctx: &Ctx, token: &SecretString) -> Result<TokenPair> {
    let hash = tokens::hash_of(token.expose_secret());
    let outcome = ctx.transact(async |tx| {
        let Some(found) = store::lock_refresh(tx, &hash).await? else {
            return Ok(Err(None));
        };
        if found.used_at.is_some() && found.ended_at.is_none() {
            // Somebody has a copy: the whole family ends, and this must be committed although the answer is no.
            store::end_session(tx, found.session, "replayed").await?;
            tx.record(
                Change::new("session.replayed", "session", found.session).facts(json!({"account_id": found.account})),
            );
            return Ok(Err(Some(found.session)));
        }
        let dead = found.used_at.is_some() || found.ended_at.is_some() || found.expires_at <= Clock::wall();
        if dead || found.status != AccountStatus::Active {
            return Ok(Err(None));
        }
        store::use_refresh(tx, &hash).await?;
        pair(tx, &ctx.office, found.account, found.session).await.map(Ok)
    });
    match outcome.await? {
        Ok(pair) => Ok(pair),
        Err(ended) => {
            if let Some(session) = ended {
                ctx.office.tokens.forget(session);
            }
            Err(INVALID_REFRESH.into())
        }
    }
}

async fn pair(tx: &mut Tx, office: &Office, account: AccountId, session: SessionId) -> Result<TokenPair> {
    let (refresh_token, hash) = tokens::opaque()?;
    store::insert_refresh(tx, &hash, session, Clock::wall() + TimeDelta::days(REFRESH_DAYS)).await?;
    Ok(TokenPair {
        access_token: office.tokens.sign(account, session)?,
        token_type: "Bearer",
        expires_in: ACCESS_SECONDS,
        refresh_token,
    })
}

/// Signs out: the whole family of refresh tokens ends.
pub(super) async fn delete_current_token(ctx: &Ctx) -> Result<()> {
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

pub(super) async fn read_me(tx: &mut Tx) -> Result<Me> {
    tx.own_account()?;
    let id = tx.caller.account().ok_or(NOT_SIGNED_IN)?;
    let Account { name, email, phone, person_id, created_at, updated_at, .. } = store::account(tx, id).await?;
    let day = tx.today();
    let grants = store::grants(tx, id, day).await?;
    Ok(Me { id, name, email, phone, person_id, grants, created_at, updated_at })
}

pub(super) async fn list_accounts(tx: &mut Tx, filter: &AccountFilter, page: &PageRequest) -> Result<Page<Account>> {
    let permit = tx.require(Act::ListAccounts, &[]).await?;
    store::list_accounts(tx, permit, filter, page).await
}

/// Gives a role at a place for a period.
pub async fn grant(tx: &mut Tx, account: AccountId, new: &NewGrant) -> Result<Grant> {
    let permit = tx.require(Act::CreateGrant, &[]).await?;
    let account = store::account(tx, account).await?.id;
    let scope = Scope::from_parts(new.scope.kind, new.scope.id)?;
    let grant = Grant {
        id: tx.id(),
        account_id: account,
        role: new.role,
        scope: new.scope,
        starts_on: new.starts_on.unwrap_or_else(|| tx.today()),
        ends_on: new.ends_on,
        source: Source::Manual,
    };
    store::insert_grant(tx, permit, &grant, scope).await?;
    let facts = json!({"account_id": account, "role": grant.role, "scope": grant.scope, "starts_on": grant.starts_on, "ends_on": grant.ends_on});
    tx.record(Change::new("grant.created", "grant", grant.id).facts(facts));
    Ok(grant)
}

pub(super) async fn delete_grant(tx: &mut Tx, id: GrantId) -> Result<()> {
    let permit = tx.require(Act::DeleteGrant, &[]).await?;
    let (account, role) = store::delete_grant(tx, permit, id).await?;
    tx.record(Change::new("grant.deleted", "grant", id).facts(json!({"account_id": account, "role": role})));
    Ok(())
}

/// Makes an account that signs in with an e-mail: the program's own act.
pub async fn create_account(tx: &mut Tx, new: &NewAccount) -> Result<AccountId> {
    let permit = tx.require(Act::CreateGrant, &[]).await?;
    let id = tx.id();
    store::insert_account(tx, permit, id, new).await?;
    tx.record(Change::new("account.created", "account", id));
    Ok(id)
}

/// Makes an administrator where nobody is one today; the password is known only from the answer.
///
/// Where everybody was locked out, the first administrator's account comes back with a new password.
pub async fn ensure_administrator(office: &Office) -> Result<Option<Created>> {
    let mut tx = Tx::new(&office.pool, &office.clock, office.zone, Caller::System).await?;
    let today = tx.today();
    if store::has_administrator(&mut tx, today).await? {
        return Ok(None);
    }
    let password = URL_SAFE_NO_PAD.encode(tokens::random()?.get(..15).unwrap_or_default());
    let password_hash = office.passwords.hash(SecretString::from(password.clone())).await?;
    tx.begin().await?;
    match make_administrator(&mut tx, password_hash).await {
        Ok(true) => tx.commit().await.map(|()| Some(Created { email: ADMINISTRATOR.to_owned(), password })),
        Ok(false) => tx.commit().await.map(|()| None),
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
}

/// Of several starters one does it.
async fn make_administrator(tx: &mut Tx, password_hash: String) -> Result<bool> {
    store::lock_first_start(tx).await?;
    let today = tx.today();
    if store::has_administrator(tx, today).await? {
        return Ok(false);
    }
    let account = if let Some(account) = store::by_email(tx, ADMINISTRATOR).await? {
        let permit = tx.require(Act::CreateGrant, &[]).await?;
        store::restore_account(tx, permit, account, &password_hash).await?;
        tx.record(Change::new("account.restored", "account", account));
        account
    } else {
        let (name, email) = ("Administrator".to_owned(), ADMINISTRATOR.to_owned());
        create_account(tx, &NewAccount { name, email, password_hash, person_id: None }).await?
    };
    let everything = NewGrant { role: Role::SystemAdmin, scope: Scope::All.into(), starts_on: None, ends_on: None };
    grant(tx, account, &everything).await?;
    Ok(true)
}
