//! The operations on sessions.

use actix_web::http::StatusCode;
use actix_web::{delete, post};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{TokenPair, TokenRequest};
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::http::body::Valid;
use crate::http::reply::Reply;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(create_token).service(delete_current_token);
}

/// Sign in, or refresh
///
/// The access token is good for ten minutes, the refresh token for one refresh. When the answer got lost, the same
/// refresh token works again within 30 seconds, as long as the one in the lost answer was not used. Otherwise one
/// that comes a second time ends the session: somebody has a copy. Tokens are never stored, so an
/// `Idempotency-Key` is ignored.
#[utoipa::path(request_body = TokenRequest, responses((status = 201, description = "The tokens", body = TokenPair)))]
#[post("/auth/tokens")]
async fn create_token(ctx: Ctx, body: Valid<TokenRequest>) -> Result<Reply> {
    Reply::with(StatusCode::CREATED, &actions::create_token(&ctx, body.0).await?)
}

/// Sign out
///
/// Ends the session with all its tokens.
#[utoipa::path(responses((status = 204, description = "Signed out")))]
#[delete("/auth/tokens/current")]
async fn delete_current_token(ctx: Ctx) -> Result<Reply> {
    actions::delete_current_token(&ctx).await.map(|()| Reply::no_content())
}
