//! Registrations as they are sent, and when one may register.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::super::model::{Event, Seats};
use crate::access::tx::Permit;
use crate::base::error::{Fault, Refusal, Result};
use crate::base::ids::{EventId, PersonId, RegistrationId};
use crate::base::text::{self, Line};
use crate::http::idempotency::Key;
use crate::http::reply::Resource;
use crate::journal::Origin;

/// All seats are taken and nobody may wait.
pub const EVENT_FULL: Refusal = Refusal::new(409, "event_full");
/// Not published yet, or the window opens later.
pub const NOT_OPEN: Refusal = Refusal::new(409, "registration_not_open");
/// The window has closed, or the event is over or cancelled.
pub const CLOSED: Refusal = Refusal::new(409, "registration_closed");
/// The person has a live registration.
pub const ALREADY_REGISTERED: Refusal = Refusal::new(409, "already_registered");
/// The event is for others.
pub const NOT_IN_AUDIENCE: Refusal = Refusal::new(403, "not_in_audience");

/// No party is larger, whatever the event allows.
pub const LARGEST_PARTY: i32 = 100;

words! {
    /// Where a registration stands.
    #[schema(as = RegistrationStatus)]
    Status {
        /// Has its seats.
        Confirmed = "confirmed",
        /// Waits in the queue.
        Waitlisted = "waitlisted",
        /// Given up.
        Withdrawn = "withdrawn",
    }
}

/// A registration.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000010", "event_id": "01914a6b-7c00-7000-8000-000000000009", "person_id": "01914a6b-7c00-7000-8000-000000000003", "guest_name": null, "name": "单小明", "party_size": 1, "answers": {"meal": "素食"}, "status": "waitlisted", "ticket": null, "queue_position": 1, "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}))]
pub struct Registration {
    pub id: RegistrationId,
    pub event_id: EventId,
    /// Null for a guest.
    pub person_id: Option<PersonId>,
    /// Null for a person.
    pub guest_name: Option<String>,
    /// Of the person or the guest.
    pub name: String,
    pub party_size: i32,
    #[schema(value_type = Object)]
    pub answers: Value,
    pub status: Status,
    /// What opens the door; null until confirmed.
    pub ticket: Option<String>,
    /// From 1; null unless waiting.
    pub queue_position: Option<i64>,
    #[serde(skip)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A registration to make.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = somebody))]
#[schema(example = json!({"party_size": 1, "answers": {"meal": "素食"}}))]
pub struct NewRegistration {
    /// How many come, all or none; 1 unless given.
    #[serde(default = "one")]
    #[validate(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100, default = 1)]
    pub party_size: i32,
    /// By the key of each question.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub answers: BTreeMap<String, Value>,
    /// Organizers only: for this person. Oneself unless given.
    pub person_id: Option<PersonId>,
    /// Organizers only: for a guest who is not in the records.
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub guest_name: Option<Line>,
}

/// Which registrations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RegistrationFilter {
    /// In one of these states.
    #[serde(default)]
    pub status: Vec<Status>,
}

/// One party that wants seats.
#[derive(Debug, Clone)]
pub struct Party {
    /// The registration that it becomes.
    pub id: RegistrationId,
    /// Who it is, or
    pub person: Option<PersonId>,
    /// who the guest is.
    pub guest_name: Option<String>,
    /// How many.
    pub size: i32,
    /// Checked against the questions.
    pub answers: Value,
    /// Random.
    pub ticket: String,
}

/// A party at the desk of an event, and who asks for it.
#[derive(Debug)]
pub struct Ask {
    /// Who wants seats.
    pub party: Party,
    /// What it is called in the answer.
    pub name: String,
    /// That it may.
    pub permit: Permit,
    /// Of the request.
    pub key: Key,
    /// Of the request, for the journal.
    pub origin: Origin,
}

impl Party {
    /// The registration that it has become at this instant.
    pub fn registration(
        &self,
        event: EventId,
        name: &str,
        queue_position: Option<i64>,
        now: DateTime<Utc>,
    ) -> Registration {
        Registration {
            id: self.id,
            event_id: event,
            person_id: self.person,
            guest_name: self.guest_name.clone(),
            name: name.to_owned(),
            party_size: self.size,
            answers: self.answers.clone(),
            status: if queue_position.is_none() { Status::Confirmed } else { Status::Waitlisted },
            ticket: queue_position.is_none().then(|| self.ticket.clone()),
            queue_position,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

impl NewRegistration {
    /// One person, alone, without answers.
    pub fn of(person: PersonId) -> Self {
        Self { party_size: 1, answers: BTreeMap::new(), person_id: Some(person), guest_name: None }
    }
}

/// Why nobody may register at this time, if so: the state, the window, the seats.
pub fn closed(event: &Event, seats: &Seats, now: DateTime<Utc>) -> Option<Refusal> {
    window(event, now).err().or_else(|| full(seats).then_some(EVENT_FULL))
}

/// Whether no seat is left and nobody may wait.
pub fn full(seats: &Seats) -> bool {
    !seats.waitlist && (seats.waiting > 0 || seats.capacity.is_some_and(|capacity| seats.seats_taken >= capacity))
}

/// Whether the window is open: from publication (or later) to the start (or earlier).
pub fn window(event: &Event, now: DateTime<Utc>) -> Result<(), Refusal> {
    takes_place(event, now)?;
    if event.registration_opens_at.is_some_and(|opens| now < opens) {
        return Err(NOT_OPEN);
    }
    match now < event.registration_closes_at.unwrap_or(event.starts_at) {
        true => Ok(()),
        false => Err(CLOSED),
    }
}

/// Whether the event is published and not over: all that an organizer's hand needs.
pub fn takes_place(event: &Event, now: DateTime<Utc>) -> Result<(), Refusal> {
    use super::super::model::Status as Of;
    match event.status {
        Of::Published if now < event.ends_at => Ok(()),
        Of::Published | Of::Completed | Of::Cancelled => Err(CLOSED),
        Of::Draft | Of::Submitted | Of::Returned | Of::Approved => Err(NOT_OPEN),
    }
}

/// Checks the size against what the event allows: a party that could never fit must not block the queue.
pub fn check_party(event: &Event, size: i32) -> Result<()> {
    let largest = event.max_party.unwrap_or(LARGEST_PARTY).min(event.capacity.unwrap_or(LARGEST_PARTY));
    match size <= largest {
        true => Ok(()),
        false => Err(Fault::new("/party_size", "range").with("min", 1).with("max", largest).into()),
    }
}

fn one() -> i32 {
    1
}

fn somebody(new: &NewRegistration) -> Result<(), ValidationError> {
    match new.person_id.is_some() && new.guest_name.is_some() {
        true => Err(text::field_error("guest_name", "one_of")),
        false => Ok(()),
    }
}

impl Resource for Registration {
    /// The place in the queue is part of the representation, so it is part of the tag.
    fn version_tag(&self) -> String {
        match self.queue_position {
            None => self.version.to_string(),
            Some(position) => format!("{}-{position}", self.version),
        }
    }
    fn path(&self) -> String {
        format!("/registrations/{}", self.id)
    }
}
