//! Words of a closed set: states, kinds, roles. Text in SQL with a CHECK, an enum here, one list for both.

use serde_json::json;

use super::error::{Error, Result, Unmet};

/// An enum that is stored and sent as lower `snake_case` text.
pub trait Word: Copy + PartialEq + 'static {
    /// All values in their order.
    const ALL: &'static [Self];
    /// As stored and sent.
    fn as_str(self) -> &'static str;
}

/// One enum as the table of slices knows it: for `GET /meta/enums` and the comparison with SQL.
#[derive(Debug, Clone, Copy)]
pub struct WordSet {
    /// Its name in `GET /meta/enums`.
    pub name: &'static str,
    /// All values as sent.
    pub values: fn() -> Vec<&'static str>,
    /// The CHECK constraints that must list the same values.
    pub checks: &'static [&'static str],
}

/// All values of a word as text.
pub fn values<W: Word>() -> Vec<&'static str> {
    W::ALL.iter().map(|word| word.as_str()).collect()
}

/// The word of a text.
pub fn named<W: Word>(text: &str) -> Option<W> {
    W::ALL.iter().copied().find(|word| word.as_str() == text)
}

/// What a state step comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Already there: nothing to do, and that is fine.
    Done,
    /// Allowed from here.
    Go,
}

/// Decides a step to `to`: done, allowed, or 409 `step_refused` saying from which states it is.
pub fn step<W: Word>(now: W, to: W, from: &[W]) -> Result<Step> {
    if now == to {
        return Ok(Step::Done);
    }
    leap(now, from).map(|()| Step::Go)
}

/// Decides a step that is a row of its own, so that taking it twice is refused too.
pub fn leap<W: Word>(now: W, from: &[W]) -> Result<()> {
    if from.contains(&now) {
        return Ok(());
    }
    let need: Vec<_> = from.iter().map(|word| word.as_str()).collect();
    Err(Error::unmet(vec![Unmet { code: "status", need: json!(need), have: json!(now.as_str()) }]))
}

/// Declares a closed set of words with everything that storing, sending and documenting needs.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:tt),+ $(,)? }) => {
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow, utoipa::ToSchema,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        $(#[$meta])*
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant),+ }

        impl $crate::base::state::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                use std::io::Write as _;
                out.write_all($crate::base::state::Word::as_str(*self).as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                match std::str::from_utf8(bytes.as_bytes())? {
                    $($text => Ok(Self::$variant),)+
                    other => Err(format!("{other:?} is not a {}", stringify!($name)).into()),
                }
            }
        }
    };
}
