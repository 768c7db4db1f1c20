//! The operations on accounts.

use actix_web::web::Path;
use actix_web::{delete, get, post, put};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Account, AccountFilter, AccountPerson, Grant, Me, NewGrant};
use super::{actions, explanation, passwords, sessions};
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::base::ids::{AccountId, GrantId};
use crate::base::page::{Page, PageParams};
use crate::http::body::Valid;
use crate::http::query::Listing;
use crate::http::reply::Reply;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(read_me)
        .service(list_accounts)
        .service(create_grant)
        .service(delete_grant)
        .service(update_account_person)
        .configure(sessions::routes::configure)
        .configure(passwords::routes::configure)
        .configure(explanation::routes::configure);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct AccountPath {
    /// The account.
    account: AccountId,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct GrantPath {
    /// The grant.
    grant: GrantId,
}

/// Read who I am
///
/// The account, its person, and the grants in force today.
#[utoipa::path(responses((status = 200, description = "The signed-in account", body = Me)))]
#[get("/me")]
async fn read_me(ctx: Ctx) -> Result<Reply> {
    Reply::resource(&ctx.read(async |tx| actions::read_me(tx).await).await?)
}

/// List accounts
///
/// For administrators.
#[utoipa::path(params(AccountFilter, PageParams), responses((status = 200, description = "A page of accounts", body = Page<Account>)))]
#[get("/accounts")]
async fn list_accounts(ctx: Ctx, list: Listing<AccountFilter>) -> Result<Reply> {
    Reply::ok(&ctx.read(async |tx| actions::list_accounts(tx, &list.filter, &list.page).await).await?)
}

/// Say whose account it is
///
/// A person has one account at most. Null: nobody's.
#[utoipa::path(params(AccountPath), request_body = AccountPerson, responses((status = 200, description = "The account", body = Account)))]
#[put("/accounts/{account}/person")]
async fn update_account_person(ctx: Ctx, path: Path<AccountPath>, body: Valid<AccountPerson>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::update_account_person(tx, path.account, &body.0).await?)).await
}

/// Give access
///
/// A role at a place for a period. It ends by its date, without anybody switching anything.
#[utoipa::path(params(AccountPath), request_body = NewGrant, responses((status = 201, description = "The grant", body = Grant)))]
#[post("/accounts/{account}/grants")]
async fn create_grant(ctx: Ctx, path: Path<AccountPath>, body: Valid<NewGrant>) -> Result<Reply> {
    ctx.write(async |tx| Reply::created(&actions::grant(tx, path.account, &body.0).await?)).await
}

/// Take access back
///
/// From the very next request on.
#[utoipa::path(params(GrantPath), responses((status = 204, description = "Taken back")))]
#[delete("/grants/{grant}")]
async fn delete_grant(ctx: Ctx, path: Path<GrantPath>) -> Result<Reply> {
    ctx.write(async |tx| actions::delete_grant(tx, path.grant).await.map(|()| Reply::no_content())).await
}
