//! What is done with passwords: changed, set by a token, asked of who is invited.

use secrecy::ExposeSecret as _;
use serde_json::json;

use super::super::limits::Attempt;
use super::super::sessions::store::{end_others, known, lock_known};
use super::super::store::{account, insert_account};
use super::model::{INVITATION, Invitation, NewInvitation, PasswordByToken, PasswordChange, check_secret};
use super::store;
use crate::access::caller::Caller;
use crate::access::context::Ctx;
use crate::access::passwords::LONGEST;
use crate::access::policy::Act;
use crate::access::tokens::{hash_of, opaque};
use crate::base::clock::Clock;
use crate::base::error::{Error, Fault, NOT_SIGNED_IN, Result};
use crate::base::ids::SessionId;
use crate::journal::Change;

/// Changes the caller's password; their other sessions end.
pub async fn update_my_password(ctx: &Ctx, change: PasswordChange) -> Result<()> {
    let Caller::Account { id, session } = ctx.caller else { return Err(NOT_SIGNED_IN.into()) };
    let attempt = Attempt::new(ctx.office.counts_tries, &format!("account:{id}"), ctx.client());
    let known = ctx.read(async |tx| {
        attempt.check(tx).await?;
        check_secret(&change.password, &account(tx, id).await?)?;
        known(tx, id).await
    });
    let known = known.await?;
    let hash = known.hash.clone().filter(|_| change.current_password.expose_secret().len() <= LONGEST);
    if ctx.office.passwords.verify(change.current_password, hash).await?.is_none() {
        return Err(attempt.failed(ctx, wrong()).await);
    }
    let hash = ctx.office.passwords.hash(change.password).await?;
    let ended = ctx.transact(async |tx| {
        if !lock_known(tx, &known).await? {
            return Err(wrong().into());
        }
        attempt.succeeded(tx).await?;
        store::set_password(tx, id, &hash).await?;
        tx.record(Change::new("account.password_changed", "account", id));
        end_others(tx, id, Some(session), "password_changed").await
    });
    forget(ctx, ended.await?);
    Ok(())
}

/// Makes an account for somebody who then sets its password with the token in the answer.
pub async fn create_invitation(ctx: &Ctx, new: &NewInvitation) -> Result<Invitation> {
    let (token, hash) = opaque()?;
    let expires_at = Clock::wall() + INVITATION;
    // Not kept with an idempotency key: the token is in the clear in the answer only.
    let invited = ctx.transact(async |tx| {
        let permit = tx.require(Act::CreateInvitation, &[]).await?;
        let id = tx.id();
        insert_account(tx, permit, id, &new.name, &new.email, None, new.person_id).await?;
        store::insert_token(tx, permit, &hash, id, expires_at).await?;
        tx.record(Change::new("account.invited", "account", id).facts(json!({"person_id": new.person_id})));
        account(tx, id).await
    });
    Ok(Invitation { account: invited.await?, token, expires_at })
}

/// Sets the password of the account that a token is for; the token works once.
pub async fn update_password(ctx: &Ctx, new: PasswordByToken) -> Result<()> {
    let not_good = || Error::from(Fault::new("/token", "token_not_good"));
    let token = hash_of(new.token.expose_secret());
    let known = ctx.read(async |tx| {
        let id = store::of_token(tx, &token).await?.ok_or_else(not_good)?;
        check_secret(&new.password, &account(tx, id).await?)?;
        known(tx, id).await
    });
    let known = known.await?;
    let hash = ctx.office.passwords.hash(new.password).await?;
    let ended = ctx.transact(async |tx| {
        if !(lock_known(tx, &known).await? && store::use_token(tx, &token).await?) {
            return Err(not_good());
        }
        store::set_password(tx, known.account, &hash).await?;
        tx.record(Change::new("account.password_set", "account", known.account));
        end_others(tx, known.account, None, "password_changed").await
    });
    forget(ctx, ended.await?);
    Ok(())
}

fn wrong() -> Fault {
    Fault::new("/current_password", "wrong_password")
}

fn forget(ctx: &Ctx, ended: Vec<SessionId>) {
    for session in ended {
        ctx.office.tokens.forget(session);
    }
}
