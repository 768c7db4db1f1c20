//! What is done with registrations: made, listed, given up.

use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::super::actions::{place, require_sight};
use super::super::form::{check_answers, invited};
use super::super::model::Event;
use super::super::store::event_with_seats;
use super::model::{
    ALREADY_REGISTERED, Ask, EVENT_FULL, NOT_IN_AUDIENCE, NewRegistration, Party, Registration, RegistrationFilter,
    Status, check_party, full, takes_place, window,
};
use super::store;
use crate::access::caller::Caller;
use crate::access::context::Ctx;
use crate::access::office::Office;
use crate::access::policy::Act;
use crate::access::together::Together;
use crate::access::tokens;
use crate::access::tx::{Permit, Tx, in_time};
use crate::base::error::{NOT_FOUND, Refusal, Result, UNAVAILABLE};
use crate::base::ids::{EventId, PersonId, RegistrationId};
use crate::base::page::{Page, PageRequest};
use crate::http::idempotency::{self, KEY_REQUIRED};
use crate::http::reply::{Reply, Resource as _};
use crate::journal::Change;
use crate::people;
use crate::slice::Placed;

/// Where people queue for events.
pub type Desk = Together<EventId, Ask, Reply>;

/// Registers the caller, or, by an organizer's hand, somebody else. Who comes while others are being registered for
/// the same event is registered together with others.
pub(super) async fn register(ctx: &Ctx, desk: &Rc<Desk>, event: EventId, new: &NewRegistration) -> Result<Reply> {
    let key = ctx.key()?.ok_or(KEY_REQUIRED)?;
    let looked = ctx.read(async |tx| match prepare(tx, event, new).await {
        Ok(looked) => Ok(Ok(looked)),
        // What was done before is answered as before, whatever has become of the event since.
        Err(refusal) => idempotency::claim(tx, &key).await?.ok_or(refusal).map(Err),
    });
    let (party, name, permit) = match looked.await? {
        Ok(Looked::Comes(party, name, permit)) => (party, name, permit),
        Ok(Looked::TooLate(refusal)) => return Err(refusal.into()),
        Err(replayed) => return Ok(replayed),
    };
    let (office, origin) = (ctx.office.clone(), ctx.origin());
    let serve = async move |asks: Vec<Ask>| seat(&office, event, &asks).await;
    desk.ask(event, Ask { party, name, permit, key, origin }, serve).await
}

/// What reading tells of a party.
enum Looked {
    /// It may come; what it is called.
    Comes(Party, String, Permit),
    /// Whoever it is for never was registered, and now it is too late.
    TooLate(Refusal),
}

/// Reads, without a lock, whether this party may come.
async fn prepare(tx: &mut Tx, event: EventId, new: &NewRegistration) -> Result<Looked> {
    let (event, seats) = event_with_seats(tx, event).await?;
    require_sight(tx, &event).await?;
    let (person, permit) = who(tx, &event, new).await?;
    check(&event, new)?;
    let (name, before) = match person {
        None => (new.guest_name.clone().map(String::from).unwrap_or_default(), None),
        Some(person) => store::newcomer(tx, event.id, person).await?,
    };
    if before.is_some_and(|status| status != Status::Withdrawn) {
        return Err(ALREADY_REGISTERED.into());
    }
    if !full(&seats) {
        return Ok(Looked::Comes(party(tx, person, new)?, name, permit));
    }
    // The many who come too late read, and never touch the hot row.
    let refusal = takes_place(&event, tx.now()).err().unwrap_or(EVENT_FULL);
    match person.is_some() && before.is_none() {
        true => Ok(Looked::TooLate(refusal)),
        false => Err(refusal.into()),
    }
}

/// Registers those who ask for one event, in their order: an outcome for each.
async fn seat(office: &Office, event: EventId, asks: &[Ask]) -> Vec<Result<Reply>> {
    let error = match in_time(seat_together(office, event, asks)).await {
        Ok(outcomes) => return outcomes,
        Err(error) => error,
    };
    let mut outcomes = vec![];
    if asks.len() > 1 && matches!(error.code(), Some("already_registered" | "key_in_flight" | "invalid_field")) {
        // One of them is at fault, and spoilt it for all.
        for ask in asks {
            let alone = in_time(seat_together(office, event, std::slice::from_ref(ask))).await;
            outcomes.extend(alone.unwrap_or_else(|error| vec![Err(error)]));
        }
        return outcomes;
    }
    outcomes.push(Err(error));
    outcomes.extend(asks.iter().skip(1).map(|_| Err(UNAVAILABLE.into())));
    outcomes
}

