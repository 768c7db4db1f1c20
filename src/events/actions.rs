//! What is done with events: drafted, changed, taken from step to step, listed.

use serde_json::json;

use super::form::{Audience, AudienceKind};
use super::model::{Availability, Event, EventFilter, EventPatch, NewEvent, Status, StepBody};
use super::{registration, store};
use crate::access::policy::Act;
use crate::access::tx::Tx;
use crate::base::error::{Error, Fault, NOT_FOUND, Result, Unmet};
use crate::base::ids::{EventId, OrganizationId};
use crate::base::local::instants;
use crate::base::page::{Page, PageRequest};
use crate::base::scope::Scope;
use crate::base::state::{Step, Word as _};
use crate::http::reply::Resource as _;
use crate::journal::Change;
use crate::slice::Placed;
use crate::{colleges, organizations};

/// Drafts an event for an organization.
pub async fn create_event(tx: &mut Tx, host: OrganizationId, new: &NewEvent) -> Result<Event> {
    organizations::require_visible(tx, host).await?;
    let place = organizations::place(tx, host).await?;
    let permit = tx.require(Act::CreateEvent, &place).await?;
    let times = instants(new.starts_local, new.ends_local, &new.time_zone)?;
    check_audience(tx, &new.audience).await?;
    let id = tx.id();
    store::insert(tx, permit, id, host, new, times).await?;
    tx.record(Change::new("event.created", "event", id).facts(json!({"kind": new.kind, "organization_id": host})));
    store::event(tx, id).await
}

pub(super) async fn list_events(tx: &mut Tx, filter: &EventFilter, page: &PageRequest) -> Result<Page<Event>> {
    let reach = tx.reach(Act::ListEvents).await?;
    store::list(tx, filter, &reach, page).await
}

/// An event that the caller may see: published ones everybody, drafts those whose grants cover them.
pub async fn read_event(tx: &mut Tx, id: EventId) -> Result<Event> {
    let event = store::event(tx, id).await?;
    require_sight(tx, &event).await?;
    Ok(event)
}

pub(super) async fn read_availability(tx: &mut Tx, id: EventId) -> Result<Availability> {
    let (event, seats) = store::event_with_seats(tx, id).await?;
    require_sight(tx, &event).await?;
    let closed = registration::closed(&event, &seats, tx.now());
    Ok(Availability {
        capacity: seats.capacity,
        seats_taken: seats.seats_taken,
        waiting: seats.waiting,
        open: closed.is_none(),
        closed_reason: closed.map(|refusal| refusal.code),
    })
}

pub(super) async fn update_event(tx: &mut Tx, id: EventId, patch: &EventPatch) -> Result<Event> {
    let before = store::lock(tx, id).await?;
    require_sight(tx, &before).await?;
    let place = place(tx, &before).await?;
    let permit = tx.require(Act::UpdateEvent, &place).await?;
    tx.check_version(&before.version_tag())?;
    before.check_changeable()?;
    if let Some(audience) = &patch.audience {
        check_audience(tx, audience).await?;
    }
    let zone = patch.time_zone.as_ref().unwrap_or(&before.time_zone);
    let starts = patch.starts_local.unwrap_or(before.starts_local);
    let times = instants(starts, patch.ends_local.unwrap_or(before.ends_local), zone)?;
    let fields = tx.fields.clone();
    tx.record(Change::new("event.updated", "event", id).fields(fields));
    store::update(tx, permit, id, patch, times).await?;
    store::update_seats(tx, permit, id, patch.capacity, patch.waitlist).await?;
    if patch.capacity.is_some() {
        // More seats are for those who wait, in their order; fewer must not shut them in.
        registration::promote(tx, permit, id).await?;
        registration::check_queue(tx, id).await?;
    }
    store::event(tx, id).await
}

/// Takes an event to a state; doing what is done changes nothing.
pub async fn step_event(tx: &mut Tx, id: EventId, to: Status, body: &StepBody) -> Result<Event> {
    let before = store::lock(tx, id).await?;
    require_sight(tx, &before).await?;
    let place = place(tx, &before).await?;
    let permit = tx.require(act(to)?, &place).await?;
    tx.check_version(&before.version_tag())?;
    if before.status.step(to)? == Step::Done {
        return Ok(before);
    }
    before.gate(to, tx.now())?;
    if to == Status::Published {
        require_active_host(tx, before.organization_id).await?;
    }
    let mut facts = json!({"from": before.status.as_str(), "to": to.as_str()});
    if let (Some(on), Some(facts)) = (body.on, facts.as_object_mut()) {
        facts.insert("on".to_owned(), json!(on));
    }
    let reason = body.reason.clone().map(String::from);
    tx.record(Change::new(to.reached(), "event", id).facts(facts).reason(reason));
    store::set_status(tx, permit, id, to, body.reason.as_deref()).await?;
    store::event(tx, id).await
}

/// 422 for an audience of colleges or classes that do not exist: nobody could ever come.
async fn check_audience(tx: &mut Tx, audience: &Audience) -> Result<()> {
    let ids = audience.ids();
    let found = match audience.kind {
        AudienceKind::College => colleges::count_colleges(tx, &ids).await?,
        AudienceKind::ClassGroup => colleges::count_class_groups(tx, &ids).await?,
        AudienceKind::Open | AudienceKind::GraduationYear => return Ok(()),
    };
    match found == ids.len() {
        true => Ok(()),
        false => Err(Fault::new("/audience/values", "not_found").into()),
    }
}

fn act(to: Status) -> Result<Act> {
    match to {
        Status::Submitted => Ok(Act::SubmitEvent),
        Status::Returned => Ok(Act::ReturnEvent),
        Status::Approved => Ok(Act::ApproveEvent),
        Status::Published => Ok(Act::PublishEvent),
        Status::Cancelled => Ok(Act::CancelEvent),
        Status::Completed => Ok(Act::CompleteEvent),
        Status::Draft => Err(Error::internal("no step leads back to a draft")),
    }
}

async fn require_active_host(tx: &mut Tx, host: OrganizationId) -> Result<()> {
    let status = organizations::status_of(tx, host).await?;
    match status == organizations::Status::Active {
        true => Ok(()),
        false => Err(Error::unmet(vec![Unmet {
            code: "organization_active",
            need: json!("active"),
            have: json!(status.as_str()),
        }])),
    }
}

/// Where an event lies: which grants cover it.
pub async fn place(tx: &mut Tx, event: &Event) -> Result<Vec<Scope>> {
    let mut place = organizations::place(tx, event.organization_id).await?;
    place.push(Scope::Event(event.id));
    Ok(place)
}

/// 404 for an event that the caller may not see.
pub async fn require_sight(tx: &mut Tx, event: &Event) -> Result<()> {
    if event.published_at.is_some() {
        return Ok(());
    }
    let place = place(tx, event).await?;
    match tx.may(Act::ReadEvent, &place).await? {
        true => Ok(()),
        false => Err(NOT_FOUND.into()),
    }
}

/// An event for an act: a published one everybody reads, and whoever is a person may ask for a seat of their own.
pub(super) async fn locate(tx: &mut Tx, act: Act, id: EventId) -> Result<Placed> {
    let event = read_event(tx, id).await?;
    let open = match act {
        Act::ReadEvent | Act::ReadAvailability => event.published_at.is_some(),
        Act::CreateRegistration => tx.person().await?.is_some(),
        _ => false,
    };
    Ok(Placed { place: place(tx, &event).await?, open })
}
