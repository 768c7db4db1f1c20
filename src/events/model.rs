//! Events as they are stored and sent, and their steps.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::form::{Audience, Question, Questions, check_questions};
use crate::base::clock::{instant, patched_instant};
use crate::base::error::{Error, Refusal, Result, Unmet};
use crate::base::ids::{EventId, OrganizationId};
use crate::base::local::LocalTime;
use crate::base::state::{self, Step};
use crate::base::text::{self, Line, Prose, given, patched};
use crate::http::reply::Resource;
use crate::schema::{event_seats, events};

/// The capacity asked for is less than the seats that are taken.
pub const CAPACITY_TAKEN: Refusal = Refusal::new(409, "capacity_below_taken");

/// A party that waits would never fit the capacity asked for, and block all behind it.
pub const CAPACITY_WAITED: Refusal = Refusal::new(409, "capacity_below_waiting");

words! {
    /// What an event is.
    #[schema(as = EventKind)]
    Kind {
        Lecture = "lecture", Forum = "forum", AnnualMeeting = "annual_meeting", Matchmaking = "matchmaking",
        Seminar = "seminar", Congress = "congress", Appointment = "appointment", ReElection = "re_election",
        Reunion = "reunion", Exhibition = "exhibition", Other = "other",
    }
}

words! {
    /// Where an event stands.
    #[schema(as = EventStatus)]
    Status {
        /// Being written.
        Draft = "draft",
        /// Waits for the office.
        Submitted = "submitted",
        /// Sent back with a reason.
        Returned = "returned",
        /// May be published.
        Approved = "approved",
        /// Seen by everybody.
        Published = "published",
        /// It has taken place.
        Completed = "completed",
        /// It will not.
        Cancelled = "cancelled",
    }
}

/// An event.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = events)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000009", "organization_id": "01914a6b-7c00-7000-8000-000000000005", "kind": "forum", "title": "校友主题论坛", "title_en": "Alumni Forum", "summary": null, "starts_local": "2027-06-12T14:00:00", "ends_local": "2027-06-12T17:00:00", "time_zone": "Asia/Shanghai", "starts_at": "2027-06-12T06:00:00Z", "ends_at": "2027-06-12T09:00:00Z", "venue_text": null, "city": "深圳", "online_url": null, "capacity": 3, "waitlist": true, "max_party": null, "registration_opens_at": null, "registration_closes_at": null, "audience": {"kind": "open", "values": []}, "questions": [], "sequence_no": null, "status": "published", "status_reason": null, "published_at": "2027-05-12T04:00:00Z", "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}))]
pub struct Event {
    pub id: EventId,
    pub organization_id: OrganizationId,
    pub kind: Kind,
    pub title: String,
    pub title_en: Option<String>,
    pub summary: Option<String>,
    /// Wall time at the place.
    #[schema(value_type = String, example = "2019-11-02T14:00:00")]
    pub starts_local: LocalTime,
    #[schema(value_type = String, example = "2019-11-02T17:00:00")]
    pub ends_local: LocalTime,
    /// IANA.
    pub time_zone: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub venue_text: Option<String>,
    pub city: Option<String>,
    pub online_url: Option<String>,
    /// Seats; null for no limit.
    #[diesel(select_expression = event_seats::capacity)]
    pub capacity: Option<i32>,
    /// Whether one may wait when it is full.
    #[diesel(select_expression = event_seats::waitlist)]
    pub waitlist: bool,
    /// The largest party of one registration; null for no limit but the capacity.
    pub max_party: Option<i32>,
    /// Null: as soon as it is published.
    pub registration_opens_at: Option<DateTime<Utc>>,
    /// Null: when it starts.
    pub registration_closes_at: Option<DateTime<Utc>>,
    pub audience: Audience,
    #[schema(value_type = Vec<Question>)]
    pub questions: Questions,
    /// 第N讲.
    pub sequence_no: Option<i32>,
    pub status: Status,
    /// The reason given with the last step.
    pub status_reason: Option<String>,
    /// Since when everybody sees it; null for what was never published.
    pub published_at: Option<DateTime<Utc>>,
    #[serde(skip)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A new event; it starts as a draft.
#[derive(Debug, Deserialize, Validate, Insertable, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = events)]
#[validate(schema(function = registration_times))]
#[schema(example = json!({"kind": "forum", "title": "校友主题论坛", "title_en": "Alumni Forum", "starts_local": "2027-06-12T14:00:00",
    "ends_local": "2027-06-12T17:00:00", "time_zone": "Asia/Shanghai", "city": "深圳", "capacity": 3, "waitlist": true}))]
