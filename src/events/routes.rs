//! The operations on events.

use actix_web::web::Path;
use actix_web::{get, patch, post, put};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions;
use super::model::{Availability, Event, EventFilter, EventPatch, NewEvent, Status, StepBody};
use super::registration;
use crate::access::context::Ctx;
use crate::base::error::Result;
use crate::base::ids::{EventId, OrganizationId};
use crate::base::page::{Page, PageParams};
use crate::http::body::Valid;
use crate::http::query::Listing;
use crate::http::reply::Reply;

pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_events)
        .service(create_event)
        .service(read_event)
        .service(update_event)
        .service(submit_event)
        .service(return_event)
        .service(approve_event)
        .service(publish_event)
        .service(cancel_event)
        .service(complete_event)
        .service(read_availability)
        .configure(registration::routes::configure);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct EventPath {
    /// The event.
    pub event: EventId,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct HostPath {
    /// The organization that holds the event.
    organization: OrganizationId,
}

/// List events
///
/// Published ones for everybody, drafts for those whose grants cover them.
#[utoipa::path(params(EventFilter, PageParams), responses((status = 200, description = "A page of events", body = Page<Event>)))]
#[get("/events")]
async fn list_events(ctx: Ctx, list: Listing<EventFilter>) -> Result<Reply> {
    let page = ctx.read(async |tx| actions::list_events(tx, &list.filter, &list.page).await).await?;
    Ok(Reply::ok(&page)?.public_unless(ctx.signed_in()))
}

/// Draft an event
///
/// For an organization; it is submitted, approved and published by steps of their own.
#[utoipa::path(params(HostPath), request_body = NewEvent, responses((status = 201, description = "The draft", body = Event)))]
#[post("/organizations/{organization}/events")]
async fn create_event(ctx: Ctx, path: Path<HostPath>, body: Valid<NewEvent>) -> Result<Reply> {
    ctx.write(async |tx| Reply::created(&actions::create_event(tx, path.organization, &body.0).await?)).await
}

/// Read an event
///
/// Published ones are public.
#[utoipa::path(params(EventPath), responses((status = 200, description = "The event", body = Event)))]
#[get("/events/{event}")]
async fn read_event(ctx: Ctx, path: Path<EventPath>) -> Result<Reply> {
    let event = ctx.read(async |tx| actions::read_event(tx, path.event).await).await?;
    Ok(Reply::resource(&event)?.public_unless(ctx.signed_in()))
}

/// Change an event
///
/// Absent fields stay, null clears. More seats go to those who wait, in their order; fewer than are taken is refused.
#[utoipa::path(params(EventPath), request_body = EventPatch, responses((status = 200, description = "The changed event", body = Event)))]
#[patch("/events/{event}")]
async fn update_event(ctx: Ctx, path: Path<EventPath>, body: Valid<EventPatch>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::update_event(tx, path.event, &body.0).await?)).await
}

/// Submit an event
///
/// A draft, or one that was returned, goes to the office.
#[utoipa::path(params(EventPath), request_body = StepBody, responses((status = 200, description = "The submitted event", body = Event)))]
#[put("/events/{event}/submission")]
async fn submit_event(ctx: Ctx, path: Path<EventPath>, body: Valid<StepBody>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::step_event(tx, path.event, Status::Submitted, &body.0).await?)).await
}

/// Return an event
///
/// Back to its organizers, best with a reason.
#[utoipa::path(params(EventPath), request_body = StepBody, responses((status = 200, description = "The returned event", body = Event)))]
#[put("/events/{event}/return")]
async fn return_event(ctx: Ctx, path: Path<EventPath>, body: Valid<StepBody>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::step_event(tx, path.event, Status::Returned, &body.0).await?)).await
}

/// Approve an event
///
/// By the office; its organizers may then publish it.
#[utoipa::path(params(EventPath), request_body = StepBody, responses((status = 200, description = "The approved event", body = Event)))]
#[put("/events/{event}/approval")]
async fn approve_event(ctx: Ctx, path: Path<EventPath>, body: Valid<StepBody>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::step_event(tx, path.event, Status::Approved, &body.0).await?)).await
}

/// Publish an event
///
/// An approved one of an active organization, as long as it is not over.
#[utoipa::path(params(EventPath), request_body = StepBody, responses((status = 200, description = "The published event", body = Event)))]
#[put("/events/{event}/publication")]
async fn publish_event(ctx: Ctx, path: Path<EventPath>, body: Valid<StepBody>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::step_event(tx, path.event, Status::Published, &body.0).await?)).await
}

/// Cancel an event
///
/// It stays visible if it was published; nobody may register any more.
#[utoipa::path(params(EventPath), request_body = StepBody, responses((status = 200, description = "The cancelled event", body = Event)))]
#[put("/events/{event}/cancellation")]
async fn cancel_event(ctx: Ctx, path: Path<EventPath>, body: Valid<StepBody>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::step_event(tx, path.event, Status::Cancelled, &body.0).await?)).await
}

/// Complete an event
///
/// Once it has begun.
#[utoipa::path(params(EventPath), request_body = StepBody, responses((status = 200, description = "The completed event", body = Event)))]
#[put("/events/{event}/completion")]
async fn complete_event(ctx: Ctx, path: Path<EventPath>, body: Valid<StepBody>) -> Result<Reply> {
    ctx.write(async |tx| Reply::resource(&actions::step_event(tx, path.event, Status::Completed, &body.0).await?)).await
}

/// Read an event's availability
///
/// Seats, the queue, and whether one may register now.
#[utoipa::path(params(EventPath), responses((status = 200, description = "The availability", body = Availability)))]
#[get("/events/{event}/availability")]
async fn read_availability(ctx: Ctx, path: Path<EventPath>) -> Result<Reply> {
    Reply::ok(&ctx.read(async |tx| actions::read_availability(tx, path.event).await).await?)
}