/// All in one transaction, each with its own idempotency key and journal entry.
async fn seat_together(office: &Office, event: EventId, asks: &[Ask]) -> Result<Vec<Result<Reply>>> {
    let mut tx = Tx::new(&office.pool, &office.clock, office.zone, Caller::System).await?;
    tx.begin().await?;
    match seated(&mut tx, event, asks).await {
        Ok(outcomes) => tx.commit().await.map(|()| outcomes),
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
}

async fn seated(tx: &mut Tx, event: EventId, asks: &[Ask]) -> Result<Vec<Result<Reply>>> {
    let keys: Vec<_> = asks.iter().map(|ask| &ask.key).collect();
    let claimed = idempotency::claim_all(tx, &keys).await?;
    let fresh = asks.iter().zip(&claimed).filter(|(_, claimed)| matches!(claimed, Ok(None)));
    let placed = place_all(tx, event, fresh.map(|(ask, _)| ask)).await?;
    let mut refusal = None;
    let mut outcomes = Vec::with_capacity(asks.len());
    for (ask, claimed) in asks.iter().zip(claimed) {
        let outcome = match (claimed, placed.get(&ask.party.id)) {
            (Ok(None), Some(queue_position)) => {
                let registration = ask.party.registration(event, &ask.name, *queue_position, tx.now());
                let facts = json!({"event_id": event, "party_size": ask.party.size, "to": registration.status});
                let change = Change::new("registration.created", "registration", registration.id);
                tx.record_for(ask.origin, change.facts(facts));
                Reply::created(&registration)
            }
            (Ok(None), None) => {
                if refusal.is_none() {
                    // It may have been cancelled while these waited for their turn.
                    let (event, _) = event_with_seats(tx, event).await?;
                    refusal = Some(takes_place(&event, tx.now()).err().unwrap_or(EVENT_FULL));
                }
                Err(refusal.unwrap_or(EVENT_FULL).into())
            }
            (Ok(Some(replayed)), _) => Ok(replayed),
            (Err(error), _) => Err(error),
        };
        outcomes.push(outcome);
    }
    let made = asks.iter().zip(&outcomes).filter_map(|(ask, outcome)| Some((&ask.key, outcome.as_ref().ok()?)));
    let made: Vec<_> = made.filter(|(_, reply)| !reply.replayed).collect();
    if !made.is_empty() {
        idempotency::store_all(tx, &made).await?;
    }
    Ok(outcomes)
}

/// Claims seats or places in the queue: for each party that found one, its place in the queue if it has to wait.
async fn place_all<'a>(
    tx: &mut Tx,
    event: EventId,
    asks: impl Iterator<Item = &'a Ask>,
) -> Result<HashMap<RegistrationId, Option<i64>>> {
    let mut placed = HashMap::new();
    let (mut left, permits): (Vec<Party>, Vec<Permit>) = asks.map(|ask| (ask.party.clone(), ask.permit)).unzip();
    let Some(permit) = permits.first().copied() else { return Ok(placed) };
    while !left.is_empty() {
        let found = store::claim_seats(tx, permit, event, &left).await?;
        placed.extend(found.into_iter().map(|one| (one.id, one.queue_position)));
        // Without a waitlist the first that does not fit ends the claim; a smaller one behind it may fit all the same.
        left.retain(|party| !placed.contains_key(&party.id));
        let too_large = left.first().map_or(0, |party| party.size);
        left.retain(|party| party.size < too_large);
    }
    Ok(placed)
}

/// Registers many by an organizer's hand, in their order, with one statement; gives back the registrations of those
/// who found a seat or a place in the queue.
pub async fn register_all(tx: &mut Tx, event: EventId, all: &[NewRegistration]) -> Result<Vec<RegistrationId>> {
    let (event, _) = event_with_seats(tx, event).await?;
    require_sight(tx, &event).await?;
    let permit = by_hand(tx, &event).await?;
    let mut parties = Vec::with_capacity(all.len());
    for new in all {
        check(&event, new)?;
        parties.push(party(tx, new.person_id, new)?);
    }
    claim(tx, permit, &event, &parties).await
}

/// Holds what is asked for against what the event allows.
fn check(event: &Event, new: &NewRegistration) -> Result<()> {
    check_party(event, new.party_size)?;
    check_answers(&event.questions.0, &new.answers)
}

fn party(tx: &Tx, person: Option<PersonId>, new: &NewRegistration) -> Result<Party> {
    Ok(Party {
        id: tx.id(),
        person,
        guest_name: new.guest_name.clone().map(String::from),
        size: new.party_size,
        answers: json!(new.answers),
        ticket: ticket()?,
    })
}

