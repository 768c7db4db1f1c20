//! The SQL of registrations: seats are claimed for a set of parties by one conditional statement on a narrow row.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::super::model::CAPACITY_WAITED;
use super::model::{ALREADY_REGISTERED, Party, Registration, RegistrationFilter, Status};
use crate::access::tx::{Permit, Tx};
use crate::base::error::{Fault, NOT_FOUND, Result};
use crate::base::ids::{EventId, PersonId, RegistrationId};
use crate::base::page::{Page, PageRequest};
use crate::db::{Kept, OnConstraint as _, OrRefuse as _, total};
use crate::journal::Change;
use crate::people;
use crate::schema::{self, event_seats, registrations};

/// Takes seats for the parties in their order, or places in the queue, and stores the registrations.
///
/// A party that does not fit ends the seating for all behind it; while someone waits, everybody does. Without a
/// waitlist those who do not fit are not stored. The hot row is locked from here to the commit.
const CLAIM: &str = "
    with party as (
        select p.*, sum(size) over (order by ord) as upto
        from unnest($3, $4, $5, $6, $7, $8) with ordinality as p (id, person_id, guest_name, size, answers, ticket, ord)
    ), seats as (
        update event_seats s
        set (seats_taken, waiting, last_queue_no, last_seated) = (
            select s.seats_taken + coalesce(sum(p.size) filter (where p.fits), 0),
                s.waiting + case when s.waitlist then count(*) filter (where not p.fits) else 0 end,
                s.last_queue_no + case when s.waitlist then count(*) filter (where not p.fits) else 0 end,
                count(*) filter (where p.fits)
            from (select size, s.waiting = 0 and (s.capacity is null or s.seats_taken + upto <= s.capacity) as fits from party) p
        )
        where s.event_id = $1 and s.takes_claims
            and (s.waitlist or (s.waiting = 0 and (s.capacity is null or s.seats_taken + (select min(upto) from party) <= s.capacity)))
        returning s.last_seated, s.last_queue_no, s.waiting, s.waitlist
    ), placed as (
        select p.*, p.ord <= s.last_seated as seated, s.last_queue_no - ((select count(*) from party) - p.ord) as queue_no,
            s.waiting - ((select count(*) from party) - p.ord) as queue_position
        from party p, seats s
        where p.ord <= s.last_seated or s.waitlist
    ), stored as (
        insert into registrations (id, event_id, person_id, guest_name, party_size, answers, status, queue_no, ticket, created_at, updated_at)
        select id, $1, person_id, guest_name, size, answers, case when seated then 'confirmed' else 'waitlisted' end,
            case when not seated then queue_no end, ticket, $2, $2
        from placed
    )
    select id, case when not seated then queue_position end as queue_position from placed order by ord";

/// How a claim ended for one party.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Placed {
    /// Which party.
    #[diesel(sql_type = SqlUuid)]
    pub id: RegistrationId,
    /// Its place in the queue; none when it has its seats.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub queue_position: Option<i64>,
}

/// Claims seats for parties; those that are not in the answer found the event full.
pub async fn claim_seats(tx: &mut Tx, _: Permit, event: EventId, parties: &[Party]) -> Result<Vec<Placed>> {
    fn each<T>(parties: &[Party], of: impl Fn(&Party) -> T) -> Vec<T> {
        parties.iter().map(of).collect()
    }
    let claim = diesel::sql_query(CLAIM)
        .bind::<SqlUuid, _>(event)
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Array<SqlUuid>, _>(each(parties, |party| party.id))
        .bind::<Array<Nullable<SqlUuid>>, _>(each(parties, |party| party.person))
        .bind::<Array<Nullable<Text>>, _>(each(parties, |party| party.guest_name.clone()))
        .bind::<Array<Integer>, _>(each(parties, |party| party.size))
        .bind::<Array<Jsonb>, _>(each(parties, |party| party.answers.clone()))
        .bind::<Array<Text>, _>(each(parties, |party| party.ticket.clone()));
    Kept(claim)
        .load(&mut **tx)
        .await
        .on_constraint("registrations_one_live_key", ALREADY_REGISTERED)
        .on_constraint("registrations_person_fkey", Fault::new("/person_id", "not_found"))
}

