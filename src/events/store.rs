//! The SQL of events.

use chrono::{DateTime, Utc};
use diesel::dsl::{Eq, InnerJoinOn, IntoBoxed};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::model::{CAPACITY_TAKEN, Event, EventFilter, EventPatch, NewEvent, Seats, Sort, Status};
use crate::access::caller::Reach;
use crate::access::tx::{Permit, Tx};
use crate::base::error::{Fault, NOT_FOUND, Result};
use crate::base::ids::{EventId, OrganizationId};
use crate::base::page::{Page, PageRequest};
use crate::db::{OnConstraint as _, OrRefuse as _, containing, total};
use crate::organizations;
use crate::schema::{event_seats, events, organization_ancestors as ancestors};

/// When an event starts and ends.
pub type Instants = (DateTime<Utc>, DateTime<Utc>);

pub async fn insert(
    tx: &mut Tx,
    _: Permit,
    id: EventId,
    host: OrganizationId,
    new: &NewEvent,
    (starts_at, ends_at): Instants,
) -> Result<()> {
    let now = tx.now();
    let made = (
        events::id.eq(id),
        events::organization_id.eq(host),
        events::starts_at.eq(starts_at),
        events::ends_at.eq(ends_at),
        events::status.eq(Status::Draft),
        events::created_at.eq(now),
        events::updated_at.eq(now),
    );
    diesel::insert_into(events::table).values((new, made)).execute(&mut **tx).await?;
    let seats =
        (event_seats::event_id.eq(id), event_seats::capacity.eq(new.capacity), event_seats::waitlist.eq(new.waitlist));
    diesel::insert_into(event_seats::table).values(seats).execute(&mut **tx).await?;
    Ok(())
}

pub async fn event(tx: &mut Tx, id: EventId) -> Result<Event> {
    let row = events::table.inner_join(event_seats::table.on(event_seats::event_id.eq(events::id)));
    row.filter(events::id.eq(id)).select(Event::as_select()).first(&mut **tx).await.or_refuse(NOT_FOUND)
}

/// An event with its hot row as it is now, without a lock.
pub async fn event_with_seats(tx: &mut Tx, id: EventId) -> Result<(Event, Seats)> {
    let row = events::table.inner_join(event_seats::table.on(event_seats::event_id.eq(events::id)));
    let columns = (Event::as_select(), Seats::as_select());
    row.filter(events::id.eq(id)).select(columns).first(&mut **tx).await.or_refuse(NOT_FOUND)
}

/// The event, locked for a change. Its key stays, and a registration that refers to it need not wait: one that holds
/// the hot row while this waits for that row would be a deadlock.
pub async fn lock(tx: &mut Tx, id: EventId) -> Result<Event> {
    let locked = events::table.find(id).select(events::id).for_no_key_update().first::<EventId>(&mut **tx).await;
    event(tx, locked.or_refuse(NOT_FOUND)?).await
}

pub async fn update(
    tx: &mut Tx,
    _: Permit,
    id: EventId,
    patch: &EventPatch,
    (starts_at, ends_at): Instants,
) -> Result<()> {
    let now = tx.now();
    let made = (
        events::starts_at.eq(starts_at),
        events::ends_at.eq(ends_at),
        events::version.eq(events::version + 1),
        events::updated_at.eq(now),
    );
    diesel::update(events::table.find(id)).set((patch, made)).execute(&mut **tx).await.on_constraint(
        "events_registration_times_check",
        Fault::new("/registration_closes_at", "closes_before_opening"),
    )?;
    Ok(())
}

/// Changes the hot row; 409 when fewer seats are asked for than are taken.
pub async fn update_seats(
    tx: &mut Tx,
    _: Permit,
    id: EventId,
    capacity: Option<Option<i32>>,
    waitlist: Option<bool>,
) -> Result<()> {
    if let Some(capacity) = capacity {
        let row = diesel::update(event_seats::table.find(id)).set(event_seats::capacity.eq(capacity));
        row.execute(&mut **tx).await.on_constraint("event_seats_taken_check", CAPACITY_TAKEN)?;
    }
    if let Some(waitlist) = waitlist {
        let row = diesel::update(event_seats::table.find(id)).set(event_seats::waitlist.eq(waitlist));
        row.execute(&mut **tx).await?;
    }
    Ok(())
}

