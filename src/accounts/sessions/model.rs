//! Tokens as they are asked for and sent, and what a refresh token that comes is worth.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError, ValidationErrors};

use crate::access::AccountStatus;
use crate::base::error::Refusal;
use crate::base::ids::{AccountId, SessionId};

/// Unknown identifier or wrong password: which of the two is not told.
pub const INVALID_CREDENTIALS: Refusal = Refusal::new(401, "invalid_credentials");
/// The refresh token is unknown, used, expired or of a session that has ended.
pub const INVALID_REFRESH: Refusal = Refusal::new(401, "invalid_refresh_token");

/// How long a refresh token is good.
pub const REFRESH_DAYS: i64 = 30;

/// How long after its first use a refresh token may come again, because the answer was lost.
const GRACE: TimeDelta = TimeDelta::seconds(30);

/// How to get a token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "grant_type", rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({"grant_type": "password", "email": "office@demo.example", "password": "homecoming-demo"}))]
pub enum TokenRequest {
    /// With e-mail or phone and password.
    Password {
        /// One of the two.
        #[schema(max_length = 254)]
        email: Option<String>,
        /// E.164.
        #[schema(max_length = 20)]
        phone: Option<String>,
        #[schema(value_type = String, format = Password, max_length = 128)]
        password: SecretString,
    },
    /// With the refresh token of the last answer, which works once.
    RefreshToken {
        #[schema(value_type = String, max_length = 200)]
        refresh_token: SecretString,
    },
}

/// A signed-in session's tokens.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJ…", "token_type": "Bearer", "expires_in": 600, "refresh_token": "b1F…"}))]
pub struct TokenPair {
    /// For `Authorization: Bearer …`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: i64,
    /// Good for one refresh within 30 days.
    pub refresh_token: String,
}

/// One sign-in on one device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000012", "created_at": "2019-01-07T04:00:00Z", "last_used_at": "2019-01-07T05:10:00Z", "client": "Mozilla/5.0 (X11; Linux x86_64)", "current": true}))]
pub struct Session {
    pub id: SessionId,
    pub created_at: DateTime<Utc>,
    /// When it was last given tokens.
    pub last_used_at: DateTime<Utc>,
    /// What the client called itself at sign-in, shortened.
    pub client: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A refresh token with its session, as it was found.
#[derive(Debug, Queryable)]
pub struct Refresh {
    pub session: SessionId,
    pub account: AccountId,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    /// The hash of the token that was given for it last.
    pub successor: Option<Vec<u8>>,
    pub superseded_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub status: AccountStatus,
}

/// What a refresh token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// A new pair.
    Pair,
    /// A new pair if its successor is unused, in the successor's place; else somebody has a copy.
    Retry,
    /// Somebody has a copy: the family ends.
    Replay,
    /// Nothing.
    Nothing,
}

impl Refresh {
    /// What it is worth now. Of two tokens for the same one the older has lost its place: two hold one of them each.
    pub fn worth(&self, now: DateTime<Utc>) -> Worth {
        if self.ended_at.is_some() || self.status != AccountStatus::Active {
            return Worth::Nothing;
        }
        match self.used_at {
            _ if self.superseded_at.is_some() => Worth::Replay,
            Some(used) if now - used <= GRACE => Worth::Retry,
            Some(_) => Worth::Replay,
            None if self.expires_at <= now => Worth::Nothing,
            None => Worth::Pair,
        }
    }
}

impl Validate for TokenRequest {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let Self::Password { email, phone, .. } = self else {
            return Ok(());
        };
        if email.is_some() != phone.is_some() {
            return Ok(());
        }
        let mut errors = ValidationErrors::new();
        errors.add("email", ValidationError::new("one_of"));
        Err(errors)
    }
}
