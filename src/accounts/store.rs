//! The SQL of accounts and grants.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::model::{Account, AccountFilter, Grant, IDENTIFIER_TAKEN, IdentifierKind, PERSON_TAKEN, Source};
use crate::access::tx::{Permit, Tx};
use crate::access::{AccountStatus, Role};
use crate::base::error::{Error, Fault, NOT_FOUND, Result};
use crate::base::ids::{AccountId, GrantId, IdentifierId, PersonId};
use crate::base::page::{Page, PageRequest};
use crate::base::scope::{Scope, ScopeKind};
use crate::db::{OnConstraint as _, OrRefuse as _, total};
use crate::schema::{account_identifiers as identifiers, accounts, effective_grants, role_grants};

/// The account that signs in with an e-mail.
pub async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<AccountId>> {
    let row = identifiers::table
        .filter(identifiers::kind.eq(IdentifierKind::Email).and(identifiers::value.eq(super::model::email(email))));
    Ok(row.select(identifiers::account_id).first(&mut **tx).await.optional()?)
}

pub async fn insert_account(
    tx: &mut Tx,
    _: Permit,
    id: AccountId,
    name: &str,
    email: &str,
    password_hash: Option<&str>,
    person: Option<PersonId>,
) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(id),
            accounts::name.eq(name),
            accounts::status.eq(AccountStatus::Active),
            accounts::password_hash.eq(password_hash),
            accounts::person_id.eq(person),
            accounts::created_at.eq(now),
            accounts::updated_at.eq(now),
        ))
        .execute(&mut **tx)
        .await
        .on_constraint("accounts_person_key", PERSON_TAKEN)
        .on_constraint("accounts_person_fkey", Fault::new("/person_id", "not_found"))?;
    let identifier = tx.id::<IdentifierId>();
    diesel::insert_into(identifiers::table)
        .values((
            identifiers::id.eq(identifier),
            identifiers::account_id.eq(id),
            identifiers::kind.eq(IdentifierKind::Email),
            identifiers::value.eq(super::model::email(email)),
            identifiers::created_at.eq(now),
        ))
        .execute(&mut **tx)
        .await
        .on_constraint("account_identifiers_value_key", IDENTIFIER_TAKEN)?;
    Ok(())
}

/// Says whose account it is, or that it is nobody's.
pub async fn set_person(tx: &mut Tx, _: Permit, id: AccountId, person: Option<PersonId>) -> Result<()> {
    let now = tx.now();
    let changes =
        (accounts::person_id.eq(person), accounts::version.eq(accounts::version + 1), accounts::updated_at.eq(now));
    diesel::update(accounts::table.find(id))
        .set(changes)
        .execute(&mut **tx)
        .await
        .on_constraint("accounts_person_key", PERSON_TAKEN)
        .on_constraint("accounts_person_fkey", Fault::new("/person_id", "not_found"))?;
    Ok(())
}

/// The account, locked for a change.
pub async fn lock_account(tx: &mut Tx, id: AccountId) -> Result<Account> {
    let row = accounts::table.find(id).select(accounts::id).for_no_key_update();
    row.first::<AccountId>(&mut **tx).await.or_refuse(NOT_FOUND)?;
    account(tx, id).await
}

/// Lets one starter at a time make the first administrator: the others then find theirs.
pub async fn lock_first_start(tx: &mut Tx) -> Result<()> {
    const LOCK: i64 = 0x484f_4d45_0003;
    let lock = diesel::sql_query("select pg_advisory_xact_lock($1)").bind::<diesel::sql_types::BigInt, _>(LOCK);
    lock.execute(&mut **tx).await?;
    Ok(())
}

/// Whether anybody may administer this deployment.
pub async fn has_administrator(tx: &mut Tx, day: NaiveDate) -> Result<bool> {
    use effective_grants as granted;
    let any = granted::table
        .inner_join(accounts::table.on(accounts::id.eq(granted::account_id)))
        .filter(granted::role.eq(Role::SystemAdmin).and(granted::scope_kind.eq(ScopeKind::All)))
        .filter(granted::starts_on.le(day).and(granted::ends_on.is_null().or(granted::ends_on.ge(day))))
        .filter(accounts::status.eq(AccountStatus::Active))
        .select(granted::id);
    Ok(diesel::select(diesel::dsl::exists(any)).get_result(&mut **tx).await?)
}

/// Lets an account sign in again, with a new password.
pub async fn restore_account(tx: &mut Tx, _: Permit, id: AccountId, password_hash: &str) -> Result<()> {
    let now = tx.now();
    let changes = (
        accounts::status.eq(AccountStatus::Active),
        accounts::password_hash.eq(password_hash),
        accounts::version.eq(accounts::version + 1),
        accounts::updated_at.eq(now),
    );
    diesel::update(accounts::table.find(id)).set(changes).execute(&mut **tx).await?;
    Ok(())
}

type AccountRow = (AccountId, String, AccountStatus, Option<PersonId>, i32, DateTime<Utc>, DateTime<Utc>);

const COLUMNS: (
    accounts::id,
    accounts::name,
    accounts::status,
    accounts::person_id,
    accounts::version,
    accounts::created_at,
    accounts::updated_at,
) = (
    accounts::id,
    accounts::name,
    accounts::status,
    accounts::person_id,
    accounts::version,
    accounts::created_at,
    accounts::updated_at,
);

pub async fn account(tx: &mut Tx, id: AccountId) -> Result<Account> {
    let row: AccountRow = accounts::table.find(id).select(COLUMNS).first(&mut **tx).await.or_refuse(NOT_FOUND)?;
    show(tx, vec![row]).await?.pop().ok_or_else(|| NOT_FOUND.into())
}

