//! Text from outside: trimmed, in Unicode NFC, without control characters, its length in characters.

use chrono::{Datelike as _, NaiveDate};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, Output, ToSql};
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};
use validator::{ValidateLength, ValidateRegex};

use super::clock::YEARS;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident allows $extra:expr),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, AsExpression, FromSqlRow)]
        #[serde(transparent)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name(String);

        impl $name {
            /// Trims and normalises; `None` for a control character (U+0000 among them).
            pub fn parse(raw: &str) -> Option<Self> {
                let allowed: &[char] = &$extra;
                let text: String = raw.trim().nfc().collect();
                let bad = |c: char| c.is_control() && !allowed.contains(&c);
                (!text.chars().any(bad)).then_some(Self(text))
            }
        }
        impl std::ops::Deref for $name {
            type Target = str;
            fn deref(&self) -> &str { &self.0 }
        }
        impl From<$name> for String {
            fn from(text: $name) -> Self { text.0 }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let raw = std::borrow::Cow::<str>::deserialize(from)?;
                Self::parse(&raw).ok_or_else(|| serde::de::Error::custom(CONTROL_CHARACTER))
            }
        }
        impl ToSql<diesel::sql_types::Text, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <str as ToSql<diesel::sql_types::Text, Pg>>::to_sql(&self.0, out)
            }
        }
        impl diesel::deserialize::FromSql<diesel::sql_types::Text, Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                <String as diesel::deserialize::FromSql<diesel::sql_types::Text, Pg>>::from_sql(bytes).map(Self)
            }
        }
        impl ValidateLength<u64> for $name {
            fn length(&self) -> Option<u64> { self.0.length() }
        }
        impl ValidateRegex for $name {
            fn validate_regex(&self, regex: impl validator::AsRegex) -> bool {
                self.0.as_str().validate_regex(regex)
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> { String::schema() }
        }
        impl utoipa::ToSchema for $name {}
    )+ };
}

/// What a deserialization error says of a control character; the edge turns it into a fault with that code.
pub const CONTROL_CHARACTER: &str = "control_character";

texts! {
    /// One line.
    Line allows [],
    /// Several lines.
    Prose allows ['\n', '\t', '\r'],
}

/// For a PATCH field: absent is `None` (leave), null is `Some(None)` (clear), a value `Some(Some(…))`.
pub fn patched<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

/// For a PATCH field that cannot be cleared: absent is `None` (leave), null is an error.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// An IANA time zone's name; a fault code when there is none such.
pub fn time_zone(name: &str) -> Result<(), validator::ValidationError> {
    match name.parse::<chrono_tz::Tz>() {
        Ok(_) => Ok(()),
        Err(_) => Err(validator::ValidationError::new("time_zone")),
    }
}

/// A code of the house: lower-case Latin letters, digits and hyphens.
pub fn code(code: &str) -> Result<(), validator::ValidationError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match !code.is_empty() && code.chars().all(fits) {
        true => Ok(()),
        false => Err(validator::ValidationError::new("code")),
    }
}

/// A calendar day that can be meant: four digits of the year.
pub fn day(day: &NaiveDate) -> Result<(), validator::ValidationError> {
    match YEARS.contains(&day.year()) {
        true => Ok(()),
        false => Err(validator::ValidationError::new("day")),
    }
}

/// An `http` or `https` address.
pub fn web_address(address: &str) -> Result<(), validator::ValidationError> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    match rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !address.contains(char::is_whitespace))
    {
        true => Ok(()),
        false => Err(validator::ValidationError::new("web_address")),
    }
}

/// ISO 3166-1 alpha-2: two capital letters.
pub fn country(code: &str) -> Result<(), validator::ValidationError> {
    match code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase()) {
        true => Ok(()),
        false => Err(validator::ValidationError::new("country")),
    }
}

/// What the document says of a list of lines: how many, and how long each, in characters.
pub fn lines(most: usize, longest: usize) -> Array {
    let line = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(longest));
    ArrayBuilder::new().items(line).max_items(Some(most)).build()
}

/// A fault found by a check of a whole body, laid at one of its fields.
pub fn field_error(field: &'static str, code: &'static str) -> validator::ValidationError {
    let mut error = validator::ValidationError::new(code);
    error.add_param("field".into(), &field);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_normalised_and_free_of_control_characters() {
        assert_eq!(Line::parse("  李\u{3000}").as_deref(), Some("李"));
        assert_eq!(Line::parse("e\u{301}").as_deref(), Some("é"));
        assert_eq!(Line::parse("a\u{0}b"), None);
        assert_eq!(Line::parse("a\nb"), None);
        assert_eq!(Prose::parse("a\nb").as_deref(), Some("a\nb"));
    }
}
