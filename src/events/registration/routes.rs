//! The operations on registrations.

use std::rc::Rc;

use actix_web::web::{Path, ThinData};
use actix_web::{delete, get, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::routes::EventPath;
use super::actions::{self, Desk};
use super::model::{NewRegistration, Registration, RegistrationFilter};
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::base::ids::RegistrationId;
use crate::base::page::{Page, PageParams};
use crate::http::body::Valid;
use crate::http::query::{Listing, NoFilter};
use crate::http::reply::Reply;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .app_data(ThinData(Rc::<Desk>::default()))
        .service(create_registration)
        .service(list_registrations)
        .service(read_registration)
        .service(delete_registration)
        .service(list_my_registrations);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct RegistrationPath {
    /// The registration.
    registration: RegistrationId,
}

/// Register for an event
///
/// Oneself; organizers also somebody else or a guest. The answer says whether there are seats (`confirmed`, with
/// the ticket) or a place in the queue (`waitlisted`).
#[utoipa::path(params(EventPath), request_body = NewRegistration, responses((status = 201, description = "The registration", body = Registration)))]
#[post("/events/{event}/registrations")]
async fn create_registration(
    ctx: Ctx,
    desk: ThinData<Rc<Desk>>,
    path: Path<EventPath>,
    body: Valid<NewRegistration>,
) -> Result<Reply> {
    actions::register(&ctx, &desk, path.event, &body.0).await
}

/// List an event's registrations
///
/// For its organizers, in the order in which they were made.
#[utoipa::path(params(EventPath, RegistrationFilter, PageParams), responses((status = 200, description = "A page of registrations", body = Page<Registration>)))]
#[get("/events/{event}/registrations")]
async fn list_registrations(ctx: Ctx, path: Path<EventPath>, list: Listing<RegistrationFilter>) -> Result<Reply> {
    Reply::ok(&ctx.read(async |tx| actions::list_registrations(tx, path.event, &list.filter, &list.page).await).await?)
}

/// Read a registration
///
/// One's own, or one of an event that one organizes.
#[utoipa::path(params(RegistrationPath), responses((status = 200, description = "The registration", body = Registration)))]
#[get("/registrations/{registration}")]
async fn read_registration(ctx: Ctx, path: Path<RegistrationPath>) -> Result<Reply> {
    Reply::resource(&ctx.read(async |tx| actions::read_registration(tx, path.registration).await).await?)
}

/// Give a registration up
///
/// Frees the seats, or the place in the queue; the head of the queue moves up if it fits. Twice is as once.
#[utoipa::path(params(RegistrationPath), responses((status = 204, description = "Given up")))]
#[delete("/registrations/{registration}")]
async fn delete_registration(ctx: Ctx, path: Path<RegistrationPath>) -> Result<Reply> {
    ctx.write(async |tx| actions::withdraw(tx, path.registration).await.map(|()| Reply::no_content())).await
}

/// List my registrations
///
/// In the order in which they were made.
#[utoipa::path(params(PageParams), responses((status = 200, description = "A page of registrations", body = Page<Registration>)))]
#[get("/me/registrations")]
async fn list_my_registrations(ctx: Ctx, list: Listing<NoFilter>) -> Result<Reply> {
    Reply::ok(&ctx.read(async |tx| actions::list_my_registrations(tx, &list.page).await).await?)
}
