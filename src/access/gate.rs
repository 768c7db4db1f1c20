//! The gate before every operation: who asks, and whether they have asked too often.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, web};

use super::caller::Caller;
use super::limits::Payer;
use super::office::Office;
use crate::base::error::{Error, INVALID_TOKEN, Result};
use crate::http::client;

/// The middleware. Handlers find the caller in their `Ctx`.
pub async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match admit(&request).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Err(error) => Ok(request.error_response(error)),
    }
}

async fn admit(request: &ServiceRequest) -> Result<Caller> {
    let missing = || Error::internal("the application was put together without its office");
    let office = request.app_data::<web::Data<Office>>().ok_or_else(missing)?;
    let token = bearer(request)?;
    if let Some(caller) = token.map(|token| office.tokens.known(token)).transpose()?.flatten() {
        if let Some(account) = caller.account() {
            spend(request, office, Payer::Account(account)).await?;
        }
        return Ok(caller);
    }
    // Before a signature is checked, which costs more than most answers.
    let peer = request.peer_addr().map(|peer| peer.ip());
    if let Some(client) = client::address(peer, request.headers(), &office.proxies) {
        spend(request, office, Payer::Client(client)).await?;
    }
    match token {
        Some(token) => {
            if office.tokens.should_learn(token) {
                office.tokens.learn_keys(&mut *office.pool.get().await?).await?;
            }
            office.tokens.check(token)
        }
        None => Ok(Caller::Anyone),
    }
}

async fn spend(request: &ServiceRequest, office: &Office, payer: Payer) -> Result<()> {
    let Some((budget, may)) = office.limits.spend(&office.pool, payer).await else { return Ok(()) };
    request.extensions_mut().insert(budget);
    match may {
        true => Ok(()),
        false => Err(Error::too_many(i64::from(budget.reset))),
    }
}

fn bearer(request: &ServiceRequest) -> Result<Option<&str>> {
    let Some(header) = request.headers().get(AUTHORIZATION) else {
        return Ok(None);
    };
    let (scheme, token) = header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(INVALID_TOKEN)?;
    match scheme.eq_ignore_ascii_case("bearer") {
        true => Ok(Some(token.trim())),
        false => Err(INVALID_TOKEN.into()),
    }
}