pub struct NewEvent {
    pub kind: Kind,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub title: Line,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub title_en: Option<Line>,
    #[validate(length(min = 1, max = 5000))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 5000)]
    pub summary: Option<Prose>,
    /// Wall time at the place.
    #[schema(value_type = String, example = "2027-06-12T14:00:00", pattern = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", max_length = 19)]
    pub starts_local: LocalTime,
    #[schema(value_type = String, example = "2027-06-12T17:00:00", pattern = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", max_length = 19)]
    pub ends_local: LocalTime,
    /// IANA.
    #[validate(custom(function = text::time_zone))]
    #[schema(max_length = 60)]
    pub time_zone: String,
    #[validate(length(min = 1, max = 300))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    pub venue_text: Option<Line>,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub city: Option<Line>,
    #[validate(length(max = 500), custom(function = text::web_address))]
    #[schema(value_type = Option<String>, max_length = 500, pattern = r"^https?://[^\s/\u0000-\u001f\u007f-\u009f][^\s\u0000-\u001f\u007f-\u009f]*$")]
    pub online_url: Option<Line>,
    /// Seats; null for no limit.
    #[validate(range(min = 1, max = 1_000_000))]
    #[schema(minimum = 1, maximum = 1_000_000)]
    #[diesel(skip_insertion)]
    pub capacity: Option<i32>,
    /// Whether one may wait when it is full.
    #[serde(default)]
    #[diesel(skip_insertion)]
    pub waitlist: bool,
    /// The largest party of one registration; null for no limit but the capacity.
    #[validate(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100)]
    pub max_party: Option<i32>,
    /// Null: as soon as it is published.
    #[serde(default, deserialize_with = "instant")]
    pub registration_opens_at: Option<DateTime<Utc>>,
    /// Null: when it starts.
    #[serde(default, deserialize_with = "instant")]
    pub registration_closes_at: Option<DateTime<Utc>>,
    #[serde(default)]
    #[validate(nested)]
    pub audience: Audience,
    #[serde(default)]
    #[validate(custom(function = check_questions))]
    #[schema(value_type = Vec<Question>, max_items = 30)]
    pub questions: Questions,
    /// 第N讲.
    #[validate(range(min = 1, max = 100_000))]
    #[schema(minimum = 1, maximum = 100_000)]
    pub sequence_no: Option<i32>,
}

/// Changes to an event.
#[derive(Debug, Deserialize, Validate, AsChangeset, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = events)]
#[schema(example = json!({"capacity": 5, "venue_text": "校友之家二楼"}))]
pub struct EventPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub kind: Option<Kind>,
    #[serde(default, deserialize_with = "given")]
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = String, nullable = false, required = false, min_length = 1, max_length = 200)]
    pub title: Option<Line>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub title_en: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 5000))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 5000)]
    pub summary: Option<Option<Prose>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, nullable = false, required = false, example = "2027-06-12T14:00:00", pattern = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", max_length = 19)]
    pub starts_local: Option<LocalTime>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, nullable = false, required = false, example = "2027-06-12T17:00:00", pattern = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", max_length = 19)]
    pub ends_local: Option<LocalTime>,
    #[serde(default, deserialize_with = "given")]
    #[validate(custom(function = text::time_zone))]
    #[schema(nullable = false, max_length = 60)]
    pub time_zone: Option<String>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 300))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    pub venue_text: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub city: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(max = 500), custom(function = text::web_address))]
    #[schema(value_type = Option<String>, max_length = 500, pattern = r"^https?://[^\s/\u0000-\u001f\u007f-\u009f][^\s\u0000-\u001f\u007f-\u009f]*$")]
    pub online_url: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(range(min = 1, max = 1_000_000))]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1_000_000)]
    #[diesel(skip_update)]
    pub capacity: Option<Option<i32>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    #[diesel(skip_update)]
    pub waitlist: Option<bool>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(range(min = 1, max = 100))]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 100)]
    pub max_party: Option<Option<i32>>,
    #[serde(default, deserialize_with = "patched_instant")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub registration_opens_at: Option<Option<DateTime<Utc>>>,
    #[serde(default, deserialize_with = "patched_instant")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    pub registration_closes_at: Option<Option<DateTime<Utc>>>,
    #[serde(default, deserialize_with = "given")]
    #[validate(nested)]
    #[schema(nullable = false)]
    pub audience: Option<Audience>,
    #[serde(default, deserialize_with = "given")]
    #[validate(custom(function = check_questions))]
    #[schema(value_type = Vec<Question>, nullable = false, required = false, max_items = 30)]
    pub questions: Option<Questions>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(range(min = 1, max = 100_000))]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 100_000)]
    pub sequence_no: Option<Option<i32>>,
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// Held by this organization; with `descendants=true` by it or any below.
    #[serde(default)]
    pub organization_id: Vec<OrganizationId>,
    /// Whether `organization_id` reaches all the way down.
    #[serde(default)]
    pub descendants: bool,
    /// Of one of these kinds.
    #[serde(default)]
    pub kind: Vec<Kind>,
    /// In one of these states.
    #[serde(default)]
    pub status: Vec<Status>,
    /// Starts at this instant or later.
    #[serde(default, deserialize_with = "instant")]
    pub from: Option<DateTime<Utc>>,
    /// Starts before this instant.
    #[serde(default, deserialize_with = "instant")]
    pub to: Option<DateTime<Utc>>,
    /// A part of the title, Chinese or English.
    pub q: Option<String>,
    /// `starts_at` (the default) or `-starts_at`.
    #[serde(default)]
    #[param(inline)]
    pub sort: Sort,
}