/// Seats those at the head of the queue who fit, in order, and notes each. The hot row must be locked.
pub async fn promote(tx: &mut Tx, _: Permit, event: EventId) -> Result<()> {
    const BATCH: usize = 200;
    // One set-based statement: a window over the head of the queue stops at the first party that does not fit.
    const PROMOTE: &str = "
        with head as (
            select id, party_size, sum(party_size) over (order by queue_no) as upto
            from (select id, party_size, queue_no from registrations where event_id = $1 and queue_no is not null
                order by queue_no limit 200) q
        ), seated as (
            update registrations r set status = 'confirmed', queue_no = null, version = r.version + 1, updated_at = $2
            from head h, event_seats s
            where r.id = h.id and s.event_id = $1 and (s.capacity is null or s.seats_taken + h.upto <= s.capacity)
            returning r.id, r.party_size
        ), counted as (
            update event_seats set seats_taken = seats_taken + (select coalesce(sum(party_size), 0) from seated),
                waiting = waiting - (select count(*) from seated)
            where event_id = $1 and exists (select from seated)
        )
        select id from seated";
    #[derive(QueryableByName)]
    struct Seated {
        #[diesel(sql_type = SqlUuid)]
        id: RegistrationId,
    }
    loop {
        let promote = diesel::sql_query(PROMOTE).bind::<SqlUuid, _>(event).bind::<Timestamptz, _>(tx.now());
        let seated: Vec<Seated> = Kept(promote).load(&mut **tx).await?;
        for Seated { id } in &seated {
            tx.record(Change::new("registration.promoted", "registration", *id));
        }
        if seated.len() < BATCH {
            return Ok(());
        }
    }
}

/// 409 when a party waits that is larger than the whole capacity. The hot row must be locked.
pub async fn check_queue(tx: &mut Tx, event: EventId) -> Result<()> {
    let waits = registrations::table
        .inner_join(event_seats::table.on(event_seats::event_id.eq(registrations::event_id)))
        .filter(registrations::event_id.eq(event).and(registrations::queue_no.is_not_null()))
        .filter(event_seats::capacity.lt(registrations::party_size.nullable()))
        .select(registrations::id);
    match diesel::select(diesel::dsl::exists(waits)).get_result::<bool>(&mut **tx).await? {
        false => Ok(()),
        true => Err(CAPACITY_WAITED.into()),
    }
}

/// Locks an event's hot row: before any of its registrations, so that nobody waits in a circle.
pub async fn lock_seats(tx: &mut Tx, event: EventId) -> Result<()> {
    let row = event_seats::table.find(event).select(event_seats::event_id).for_update();
    row.first::<EventId>(&mut **tx).await.or_refuse(NOT_FOUND)?;
    Ok(())
}

/// Gives up a live registration and what it held. The hot row must be locked.
pub async fn withdraw(tx: &mut Tx, _: Permit, before: &Row) -> Result<()> {
    let now = tx.now();
    let changes = (
        registrations::status.eq(Status::Withdrawn),
        registrations::queue_no.eq(None::<i64>),
        registrations::version.eq(registrations::version + 1),
        registrations::updated_at.eq(now),
    );
    diesel::update(registrations::table.find(before.id)).set(changes).execute(&mut **tx).await?;
    let seats = event_seats::table.find(before.event_id);
    match before.status {
        Status::Confirmed => {
            let freed = event_seats::seats_taken.eq(event_seats::seats_taken - before.party_size);
            diesel::update(seats).set(freed).execute(&mut **tx).await?;
        }
        Status::Waitlisted => {
            diesel::update(seats).set(event_seats::waiting.eq(event_seats::waiting - 1)).execute(&mut **tx).await?;
        }
        Status::Withdrawn => (),
    }
    Ok(())
}

