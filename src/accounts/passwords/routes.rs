//! The operations on passwords and invitations.

use actix_web::http::StatusCode;
use actix_web::{post, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{Invitation, NewInvitation, PasswordByToken, PasswordChange};
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::http::body::Valid;
use crate::http::reply::Reply;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(update_my_password).service(create_invitation).service(update_password);
}

/// Change my password
///
/// All other sessions of the account end. A wrong current password is a fault of `/current_password` and counts
/// towards the limit of tries.
#[utoipa::path(request_body = PasswordChange, responses((status = 204, description = "Changed")))]
#[put("/me/password")]
async fn update_my_password(ctx: Ctx, body: Valid<PasswordChange>) -> Result<Reply> {
    actions::update_my_password(&ctx, body.0).await.map(|()| Reply::no_content())
}

/// Invite somebody
///
/// Makes an account without a password. The answer shows the token once: hand it over, nothing is sent. Its holder
/// sets the first password with it within 7 days. It is never stored, so an `Idempotency-Key` is ignored.
#[utoipa::path(request_body = NewInvitation, responses((status = 201, description = "The account and its token", body = Invitation)))]
#[post("/accounts/invitations")]
async fn create_invitation(ctx: Ctx, body: Valid<NewInvitation>) -> Result<Reply> {
    Reply::with(StatusCode::CREATED, &actions::create_invitation(&ctx, &body.0).await?)
}

/// Set a password with a token
///
/// The token of an invitation, which works once. Sign in afterwards.
#[utoipa::path(request_body = PasswordByToken, responses((status = 204, description = "Set")))]
#[put("/password")]
async fn update_password(ctx: Ctx, body: Valid<PasswordByToken>) -> Result<Reply> {
    actions::update_password(&ctx, body.0).await.map(|()| Reply::no_content())
}