/// The order of a list of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum Sort {
    /// Earliest first.
    #[default]
    #[serde(rename = "starts_at")]
    Earliest,
    /// Latest first.
    #[serde(rename = "-starts_at")]
    Latest,
}

/// The words that may come with a state step.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "请补充安全预案"}))]
pub struct StepBody {
    /// The day on which it was decided, for the record.
    #[validate(custom(function = text::day))]
    pub on: Option<NaiveDate>,
    #[validate(length(min = 1, max = 2000))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    pub reason: Option<Prose>,
}

/// Whether one may register, and how many seats there are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"capacity": 3, "seats_taken": 3, "waiting": 2, "open": true, "closed_reason": null}))]
pub struct Availability {
    /// Seats; null for no limit.
    pub capacity: Option<i32>,
    pub seats_taken: i32,
    /// Parties that wait.
    pub waiting: i32,
    /// Whether a registration would be taken now (a seat, or a place in the queue).
    pub open: bool,
    /// Why not: `registration_not_open`, `registration_closed` or `event_full`.
    pub closed_reason: Option<&'static str>,
}

/// The hot row of an event.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = event_seats)]
#[expect(clippy::struct_field_names, reason = "the column's name")]
pub struct Seats {
    pub capacity: Option<i32>,
    pub waitlist: bool,
    pub seats_taken: i32,
    pub waiting: i32,
}

impl Status {
    /// The act's name for the journal when an event gets here.
    pub const fn reached(self) -> &'static str {
        match self {
            Self::Draft => "event.created",
            Self::Submitted => "event.submitted",
            Self::Returned => "event.returned",
            Self::Approved => "event.approved",
            Self::Published => "event.published",
            Self::Completed => "event.completed",
            Self::Cancelled => "event.cancelled",
        }
    }

    /// Decides a step by the state alone.
    pub fn step(self, to: Self) -> Result<Step> {
        use Status::{Approved, Cancelled, Completed, Draft, Published, Returned, Submitted};
        let from: &[Self] = match to {
            Draft => &[],
            Submitted => &[Draft, Returned],
            Returned | Approved => &[Submitted],
            Published => &[Approved],
            Completed => &[Published],
            Cancelled => &[Draft, Submitted, Returned, Approved, Published],
        };
        state::step(self, to, from)
    }
}

impl Event {
    /// What a step still lacks besides the right state: one publishes what is not over, completes what has begun.
    pub fn gate(&self, to: Status, now: DateTime<Utc>) -> Result<()> {
        let unmet = match to {
            Status::Published if self.ends_at <= now => {
                Unmet { code: "not_over", need: json!(now), have: json!(self.ends_at) }
            }
            Status::Completed if self.starts_at > now => {
                Unmet { code: "started", need: json!(self.starts_at), have: json!(now) }
            }
            _ => return Ok(()),
        };
        Err(Error::unmet(vec![unmet]))
    }

    /// 409 `step_refused` when the event is over or will not be.
    pub fn check_changeable(&self) -> Result<()> {
        let open = [Status::Draft, Status::Submitted, Status::Returned, Status::Approved, Status::Published];
        state::leap(self.status, &open)
    }
}

fn registration_times(event: &NewEvent) -> Result<(), ValidationError> {
    match (event.registration_opens_at, event.registration_closes_at) {
        (Some(opens), Some(closes)) if closes <= opens => {
            Err(text::field_error("registration_closes_at", "closes_before_opening"))
        }
        _ => Ok(()),
    }
}

impl Resource for Event {
    fn version_tag(&self) -> String {
        self.version.to_string()
    }
    fn path(&self) -> String {
        format!("/events/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::state::Word as _;

    #[test]
    fn every_step_of_an_event_is_allowed_or_refused_as_listed() {
        use Status::{Approved, Cancelled, Completed, Draft, Published, Returned, Submitted};
        let allowed = [
            (Draft, Submitted),
            (Returned, Submitted),
            (Submitted, Returned),
            (Submitted, Approved),
            (Approved, Published),
            (Published, Completed),
            (Draft, Cancelled),
            (Submitted, Cancelled),
            (Returned, Cancelled),
            (Approved, Cancelled),
            (Published, Cancelled),
        ];
        for from in Status::ALL {
            assert_eq!(from.step(*from).unwrap(), Step::Done);
            for to in Status::ALL.iter().filter(|to| *to != from) {
                assert_eq!(from.step(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
    }
}
