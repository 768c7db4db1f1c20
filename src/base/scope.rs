//! Where a grant reaches: everything, an organization with all below it, a college, a class, one event.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::error::{Error, Fault, Result};
use super::ids::{ClassGroupId, CollegeId, EventId, OrganizationId};

words! {
    /// The kinds of scope.
    ScopeKind {
        /// Everything.
        All = "all",
        /// An organization with all below it.
        Organization = "organization",
        /// A college with all below it.
        College = "college",
        /// A class.
        ClassGroup = "class_group",
        /// One event.
        Event = "event",
    }
}

/// A place that a grant covers, or that a thing lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything.
    All,
    /// An organization with all below it.
    Organization(OrganizationId),
    /// A college with all below it.
    College(CollegeId),
    /// A class.
    ClassGroup(ClassGroupId),
    /// One event.
    Event(EventId),
}

/// A scope as requests and answers carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "organization", "id": "01914a6b-7c00-7000-8000-000000000001"}))]
pub struct ScopeBody {
    /// Which kind.
    pub kind: ScopeKind,
    /// Of which one; absent or null for `all`.
    pub id: Option<Uuid>,
}

impl Scope {
    /// From its parts; 422 when the id is missing, or given for `all`.
    pub fn from_parts(kind: ScopeKind, id: Option<Uuid>) -> Result<Self> {
        match (kind, id) {
            (ScopeKind::All, None) => Ok(Self::All),
            (ScopeKind::All, Some(_)) => Err(Fault::new("/scope/id", "not_expected").into()),
            (_, None) => Err(Error::invalid(vec![Fault::new("/scope/id", "required")])),
            (ScopeKind::Organization, Some(id)) => Ok(Self::Organization(id.into())),
            (ScopeKind::College, Some(id)) => Ok(Self::College(id.into())),
            (ScopeKind::ClassGroup, Some(id)) => Ok(Self::ClassGroup(id.into())),
            (ScopeKind::Event, Some(id)) => Ok(Self::Event(id.into())),
        }
    }

    /// Its kind and id.
    pub fn parts(self) -> (ScopeKind, Option<Uuid>) {
        match self {
            Self::All => (ScopeKind::All, None),
            Self::Organization(id) => (ScopeKind::Organization, Some(id.into())),
            Self::College(id) => (ScopeKind::College, Some(id.into())),
            Self::ClassGroup(id) => (ScopeKind::ClassGroup, Some(id.into())),
            Self::Event(id) => (ScopeKind::Event, Some(id.into())),
        }
    }

    /// As a token of the array on people, which answers who may see them.
    pub fn token(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Organization(id) => format!("org:{id}"),
            Self::College(id) => format!("college:{id}"),
            Self::ClassGroup(id) => format!("class:{id}"),
            Self::Event(id) => format!("event:{id}"),
        }
    }

    /// The scope of such a token; `None` for other words of the array.
    pub fn of_token(token: &str) -> Option<Self> {
        let (kind, id) = token.split_once(':')?;
        let id = id.parse::<Uuid>().ok()?;
        match kind {
            "org" => Some(Self::Organization(id.into())),
            "college" => Some(Self::College(id.into())),
            "class" => Some(Self::ClassGroup(id.into())),
            _ => None,
        }
    }
}

impl From<Scope> for ScopeBody {
    fn from(scope: Scope) -> Self {
        let (kind, id) = scope.parts();
        Self { kind, id }
    }
}
