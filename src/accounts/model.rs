//! Accounts and grants as they are sent.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::access::{AccountStatus, Role};
use crate::base::error::Refusal;
use crate::base::ids::{AccountId, GrantId, PersonId};
use crate::base::scope::ScopeBody;
use crate::base::text;
use crate::http::reply::Resource;

/// Another account signs in with it.
pub const IDENTIFIER_TAKEN: Refusal = Refusal::new(409, "identifier_taken");
/// The person has an account.
pub const PERSON_TAKEN: Refusal = Refusal::new(409, "person_has_account");

words! {
    /// What an account signs in with.
    IdentifierKind { Email = "email", Phone = "phone" }
}

words! {
    /// Where a grant comes from.
    #[schema(as = GrantSource)]
    Source {
        /// Given by hand.
        Manual = "manual",
    }
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000008", "name": "解海宁", "email": "secretary.shenzhen@demo.example", "phone": null, "person_id": "01914a6b-7c00-7000-8000-000000000003", "grants": [], "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}))]
pub struct Me {
    pub id: AccountId,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    /// The person that the account belongs to.
    pub person_id: Option<PersonId>,
    /// In force today.
    pub grants: Vec<Grant>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A grant: role × scope × period.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000011", "account_id": "01914a6b-7c00-7000-8000-000000000008", "role": "chapter_secretary", "scope": {"kind": "organization", "id": "01914a6b-7c00-7000-8000-000000000005"}, "starts_on": "2019-01-07", "ends_on": null, "source": "manual"}))]
pub struct Grant {
    pub id: GrantId,
    pub account_id: AccountId,
    pub role: Role,
    pub scope: ScopeBody,
    pub starts_on: NaiveDate,
    /// The last day; null while open-ended.
    pub ends_on: Option<NaiveDate>,
    pub source: Source,
}

/// A grant to give.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = period))]
#[schema(example = json!({"role": "college_admin", "scope": {"kind": "college", "id": "01914a6b-7c00-7000-8000-000000000001"}, "starts_on": "2026-09-01", "ends_on": "2030-08-31"}))]
pub struct NewGrant {
    pub role: Role,
    pub scope: ScopeBody,
    /// Today unless given.
    #[validate(custom(function = text::day))]
    pub starts_on: Option<NaiveDate>,
    /// The last day; open-ended unless given.
    #[validate(custom(function = text::day))]
    pub ends_on: Option<NaiveDate>,
}

/// An account in the list of accounts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000008", "name": "解海宁", "status": "active", "email": "secretary.shenzhen@demo.example", "phone": null, "person_id": "01914a6b-7c00-7000-8000-000000000003", "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}))]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub status: AccountStatus,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub person_id: Option<PersonId>,
    #[serde(skip)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Whose account it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"person_id": "01914a6b-7c00-7000-8000-000000000003"}))]
pub struct AccountPerson {
    /// Null: nobody's.
    #[serde(deserialize_with = "Option::deserialize")]
    pub person_id: Option<PersonId>,
}

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// By e-mail.
    #[serde(default)]
    pub email: Vec<String>,
    /// Of this person.
    #[serde(default)]
    pub person_id: Vec<PersonId>,
}

/// An account to make, by the program itself.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub name: String,
    pub email: String,
    /// A PHC string.
    pub password_hash: String,
    pub person_id: Option<PersonId>,
}

/// An account that the first start made, and its password, to be printed once.
#[derive(Debug)]
pub struct Created {
    pub email: String,
    pub password: String,
}

/// An e-mail as it is kept and compared.
pub fn email(raw: &str) -> String {
    raw.trim().to_lowercase()
}

fn period(grant: &NewGrant) -> Result<(), ValidationError> {
    match (grant.starts_on, grant.ends_on) {
        (Some(starts), Some(ends)) if ends < starts => Err(text::field_error("ends_on", "ends_before_start")),
        _ => Ok(()),
    }
}

impl Resource for Me {
    fn version_tag(&self) -> String {
        let grants = self.grants.iter().map(|grant| grant.id.to_string()).collect::<Vec<_>>().join(".");
        let whole = format!("{}|{:?}|{grants}", self.updated_at.timestamp_micros(), self.person_id);
        crate::access::tokens::digest_tag(&whole)
    }
    fn path(&self) -> String {
        "/me".to_owned()
    }
}

impl Resource for Account {
    fn version_tag(&self) -> String {
        self.version.to_string()
    }
    fn path(&self) -> String {
        format!("/accounts/{}", self.id)
    }
}

impl Resource for Grant {
    fn version_tag(&self) -> String {
        self.id.to_string()
    }
    fn path(&self) -> String {
        format!("/grants/{}", self.id)
    }
}
