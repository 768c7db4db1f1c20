//! The operations on organizations.

use actix_web::web::Path;
use actix_web::{get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{NewOrganization, NewTransition, Organization, OrganizationFilter, OrganizationPatch, Transition};
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::base::ids::OrganizationId;
use crate::base::page::{Page, PageParams};
use crate::http::body::Valid;
use crate::http::query::{Listing, NoFilter};
use crate::http::reply::Reply;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_organizations)
        .service(create_organization)
        .service(read_organization)
        .service(update_organization)
        .service(create_transition)
        .service(list_transitions);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OrganizationPath {
    /// The organization.
    organization: OrganizationId,
}

/// List organizations
///
/// Active ones for everybody, the others for those whose grants cover them. Both axes in one question:
/// all below a branch, all in Beijing, all of one college.
#[utoipa::path(params(OrganizationFilter, PageParams), responses((status = 200, description = "A page of organizations", body = Page<Organization>)))]
#[get("/organizations")]
async fn list_organizations(ctx: Ctx, list: Listing<OrganizationFilter>) -> Result<Reply> {
    let page = ctx.read(async |tx| actions::list_organizations(tx, &list.filter, &list.page).await).await?;
    Ok(Reply::ok(&page)?.public_unless(ctx.signed_in()))
}

/// Apply for an organization
///
/// It starts in `preparing`; transitions take it through its life.
#[utoipa::path(request_body = NewOrganization, responses((status = 201, description = "The new organization", body = Organization)))]
#[post("/organizations")]
async fn create_organization(ctx: Ctx, body: Valid<NewOrganization>) -> Result<Reply> {
    ctx.write(async |tx| Reply::created(&actions::create_organization(tx, &body.0).await?)).await
}

/// Read an organization
///
/// Active ones are public.
#[utoipa::path(params(OrganizationPath), responses((status = 200, description = "The organization", body = Organization)))]
#[get("/organizations/{organization}")]
async fn read_organization(ctx: Ctx, path: Path<OrganizationPath>) -> Result<Reply> {
    let organization = ctx.read(async |tx| actions::read_organization(tx, path.organization).await).await?;
    Ok(Reply::resource(&organization)?.public_unless(ctx.signed_in()))
}

/// Change an organization
///
/// Absent fields stay, null clears.
#[utoipa::path(params(OrganizationPath), request_body = OrganizationPatch, responses((status = 200, description = "The changed organization", body = Organization)))]
#[patch("/organizations/{organization}")]
async fn update_organization(ctx: Ctx, path: Path<OrganizationPath>, body: Valid<OrganizationPatch>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::update_organization(tx, path.organization, &body.0).await?)).await
}

/// Take a step of the lifecycle
///
/// Each step is a row: who, when, why, under which document. A step that is not allowed now is refused with
/// what is unmet.
#[utoipa::path(params(OrganizationPath), request_body = NewTransition, responses((status = 201, description = "The step", body = Transition)))]
#[post("/organizations/{organization}/transitions")]
async fn create_transition(ctx: Ctx, path: Path<OrganizationPath>, body: Valid<NewTransition>) -> Result<Reply> {
    ctx.write(async |tx| Reply::created(&actions::step_organization(tx, path.organization, &body.0).await?)).await
}

/// List the steps of a lifecycle
///
/// In the order in which they were taken.
#[utoipa::path(params(OrganizationPath, PageParams), responses((status = 200, description = "A page of steps", body = Page<Transition>)))]
#[get("/organizations/{organization}/transitions")]
async fn list_transitions(ctx: Ctx, path: Path<OrganizationPath>, list: Listing<NoFilter>) -> Result<Reply> {
    Reply::ok(&ctx.read(async |tx| actions::list_transitions(tx, path.organization, &list.page).await).await?)
}
