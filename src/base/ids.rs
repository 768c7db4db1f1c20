//! Typed ids: an event's id cannot be handed over as a person's.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What all ids share.
pub trait Id: Copy + From<Uuid> + Into<Uuid> {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            AsExpression, FromSqlRow, ToSchema,
        )]
        #[serde(transparent)]
        #[diesel(sql_type = diesel::sql_types::Uuid)]
        #[schema(value_type = Uuid)]
        pub struct $name(Uuid);

        impl Id for $name {}
        impl From<Uuid> for $name {
            fn from(raw: Uuid) -> Self { Self(raw) }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self { id.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl ToSql<diesel::sql_types::Uuid, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <Uuid as ToSql<diesel::sql_types::Uuid, Pg>>::to_sql(&self.0, out)
            }
        }
        impl FromSql<diesel::sql_types::Uuid, Pg> for $name {
            fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
                <Uuid as FromSql<diesel::sql_types::Uuid, Pg>>::from_sql(bytes).map(Self)
            }
        }
    )+ };
}

ids! {
    /// An account: someone or something that signs in.
    AccountId,
    /// One thing that an account signs in with.
    IdentifierId,
    /// One sign-in: a family of refresh tokens.
    SessionId,
    /// One grant: role × scope × period.
    GrantId,
    /// A college (学院).
    CollegeId,
    /// A class (班).
    ClassGroupId,
    /// A person, alumnus or not.
    PersonId,
    /// One study of one person.
    EducationId,
    /// The association, a branch or a chapter.
    OrganizationId,
    /// One step of an organization's lifecycle.
    TransitionId,
    /// An event.
    EventId,
    /// A registration for an event.
    RegistrationId,
    /// An entry of the journal.
    EntryId,
}
