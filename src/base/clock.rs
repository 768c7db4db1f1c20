//! The one clock: the domain's time, which a test may shift, and the wall's, which nobody may.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use chrono::{DateTime, Datelike as _, DurationRound, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize as _, Deserializer};
use utoipa::ToSchema;
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

/// A new UUIDv7 (RFC 9562) of that instant: ordered by microsecond and, within one process, by the order of making.
#[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
pub fn uuid_at(instant: DateTime<Utc>) -> Uuid {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let seconds = u64::try_from(instant.timestamp()).unwrap_or(0);
    let random = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, instant.timestamp_subsec_nanos()));
    let mut bytes = random.into_bytes();
    // RFC 9562 §6.2, methods 3 and 1: the fraction of the millisecond, then a counter; version and variant stay.
    let micros = u16::try_from(instant.timestamp_subsec_micros() % 1_000).unwrap_or(0) * 4;
    let count = MADE.fetch_add(1, Ordering::Relaxed);
    let ([high, low], [_, above, between, below]) = (micros.to_be_bytes(), count.to_be_bytes());
    (bytes[6], bytes[7]) = (0x70 | high, low);
    // 22 bits of the counter: four million ids of one instant are in order. 40 random bits stay.
    (bytes[8], bytes[9], bytes[10]) = (0x80 | (above & 0x3f), between, below);
    Uuid::from_bytes(bytes)
}

/// The years of instants that come from outside: four digits in every zone, so that RFC 3339 and PostgreSQL can
/// both write them.
pub const YEARS: std::ops::RangeInclusive<i32> = 1000..=9998;

/// The years in which people are born, come and leave.
const STUDY_YEARS: std::ops::RangeInclusive<i16> = 1850..=2200;

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

/// For a parameter that is a list of years in which people come and leave.
pub fn years<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<i16>, D::Error> {
    let years = Vec::<i16>::deserialize(from)?;
    match years.iter().all(|year| STUDY_YEARS.contains(year)) {
        true => Ok(years),
        false => Err(serde::de::Error::custom("not a year")),
    }
}

/// Such a year, for the document.
#[derive(Debug, ToSchema)]
#[schema(minimum = 1850, maximum = 2200)]
pub struct Year(pub i16);

/// The calendar day of an instant in an IANA zone.
pub fn day_in(instant: DateTime<Utc>, zone: chrono_tz::Tz) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_instant_are_in_the_order_of_their_making_and_tell_it() {
        let now = Clock::wall();
        let ids: Vec<_> = (0..70_000).map(|_| uuid_at(now)).collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.get_version_num() == 7));
        assert!(uuid_at(now + TimeDelta::microseconds(1)) > ids[69_999]);
        let (seconds, nanos) = ids[0].get_timestamp().unwrap().to_unix();
        assert_eq!(i64::try_from(seconds).unwrap() * 1000 + i64::from(nanos / 1_000_000), now.timestamp_millis());
    }
}
