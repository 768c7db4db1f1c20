//! The operation that explains.

use actix_web::{get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{Explanation, Question};
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::http::query::Asked;
use crate::http::reply::Reply;
use crate::slice::Places;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(read_explanation);
}

/// Explain access
///
/// The grants that allow an action, or which roles would, and where. It speaks of who may, not of the state a thing
/// is in. What you may not see is 404 here too.
#[utoipa::path(params(Question), responses((status = 200, description = "Why, or what is missing", body = Explanation)))]
#[get("/access/explanation")]
async fn read_explanation(ctx: Ctx, question: Asked<Question>, places: web::Data<Places>) -> Result<Reply> {
    Reply::ok(&ctx.read(async |tx| actions::read_explanation(tx, &places.0, question.0).await).await?)
}
