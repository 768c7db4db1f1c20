//! New passwords and invitations as they are asked for and sent.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError, ValidationErrors};

use super::super::model::{Account, email};
use crate::access::passwords::{LONGEST, SHORTEST};
use crate::base::error::{Fault, Result};
use crate::base::ids::PersonId;
use crate::base::text::Line;

/// How long an invitation is good.
pub const INVITATION: TimeDelta = TimeDelta::days(7);

/// A change of one's own password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "what it was so far", "password": "correct horse battery"}))]
pub struct PasswordChange {
    #[schema(value_type = String, format = Password, max_length = 128)]
    pub current_password: SecretString,
    /// 8 characters to 128 bytes, and neither the e-mail nor the name.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    pub password: SecretString,
}

/// A password for who was handed a token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "b1F…", "password": "correct horse battery"}))]
pub struct PasswordByToken {
    /// Works once.
    #[schema(value_type = String, max_length = 200)]
    pub token: SecretString,
    /// 8 characters to 128 bytes, and neither the e-mail nor the name.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    pub password: SecretString,
}

/// Somebody to invite.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "shan@demo.example", "name": "单小明", "person_id": "01914a6b-7c00-7000-8000-000000000003"}))]
pub struct NewInvitation {
    #[validate(length(max = 254), custom(function = address))]
    #[schema(value_type = String, max_length = 254)]
    pub email: Line,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Line,
    /// The person that the account is for.
    pub person_id: Option<PersonId>,
}

/// A new account and what its holder sets the first password with.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"account": {"id": "01914a6b-7c00-7000-8000-000000000008", "name": "单小明", "status": "active", "email": "shan@demo.example", "phone": null, "person_id": "01914a6b-7c00-7000-8000-000000000003", "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}, "token": "b1F…", "expires_at": "2019-01-14T04:00:00Z"}))]
pub struct Invitation {
    pub account: Account,
    /// Shown this once, to be handed over; for `PUT /password`.
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

/// 422 for a password that is what everybody knows of the account.
pub fn check_secret(password: &SecretString, account: &Account) -> Result<()> {
    let password = email(password.expose_secret());
    let local = |address: &String| address.split('@').next().unwrap_or_default().to_owned();
    let known = [Some(account.name.to_lowercase()), account.email.clone(), account.email.as_ref().map(local)];
    match known.into_iter().chain([account.phone.clone()]).flatten().any(|known| known == password) {
        true => Err(Fault::new("/password", "password_known").into()),
        false => Ok(()),
    }
}

fn bounds(password: &SecretString) -> Result<(), ValidationErrors> {
    let (bytes, characters) = (password.expose_secret().len(), password.expose_secret().chars().count());
    if bytes <= LONGEST && u64::try_from(characters).is_ok_and(|count| count >= SHORTEST) {
        return Ok(());
    }
    let mut fault = ValidationError::new("password_length");
    fault.add_param("min".into(), &SHORTEST);
    fault.add_param("max".into(), &LONGEST);
    let mut errors = ValidationErrors::new();
    errors.add("password", fault);
    Err(errors)
}

fn address(address: &str) -> Result<(), ValidationError> {
    let parts = address.rsplit_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    match parts.is_some() && !address.contains(char::is_whitespace) {
        true => Ok(()),
        false => Err(ValidationError::new("email")),
    }
}

impl Validate for PasswordChange {
    fn validate(&self) -> Result<(), ValidationErrors> {
        bounds(&self.password)
    }
}

impl Validate for PasswordByToken {
    fn validate(&self) -> Result<(), ValidationErrors> {
        bounds(&self.password)
    }
}
