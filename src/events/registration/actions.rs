//! What is done with registrations: made, listed, given up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::super::actions::{place, require_sight};
use super::super::form::{check_answers, invited};
use super::super::model::Event;
use super::super::store::event_with_seats;
use super::model::{
    ALREADY_REGISTERED, EVENT_FULL, NOT_IN_AUDIENCE, NewRegistration, Party, Registration, RegistrationFilter, Status,
    check_party, full, takes_place, window,
};
use super::store;
use crate::access::policy::Act;
use crate::access::tokens;
use crate::access::tx::{Permit, Tx};
use crate::base::error::{NOT_FOUND, Refusal, Result};
use crate::base::ids::{EventId, PersonId, RegistrationId};
use crate::base::page::{Page, PageRequest};
use crate::http::reply::Resource as _;
use crate::journal::Change;
use crate::people;
use crate::slice::Placed;

/// Registers the caller, or, by an organizer's hand, somebody else.
pub async fn register(tx: &mut Tx, event: EventId, new: &NewRegistration) -> Result<Registration> {
    let (event, seats) = event_with_seats(tx, event).await?;
    require_sight(tx, &event).await?;
    let (person, permit) = who(tx, &event, new).await?;
    check(&event, new)?;
    if full(&seats) {
        // The many who come too late read, and never touch the hot row.
        return Err(refused(tx, &event, person).await?.into());
    }
    let party = party(tx, person, new)?;
    let Some(id) = claim(tx, permit, &event, &[party]).await?.pop() else {
        return Err(refused(tx, &event, person).await?.into());
    };
    store::registration(tx, id).await
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

/// Why there is no seat: somebody who has one already is told that instead.
async fn refused(tx: &mut Tx, event: &Event, person: Option<PersonId>) -> Result<Refusal> {
    let live = match person {
        Some(person) => store::live(tx, event.id, person).await?,
        None => None,
    };
    if live.is_some() {
        return Ok(ALREADY_REGISTERED);
    }
    // It may have been cancelled while this waited for its turn.
    let (event, _) = event_with_seats(tx, event.id).await?;
    Ok(takes_place(&event, tx.now()).err().unwrap_or(EVENT_FULL))
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