/// Claims seats and notes each registration that came of it.
async fn claim(tx: &mut Tx, permit: Permit, event: &Event, parties: &[Party]) -> Result<Vec<RegistrationId>> {
    // The answer has the parties in their order, less those who found no place.
    let mut asked = parties.iter();
    let mut made = vec![];
    for placed in store::claim_seats(tx, permit, event.id, parties).await? {
        let size = asked.find(|party| party.id == placed.id).map(|party| party.size);
        let status = if placed.queue_position.is_none() { Status::Confirmed } else { Status::Waitlisted };
        let facts = json!({"event_id": event.id, "party_size": size, "to": status});
        tx.record(Change::new("registration.created", "registration", placed.id).facts(facts));
        made.push(placed.id);
    }
    Ok(made)
}

/// For whom, with the permit. Oneself within the window and the audience; others by those who may.
async fn who(tx: &mut Tx, event: &Event, new: &NewRegistration) -> Result<(Option<PersonId>, Permit)> {
    let own = tx.person().await?;
    let other = new.guest_name.is_some() || (new.person_id.is_some() && new.person_id != own);
    if other {
        return Ok((new.person_id, by_hand(tx, event).await?));
    }
    let (person, permit) = tx.own().await?;
    window(event, tx.now())?;
    if !event.audience.values.is_empty() {
        let studies = people::studies(tx, person).await?;
        if !invited(&event.audience, &studies) {
            return Err(NOT_IN_AUDIENCE.into());
        }
    }
    Ok((Some(person), permit))
}

/// The permit of an organizer to register others: until the event is over, whomever it is for.
async fn by_hand(tx: &mut Tx, event: &Event) -> Result<Permit> {
    let place = place(tx, event).await?;
    let permit = tx.require(Act::CreateRegistration, &place).await?;
    takes_place(event, tx.now())?;
    Ok(permit)
}

fn ticket() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(tokens::random()?.get(..16).unwrap_or_default()))
}

pub(super) async fn list_registrations(
    tx: &mut Tx,
    event: EventId,
    filter: &RegistrationFilter,
    page: &PageRequest,
) -> Result<Page<Registration>> {
    let (event, _) = event_with_seats(tx, event).await?;
    let place = place(tx, &event).await?;
    tx.require_sight(Act::ListRegistrations, &place).await?;
    store::list(tx, event.id, filter, page).await
}

pub(super) async fn list_my_registrations(tx: &mut Tx, page: &PageRequest) -> Result<Page<Registration>> {
    match tx.person().await? {
        Some(person) => store::list_of_person(tx, person, page).await,
        None => page.page(vec![], |registration: &Registration| registration.id),
    }
}

pub(super) async fn read_registration(tx: &mut Tx, id: RegistrationId) -> Result<Registration> {
    let row = store::row(tx, id).await?;
    sight(tx, Act::ReadRegistration, &row).await?;
    store::registration(tx, id).await
}

/// Gives a registration up; whoever then is at the head of the queue and fits moves up.
pub(super) async fn withdraw(tx: &mut Tx, id: RegistrationId) -> Result<()> {
    let event = store::row(tx, id).await?.event_id;
    store::lock_seats(tx, event).await?;
    // Read again under the lock: a promotion may have come in between.
    let before = store::row(tx, id).await?;
    let event = sight(tx, Act::ReadRegistration, &before).await?;
    let own = before.person_id.is_some() && tx.person().await? == before.person_id;
    let permit = if own {
        tx.own().await?.1
    } else {
        let place = place(tx, &event).await?;
        tx.require(Act::DeleteRegistration, &place).await?
    };
    let shown = store::registration(tx, id).await?;
    tx.check_version(&shown.version_tag())?;
    if before.status == Status::Withdrawn {
        return Ok(());
    }
    takes_place(&event, tx.now())?;
    let facts = json!({"event_id": event.id, "from": before.status, "to": Status::Withdrawn});
    tx.record(Change::new("registration.withdrawn", "registration", id).facts(facts));
    store::withdraw(tx, permit, &before).await?;
    store::promote(tx, permit, event.id).await
}

/// One's own registration, or one that a grant covers; else it is not there.
async fn sight(tx: &mut Tx, act: Act, row: &store::Row) -> Result<Event> {
    let (event, _) = event_with_seats(tx, row.event_id).await?;
    let own = row.person_id.is_some() && tx.person().await? == row.person_id;
    let place = place(tx, &event).await?;
    match own || tx.may(act, &place).await? {
        true => Ok(event),
        false => Err(NOT_FOUND.into()),
    }
}

/// A registration for what is done to one; one's own needs no grant.
pub async fn locate(tx: &mut Tx, id: RegistrationId) -> Result<Placed> {
    let row = store::row(tx, id).await?;
    let event = sight(tx, Act::ReadRegistration, &row).await?;
    let open = row.person_id.is_some() && tx.person().await? == row.person_id;
    Ok(Placed { place: place(tx, &event).await?, open })
}
