//! The question and its answer.

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use super::super::model::Grant;
use crate::access::Role;
use crate::access::policy::{Act, Who};
use crate::base::error::{Error, Fault, NOT_FOUND, Result};
use crate::base::ids::AccountId;
use crate::base::page::INVALID_PARAMETER;
use crate::base::scope::{Scope, ScopeBody};
use crate::slice::{PlaceOf, Placed};

words! {
    /// Why an action is allowed or not.
    #[schema(as = AccessReason)]
    Reason {
        /// It is for everyone, or the thing is public.
        Everyone = "everyone",
        /// It is for everyone who is signed in, or the thing is their own.
        SignedIn = "signed_in",
        /// A grant allows it.
        Grant = "grant",
        /// No grant does.
        NoGrant = "no_grant",
        /// The account does not even see the thing.
        NotVisible = "not_visible",
    }
}

/// What is asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Question {
    /// An operationId of this document.
    #[param(value_type = Action, inline)]
    pub action: String,
    /// What it is done to: `event:<id>`, `registration:<id>`, `organization:<id>`, `college:<id>`, `class_group:<id>`
    /// or `person:<id>`. Absent: office-wide.
    #[param(
        pattern = r"^(event|registration|organization|college|class_group|person):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
    )]
    pub resource: Option<String>,
    /// Of another account, for administrators, the head of the office and auditors; oneself unless given.
    pub account_id: Option<AccountId>,
}

/// What the document says of an action: one of the acts of the policy table.
pub struct Action;

impl PartialSchema for Action {
    fn schema() -> RefOr<Schema> {
        let names = Act::ALL.iter().map(|act| act.name());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for Action {}

/// A grant that allows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reaching {
    #[serde(flatten)]
    pub grant: Grant,
    /// What of the thing's place the grant covers: itself, something above it, or everything.
    pub through: ScopeBody,
}

/// Why somebody may do something, or what they lack.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"action": "update_event", "resource": "event:01914a6b-7c00-7000-8000-000000000009", "account_id": "01914a6b-7c00-7000-8000-000000000008", "allowed": false, "reason": "no_grant", "path": [], "needed_roles": ["office_staff", "office_director", "college_admin", "chapter_secretary"], "scopes": [{"kind": "all", "id": null}, {"kind": "organization", "id": "01914a6b-7c00-7000-8000-000000000005"}, {"kind": "event", "id": "01914a6b-7c00-7000-8000-000000000009"}]}))]
pub struct Explanation {
    pub action: &'static str,
    pub resource: Option<String>,
    pub account_id: AccountId,
    /// By whom and where; the state of the thing can refuse it all the same.
    pub allowed: bool,
    pub reason: Reason,
    /// The grants of today that allow it.
    pub path: Vec<Reaching>,
    /// Roles that would allow it, when it is not allowed.
    pub needed_roles: &'static [Role],
    /// Where one of them would have to be granted, when it is not allowed.
    pub scopes: Vec<ScopeBody>,
}

/// The act that is asked about; 400 for none of ours.
pub fn act(question: &Question) -> Result<Act> {
    Act::named(&question.action).ok_or_else(|| faulty("action"))
}

/// The kind and id of what it is done to; 404 for what it is not done to.
pub fn thing(question: &Question, act: Act, places: &[PlaceOf]) -> Result<Option<(PlaceOf, Uuid)>> {
    let Some(text) = &question.resource else { return Ok(None) };
    let (kind, id) = text.split_once(':').ok_or(NOT_FOUND)?;
    let place = places.iter().find(|place| place.kind == kind && place.acts.contains(&act));
    match (place, id.parse()) {
        (Some(place), Ok(id)) => Ok(Some((*place, id))),
        // A thing of another kind, or no thing at all: not there, as at its own address.
        _ => Err(NOT_FOUND.into()),
    }
}

fn faulty(parameter: &str) -> Error {
    Error::faulty(INVALID_PARAMETER, vec![Fault::new(parameter, "not_found")])
}

/// The grants that cover a place for an act.
pub fn path(act: Act, place: &[Scope], grants: Vec<Grant>) -> Result<Vec<Reaching>> {
    let mut path = vec![];
    for grant in grants {
        let scope = Scope::from_parts(grant.scope.kind, grant.scope.id)?;
        if act.allows(grant.role) && (scope == Scope::All || place.contains(&scope)) {
            path.push(Reaching { grant, through: scope.into() });
        }
    }
    Ok(path)
}

/// Why an act is allowed or not; `listed` acts have things of a kind, which decide with them.
pub fn reason(act: Act, placed: Option<&Placed>, path: &[Reaching], listed: bool) -> Reason {
    let rule = act.rule();
    let free = rule.who != Who::Holders && (rule.roles.is_empty() || !listed);
    match placed {
        None => Reason::NotVisible,
        Some(_) if !path.is_empty() => Reason::Grant,
        Some(placed) if !free && !placed.open => Reason::NoGrant,
        Some(_) if rule.who == Who::Everyone => Reason::Everyone,
        Some(_) => Reason::SignedIn,
    }
}
