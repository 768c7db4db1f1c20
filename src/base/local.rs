//! Wall time at a place: what people agree on; with its IANA zone it becomes an instant.

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize};

use super::clock::YEARS;
use super::error::{Fault, Result};

/// Wall time at the event's place: `2019-11-02T14:00:00`, seconds may be left out.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = diesel::sql_types::Timestamp)]
pub struct LocalTime(pub NaiveDateTime);

impl LocalTime {
    /// The instant of a wall time in a zone; `None` where the clocks were put forward over it. Of two, the first.
    pub fn instant(self, zone: Tz) -> Option<DateTime<Utc>> {
        self.0.and_local_timezone(zone).earliest().map(|instant| instant.to_utc())
    }
}

/// The instants of an event's wall times; 422 for a time that does not exist, or an end before the start.
pub fn instants(starts: LocalTime, ends: LocalTime, zone: &str) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let zone: Tz = zone.parse().map_err(|_| Fault::new("/time_zone", "time_zone"))?;
    let starts_at = starts.instant(zone).ok_or_else(|| Fault::new("/starts_local", "local_time_gap"))?;
    let ends_at = ends.instant(zone).ok_or_else(|| Fault::new("/ends_local", "local_time_gap"))?;
    match ends_at > starts_at {
        true => Ok((starts_at, ends_at)),
        false => Err(Fault::new("/ends_local", "ends_before_start").into()),
    }
}

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        let mut forms = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"].iter();
        let read = forms.find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok());
        // chrono also reads signs, blanks and single digits.
        let written_out = |time: &NaiveDateTime| {
            matches!(text.len(), 16 | 19) && time.format("%Y-%m-%dT%H:%M:%S").to_string().starts_with(&*text)
        };
        read.filter(|time| YEARS.contains(&time.year()) && written_out(time))
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not a local time"))
    }
}

impl diesel::serialize::ToSql<diesel::sql_types::Timestamp, diesel::pg::Pg> for LocalTime {
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>) -> diesel::serialize::Result {
        <NaiveDateTime as diesel::serialize::ToSql<diesel::sql_types::Timestamp, diesel::pg::Pg>>::to_sql(&self.0, out)
    }
}

impl diesel::deserialize::FromSql<diesel::sql_types::Timestamp, diesel::pg::Pg> for LocalTime {
    fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
        <NaiveDateTime as diesel::deserialize::FromSql<diesel::sql_types::Timestamp, diesel::pg::Pg>>::from_sql(bytes)
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wall_times_become_instants_also_around_the_change_of_clocks() {
        let local = |text: &str| serde_json::from_value::<LocalTime>(json!(text)).unwrap();
        let utc = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let new_york: Tz = "America/New_York".parse().unwrap();
        assert_eq!(
            local("2019-11-02T14:00").instant("Asia/Shanghai".parse().unwrap()),
            Some(utc("2019-11-02T06:00:00Z"))
        );
        assert_eq!(local("2026-03-08T02:30:00").instant(new_york), None);
        assert_eq!(local("2026-11-01T01:30:00").instant(new_york), Some(utc("2026-11-01T05:30:00Z")));
        for vague in
            ["2019-11-2T14:00", "+2019-11-02T14:00", " 2019-11-02T14:00", "2019-11-02T14:0", "2019-11-02 14:00"]
        {
            assert!(serde_json::from_value::<LocalTime>(json!(vague)).is_err(), "{vague:?}");
        }
        let refused = instants(local("2026-03-08T02:30"), local("2026-03-08T04:00"), "America/New_York");
        assert_eq!(refused.unwrap_err().code(), Some("invalid_field"));
    }
}
