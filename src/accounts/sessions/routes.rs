//! The operations on sessions.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{delete, get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{Session, TokenPair, TokenRequest};
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::base::page::{Page, PageParams};
use crate::http::body::Valid;
use crate::http::query::{Listing, NoFilter};
use crate::http::reply::Reply;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(create_token).service(delete_current_token).service(list_my_sessions).service(delete_my_session);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct SessionPath {
    /// The session.
    session: SessionId,
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

/// List my sessions
///
/// Where the account is signed in, the newest first.
#[utoipa::path(params(PageParams), responses((status = 200, description = "A page of sessions", body = Page<Session>)))]
#[get("/me/sessions")]
async fn list_my_sessions(ctx: Ctx, list: Listing<NoFilter>) -> Result<Reply> {
    Reply::ok(&ctx.read(async |tx| actions::list_my_sessions(tx, &list.page).await).await?)
}

/// End one of my sessions
///
/// With all its tokens, at once.
#[utoipa::path(params(SessionPath), responses((status = 204, description = "Ended")))]
#[delete("/me/sessions/{session}")]
async fn delete_my_session(ctx: Ctx, path: Path<SessionPath>) -> Result<Reply> {
    actions::delete_my_session(&ctx, path.session).await.map(|()| Reply::no_content())
}