/// A registration as stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = registrations)]
pub struct Row {
    pub id: RegistrationId,
    pub event_id: EventId,
    pub person_id: Option<PersonId>,
    pub guest_name: Option<String>,
    pub party_size: i32,
    pub answers: Value,
    pub status: Status,
    pub queue_no: Option<i64>,
    pub ticket: String,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

pub async fn row(tx: &mut Tx, id: RegistrationId) -> Result<Row> {
    registrations::table.find(id).select(Row::as_select()).first(&mut **tx).await.or_refuse(NOT_FOUND)
}

/// What a person is called, and how their last registration for an event stands if they ever had one; 422 for nobody.
pub async fn newcomer(tx: &mut Tx, event: EventId, person: PersonId) -> Result<(String, Option<Status>)> {
    use schema::people;
    let theirs = registrations::person_id.eq(people::id.nullable()).and(registrations::event_id.eq(event));
    // A live one before those that were given up.
    let query = people::table
        .left_join(registrations::table.on(theirs))
        .filter(people::id.eq(person))
        .order((registrations::status.eq(Status::Withdrawn), registrations::id))
        .select((people::name, registrations::status.nullable()));
    query.first(&mut **tx).await.optional()?.ok_or_else(|| Fault::new("/person_id", "not_found").into())
}

/// A registration with its name and its place in the queue.
pub async fn registration(tx: &mut Tx, id: RegistrationId) -> Result<Registration> {
    let row = row(tx, id).await?;
    let mut shown = show(tx, vec![row]).await?;
    shown.pop().ok_or_else(|| NOT_FOUND.into())
}

fn of_event(event: EventId, filter: &RegistrationFilter) -> registrations::BoxedQuery<'_, Pg> {
    let query = registrations::table.filter(registrations::event_id.eq(event)).into_boxed();
    match filter.status.is_empty() {
        true => query,
        false => query.filter(registrations::status.eq_any(&filter.status)),
    }
}

pub async fn list(
    tx: &mut Tx,
    event: EventId,
    filter: &RegistrationFilter,
    page: &PageRequest,
) -> Result<Page<Registration>> {
    let mut query = of_event(event, filter);
    if let Some(id) = page.after::<RegistrationId>()? {
        query = query.filter(registrations::id.gt(id));
    }
    let rows = query.order(registrations::id).limit(page.fetch()).select(Row::as_select()).load(&mut **tx).await?;
    let rows = show(tx, rows).await?;
    let total = total!(tx, page, of_event(event, filter), registrations::id);
    Ok(page.page(rows, |registration| registration.id)?.counted(total))
}

pub async fn list_of_person(tx: &mut Tx, person: PersonId, page: &PageRequest) -> Result<Page<Registration>> {
    let all = || registrations::table.filter(registrations::person_id.eq(person)).into_boxed::<Pg>();
    let mut query = all();
    if let Some(id) = page.after::<RegistrationId>()? {
        query = query.filter(registrations::id.gt(id));
    }
    let rows = query.order(registrations::id).limit(page.fetch()).select(Row::as_select()).load(&mut **tx).await?;
    let rows = show(tx, rows).await?;
    let total = total!(tx, page, all(), registrations::id);
    Ok(page.page(rows, |registration| registration.id)?.counted(total))
}

/// Names and places in the queue for a page of rows, in two queries however many there are.
async fn show(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<Registration>> {
    let of_people: Vec<PersonId> = rows.iter().filter_map(|row| row.person_id).collect();
    let names = people::names(tx, &of_people).await?;
    let waiting: Vec<RegistrationId> = rows.iter().filter(|row| row.queue_no.is_some()).map(|row| row.id).collect();
    let places = if waiting.is_empty() { vec![] } else { queue_positions(tx, &waiting).await? };
    let shown = rows.into_iter().map(|row| {
        let known = names.iter().find(|(id, _)| Some(*id) == row.person_id).map(|(_, name)| name.clone());
        let place = places.iter().find(|place| place.id == row.id).and_then(|place| place.queue_position);
        Registration {
            id: row.id,
            event_id: row.event_id,
            person_id: row.person_id,
            name: known.or_else(|| row.guest_name.clone()).unwrap_or_default(),
            guest_name: row.guest_name,
            party_size: row.party_size,
            answers: row.answers,
            ticket: (row.status == Status::Confirmed).then_some(row.ticket),
            status: row.status,
            queue_position: place,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    });
    Ok(shown.collect())
}

async fn queue_positions(tx: &mut Tx, ids: &[RegistrationId]) -> Result<Vec<Placed>> {
    // Ranks need a window over each queue, which the DSL has no words for.
    const POSITIONS: &str = "
        select id, queue_position from (
            select id, row_number() over (partition by event_id order by queue_no) as queue_position
            from registrations
            where queue_no is not null and event_id in (select event_id from registrations where id = any($1))
        ) q where id = any($1)";
    Ok(Kept(diesel::sql_query(POSITIONS).bind::<Array<SqlUuid>, _>(ids.to_vec())).load(&mut **tx).await?)
}
