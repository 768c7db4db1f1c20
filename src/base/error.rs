//! The one error type: a refusal with a stable code, faults in the input, or something of ours that broke.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What every fallible function of the house returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A reason to say no that clients may branch on; declared as a constant beside the type it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status (RFC 9110).
    pub status: u16,
    /// Stable, never translated; its words are `problem-<code>` in the catalogue.
    pub code: &'static str,
}

impl Refusal {
    /// A refusal with this HTTP status and code.
    pub const fn new(status: u16, code: &'static str) -> Self {
        Self { status, code }
    }
}

/// Nothing there, or nothing that the caller may see.
pub const NOT_FOUND: Refusal = Refusal::new(404, "not_found");
/// Visible to the caller, but not theirs to do.
pub const NOT_ALLOWED: Refusal = Refusal::new(403, "not_allowed");
/// No token where one is needed.
pub const NOT_SIGNED_IN: Refusal = Refusal::new(401, "not_signed_in");
/// A token that is malformed, expired, revoked or not ours.
pub const INVALID_TOKEN: Refusal = Refusal::new(401, "invalid_token");
/// The resource changed since the version in `If-Match`.
pub const STALE_VERSION: Refusal = Refusal::new(412, "stale_version");
/// A PATCH without `If-Match`.
pub const VERSION_REQUIRED: Refusal = Refusal::new(428, "version_required");
/// A state step that the state machine or a gate does not allow now.
pub const STEP_REFUSED: Refusal = Refusal::new(409, "step_refused");
/// More than the limits allow; the answer says when to come again.
pub const TOO_MANY_REQUESTS: Refusal = Refusal::new(429, "too_many_requests");
/// Too busy, or the database is away for a moment.
pub const UNAVAILABLE: Refusal = Refusal::new(503, "unavailable");

/// One thing that a refused step still lacks.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Unmet {
    /// Which condition, stable.
    pub code: &'static str,
    /// What it needs.
    #[schema(value_type = Value)]
    pub need: Value,
    /// What there is.
    #[schema(value_type = Value)]
    pub have: Value,
}

/// One fault in the input, at a JSON pointer (RFC 6901) or a parameter's name.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Where: a JSON pointer into the body, or the name of a parameter.
    pub pointer: String,
    /// What is wrong, stable; its words are `fault-<code>` in the catalogue.
    pub code: String,
    /// Limits and names for the words; never the value itself.
    pub params: BTreeMap<String, Value>,
}

impl Fault {
    /// A fault without parameters.
    pub fn new(pointer: impl Into<String>, code: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), params: BTreeMap::new() }
    }

    /// The same fault with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }
}

/// A refusal with what belongs to this one case.
#[derive(Debug)]
pub struct Refused {
    /// Which refusal.
    pub refusal: Refusal,
    /// Where in the input, for 400 and 422.
    pub faults: Vec<Fault>,
    /// What a step still lacks, for 409 `step_refused`.
    pub unmet: Vec<Unmet>,
    /// Methods the path does answer, for 405.
    pub allow: Option<String>,
    /// In how many seconds it may be tried again.
    pub retry_after: Option<i64>,
}

/// Everything that can go wrong.
#[derive(Debug)]
pub enum Error {
    /// The caller is told why, in their language.
    Refused(Box<Refused>),
    /// Ours: logged with the request id, never sent.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Something broke that is not the caller's doing.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// 409 `step_refused` with what is unmet.
    pub fn unmet(unmet: Vec<Unmet>) -> Self {
        Self::refused(STEP_REFUSED, |it| it.unmet = unmet)
    }

    /// 422 `invalid_field` with every fault found.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        Self::faulty(Refusal::new(422, "invalid_field"), faults)
    }

    /// A refusal of the input with its faults.
    pub fn faulty(refusal: Refusal, faults: Vec<Fault>) -> Self {
        Self::refused(refusal, |it| it.faults = faults)
    }

    /// 405 with the methods that the path does answer.
    pub fn method_not_allowed(allow: String) -> Self {
        Self::refused(Refusal::new(405, "method_not_allowed"), |it| {
            it.allow = Some(allow);
        })
    }

    /// 429 with the seconds after which it may be tried again.
    pub fn too_many(seconds: i64) -> Self {
        Self::refused(TOO_MANY_REQUESTS, |it| it.retry_after = Some(seconds))
    }

    /// The refusal's code, if this is one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Refused(it) => Some(it.refusal.code),
            Self::Internal(_) => None,
        }
    }

    fn refused(refusal: Refusal, fill: impl FnOnce(&mut Refused)) -> Self {
        let mut it = Refused { refusal, faults: vec![], unmet: vec![], allow: None, retry_after: None };
        fill(&mut it);
        Self::Refused(Box::new(it))
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::refused(refusal, |_| ())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::invalid(vec![fault])
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(it) => write!(f, "refused: {}", it.refusal.code),
            Self::Internal(cause) => write!(f, "internal: {cause}"),
        }
    }
}

impl std::error::Error for Error {}