fn matching(filter: &AccountFilter) -> accounts::BoxedQuery<'_, Pg> {
    let mut query = accounts::table.into_boxed();
    if !filter.email.is_empty() {
        let emails: Vec<_> = filter.email.iter().map(|raw| super::model::email(raw)).collect();
        let of = identifiers::table
            .filter(identifiers::kind.eq(IdentifierKind::Email).and(identifiers::value.eq_any(emails)));
        query = query.filter(accounts::id.eq_any(of.select(identifiers::account_id)));
    }
    if !filter.person_id.is_empty() {
        query = query.filter(accounts::person_id.eq_any(&filter.person_id));
    }
    query
}

pub async fn list_accounts(
    tx: &mut Tx,
    _: Permit,
    filter: &AccountFilter,
    page: &PageRequest,
) -> Result<Page<Account>> {
    let mut query = matching(filter);
    if let Some(id) = page.after::<AccountId>()? {
        query = query.filter(accounts::id.gt(id));
    }
    let rows: Vec<AccountRow> = query.order(accounts::id).limit(page.fetch()).select(COLUMNS).load(&mut **tx).await?;
    let shown = show(tx, rows).await?;
    let total = total!(tx, page, matching(filter), accounts::id);
    Ok(page.page(shown, |account| account.id)?.counted(total))
}

async fn show(tx: &mut Tx, rows: Vec<AccountRow>) -> Result<Vec<Account>> {
    let ids: Vec<AccountId> = rows.iter().map(|row| row.0).collect();
    let known: Vec<(AccountId, IdentifierKind, String)> = identifiers::table
        .filter(identifiers::account_id.eq_any(&ids))
        .order(identifiers::id)
        .select((identifiers::account_id, identifiers::kind, identifiers::value))
        .load(&mut **tx)
        .await?;
    let first = |id: AccountId, kind: IdentifierKind| {
        known.iter().find(|(of, is, _)| *of == id && *is == kind).map(|(_, _, value)| value.clone())
    };
    let shown = rows.into_iter().map(|(id, name, status, person_id, version, created_at, updated_at)| Account {
        id,
        name,
        status,
        person_id,
        version,
        created_at,
        updated_at,
        email: first(id, IdentifierKind::Email),
        phone: first(id, IdentifierKind::Phone),
    });
    Ok(shown.collect())
}

type GrantRow = (GrantId, AccountId, Role, ScopeKind, Option<Uuid>, NaiveDate, Option<NaiveDate>, Source);

fn shown((id, account_id, role, kind, scope, starts_on, ends_on, source): GrantRow) -> Result<Grant> {
    let scope = Scope::from_parts(kind, scope)?.into();
    Ok(Grant { id, account_id, role, scope, starts_on, ends_on, source })
}

/// The grants in force on a day.
pub async fn grants(tx: &mut Tx, account: AccountId, day: NaiveDate) -> Result<Vec<Grant>> {
    use effective_grants as granted;
    let rows: Vec<GrantRow> = granted::table
        .filter(granted::account_id.eq(account).and(granted::starts_on.le(day)))
        .filter(granted::ends_on.is_null().or(granted::ends_on.ge(day)))
        .order(granted::id)
        .select((
            granted::id,
            granted::account_id,
            granted::role,
            granted::scope_kind,
            granted::scope_id,
            granted::starts_on,
            granted::ends_on,
            granted::source,
        ))
        .load(&mut **tx)
        .await?;
    rows.into_iter().map(shown).collect()
}

pub async fn insert_grant(tx: &mut Tx, _: Permit, grant: &Grant, scope: Scope) -> Result<()> {
    use role_grants as given;
    let (kind, _) = scope.parts();
    let mut columns = (None, None, None, None);
    match scope {
        Scope::All => (),
        Scope::Organization(id) => columns.0 = Some(id),
        Scope::College(id) => columns.1 = Some(id),
        Scope::ClassGroup(id) => columns.2 = Some(id),
        Scope::Event(id) => columns.3 = Some(id),
    }
    let row = (
        given::id.eq(grant.id),
        given::account_id.eq(grant.account_id),
        given::role.eq(grant.role),
        given::scope_kind.eq(kind),
        given::organization_id.eq(columns.0),
        given::college_id.eq(columns.1),
        given::class_group_id.eq(columns.2),
        given::event_id.eq(columns.3),
        given::starts_on.eq(grant.starts_on),
        given::ends_on.eq(grant.ends_on),
        given::created_at.eq(tx.now()),
    );
    let not_there = || Error::from(Fault::new("/scope/id", "not_found"));
    diesel::insert_into(given::table)
        .values(row)
        .execute(&mut **tx)
        .await
        .on_constraint("role_grants_organization_fkey", not_there())
        .on_constraint("role_grants_college_fkey", not_there())
        .on_constraint("role_grants_class_group_fkey", not_there())
        .on_constraint("role_grants_event_fkey", not_there())
        .on_constraint("role_grants_period_check", Fault::new("/ends_on", "ends_before_start"))?;
    Ok(())
}

/// Takes a grant back; 404 when there is none such given by hand.
pub async fn delete_grant(tx: &mut Tx, _: Permit, id: GrantId) -> Result<(AccountId, Role)> {
    let row = diesel::delete(role_grants::table.find(id)).returning((role_grants::account_id, role_grants::role));
    row.get_result(&mut **tx).await.or_refuse(NOT_FOUND)
}
