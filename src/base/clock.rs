//! The one clock: the domain's time, which a test may shift, and the wall's, which nobody may.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Datelike as _, DurationRound, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize as _, Deserializer};
use uuid::{NoContext, Timestamp, Uuid};

/// Tells the time. Clones share one shift.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    shift_micros: Arc<AtomicI64>,
}

impl Clock {
    /// The domain's clock shifted so that it shows `instant` now and runs on from there.
    pub fn starting_at(instant: DateTime<Utc>) -> Self {
        let clock = Self::default();
        clock.set(instant);
        clock
    }

    /// Shifts the domain's clock, for every clone, to show `instant` now.
    pub fn set(&self, instant: DateTime<Utc>) {
        let shift = (instant - Self::wall()).num_microseconds().unwrap_or(0);
        self.shift_micros.store(shift, Ordering::Relaxed);
    }

    /// The domain's time, UTC, in whole microseconds (what PostgreSQL keeps): terms, events, registrations.
    pub fn now(&self) -> DateTime<Utc> {
        Self::wall() + TimeDelta::microseconds(self.shift_micros.load(Ordering::Relaxed))
    }

    /// Real time, UTC, in whole microseconds: token expiry, leases, retention. Never shifted.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn wall() -> DateTime<Utc> {
        let now = Utc::now();
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }
}

/// A new UUIDv7 (RFC 9562) of that instant: time-ordered, the rest random.
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn uuid_at(instant: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(instant.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, instant.timestamp_subsec_nanos()))
}

/// The years of instants that come from outside: four digits in every zone, so that RFC 3339 and PostgreSQL can
/// both write them.
pub const YEARS: std::ops::RangeInclusive<i32> = 1000..=9998;

/// For a field or parameter that is an instant or absent.
pub fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    match Option::<DateTime<Utc>>::deserialize(from)? {
        Some(instant) if !YEARS.contains(&instant.year()) => Err(serde::de::Error::custom("not an instant")),
        read => Ok(read),
    }
}

/// For a PATCH field that is an instant: absent is `None` (leave), null is `Some(None)` (clear).
pub fn patched_instant<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<DateTime<Utc>>>, D::Error> {
    instant(from).map(Some)
}

/// The calendar day of an instant in an IANA zone.
pub fn day_in(instant: DateTime<Utc>, zone: chrono_tz::Tz) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}
