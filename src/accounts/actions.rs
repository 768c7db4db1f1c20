//! What is done with accounts: who I am, grants, the first administrator.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde_json::json;

use super::model::{Account, AccountFilter, AccountPerson, Created, Grant, Me, NewAccount, NewGrant, Source};
use super::store;
use crate::access::Role;
use crate::access::caller::Caller;
use crate::access::office::Office;
use crate::access::policy::Act;
use crate::access::tokens;
use crate::access::tx::Tx;
use crate::base::error::{NOT_SIGNED_IN, Result};
use crate::base::ids::{AccountId, GrantId};
use crate::base::page::{Page, PageRequest};
use crate::base::scope::Scope;
use crate::http::reply::Resource as _;
use crate::journal::Change;

/// What the first administrator signs in with.
const ADMINISTRATOR: &str = "admin@homecoming.local";

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

/// Says whose account it is.
pub(super) async fn update_account_person(tx: &mut Tx, id: AccountId, new: &AccountPerson) -> Result<Account> {
    let permit = tx.require(Act::UpdateAccountPerson, &[]).await?;
    let before = store::lock_account(tx, id).await?;
    tx.check_version(&before.version_tag())?;
    if before.person_id == new.person_id {
        return Ok(before);
    }
    store::set_person(tx, permit, id, new.person_id).await?;
    let facts = json!({"from": before.person_id, "to": new.person_id});
    tx.record(Change::new("account.person_changed", "account", id).facts(facts));
    store::account(tx, id).await
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
    let hash = Some(new.password_hash.as_str());
    store::insert_account(tx, permit, id, &new.name, &new.email, hash, new.person_id).await?;
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