pub async fn set_status(tx: &mut Tx, _: Permit, id: EventId, status: Status, reason: Option<&str>) -> Result<()> {
    let now = tx.now();
    let changes = (
        events::status.eq(status),
        events::status_reason.eq(reason),
        events::version.eq(events::version + 1),
        events::updated_at.eq(now),
    );
    let published = (status == Status::Published).then_some(events::published_at.eq(now));
    diesel::update(events::table.find(id)).set((changes, published)).execute(&mut **tx).await?;
    let claims = event_seats::takes_claims.eq(status == Status::Published);
    diesel::update(event_seats::table.find(id)).set(claims).execute(&mut **tx).await?;
    Ok(())
}

type WithSeats = InnerJoinOn<events::table, event_seats::table, Eq<event_seats::event_id, events::id>>;

fn matching<'a>(filter: &'a EventFilter, reach: &'a Reach) -> IntoBoxed<'a, WithSeats, Pg> {
    let joined = events::table.inner_join(event_seats::table.on(event_seats::event_id.eq(events::id)));
    let mut query = joined.into_boxed();
    if reach.is_empty() {
        // Nothing beside it: so the index of published events answers alone.
        query = query.filter(events::published_at.is_not_null());
    } else if !reach.all {
        let governed = organizations::governed_by(reach);
        let granted = events::organization_id.eq_any(governed).or(events::id.eq_any(&reach.events));
        query = query.filter(events::published_at.is_not_null().or(granted));
    }
    if !filter.organization_id.is_empty() {
        let below = ancestors::table
            .filter(ancestors::ancestor_id.eq_any(&filter.organization_id))
            .select(ancestors::organization_id);
        query = match filter.descendants {
            true => query.filter(events::organization_id.eq_any(below)),
            false => query.filter(events::organization_id.eq_any(&filter.organization_id)),
        };
    }
    if !filter.kind.is_empty() {
        query = query.filter(events::kind.eq_any(&filter.kind));
    }
    if !filter.status.is_empty() {
        query = query.filter(events::status.eq_any(&filter.status));
    }
    if let Some(from) = filter.from {
        query = query.filter(events::starts_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(events::starts_at.lt(to));
    }
    if let Some(part) = &filter.q {
        let pattern = containing(part);
        query = query.filter(events::title.ilike(pattern.clone()).or(events::title_en.ilike(pattern)));
    }
    query
}

pub async fn list(tx: &mut Tx, filter: &EventFilter, reach: &Reach, page: &PageRequest) -> Result<Page<Event>> {
    let mut query = matching(filter, reach);
    // The first condition alone is one that an index can begin at; the second is exact.
    query = match (filter.sort, page.after::<(DateTime<Utc>, EventId)>()?) {
        (Sort::Earliest, Some((at, id))) => query
            .filter(events::starts_at.ge(at))
            .filter(events::starts_at.gt(at).or(events::starts_at.eq(at).and(events::id.gt(id)))),
        (Sort::Latest, Some((at, id))) => query
            .filter(events::starts_at.le(at))
            .filter(events::starts_at.lt(at).or(events::starts_at.eq(at).and(events::id.lt(id)))),
        (_, None) => query,
    };
    query = match filter.sort {
        Sort::Earliest => query.order((events::starts_at, events::id)),
        Sort::Latest => query.order((events::starts_at.desc(), events::id.desc())),
    };
    let rows: Vec<Event> = query.limit(page.fetch()).select(Event::as_select()).load(&mut **tx).await?;
    let total = total!(tx, page, matching(filter, reach), events::id);
    Ok(page.page(rows, |event| (event.starts_at, event.id))?.counted(total))
}
