//! The one reply: a resource with its ETag, a list, something created, or nothing.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, LOCATION, VARY};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::base::error::{Error, Result};

/// Anybody's caches may keep it for a minute.
const PUBLIC: &str = "public, max-age=60";
/// Nobody's cache may keep it.
const PRIVATE: &str = "private, no-store";

/// A single thing with a version and an address.
pub trait Resource: Serialize {
    /// Changes whenever the representation does; becomes the strong ETag.
    fn version_tag(&self) -> String;
    /// Its path under `/api/v1`.
    fn path(&self) -> String;
}

/// An answer, ready to be stored beside an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: StatusCode,
    /// Where the created thing is.
    pub location: Option<String>,
    /// The strong entity tag, quoted.
    pub etag: Option<String>,
    /// JSON, or nothing.
    pub body: Bytes,
    /// Whether this is the stored answer of an earlier request.
    pub replayed: bool,
    /// Whether caches may keep it.
    pub public: bool,
}

impl Reply {
    /// 200 with any JSON.
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        Self::with(StatusCode::OK, body)
    }

    /// 200 with a resource and its ETag.
    pub fn resource(resource: &impl Resource) -> Result<Self> {
        let etag = Some(format!("\"{}\"", resource.version_tag()));
        Ok(Self { etag, ..Self::ok(resource)? })
    }

    /// 201 with the created resource, its address and ETag.
    pub fn created(resource: &impl Resource) -> Result<Self> {
        let location = Some(format!("/api/v1{}", resource.path()));
        Ok(Self { status: StatusCode::CREATED, location, ..Self::resource(resource)? })
    }

    /// Any status with any JSON.
    pub fn with(status: StatusCode, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body).map_err(Error::internal)?;
        Ok(Self { status, location: None, etag: None, body: body.into(), replayed: false, public: false })
    }

    /// 204.
    pub fn no_content() -> Self {
        let (status, body) = (StatusCode::NO_CONTENT, Bytes::new());
        Self { status, location: None, etag: None, body, replayed: false, public: false }
    }

    /// The same, and caches may keep it when nobody is signed in.
    #[must_use]
    pub fn public_unless(self, signed_in: bool) -> Self {
        let public = !signed_in;
        let etag = self.etag.or_else(|| public.then(|| format!("\"{}\"", digest_of(&self.body))));
        Self { etag, public, ..self }
    }
}

/// A short digest of a body that has no version of its own.
fn digest_of(body: &[u8]) -> String {
    let hash = digest(&SHA256, body);
    URL_SAFE_NO_PAD.encode(hash.as_ref().get(..12).unwrap_or_default())
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let fresh = self.status == StatusCode::OK && self.etag.as_deref().is_some_and(|etag| is_known(request, etag));
        let status = if fresh { StatusCode::NOT_MODIFIED } else { self.status };
        let mut answer = HttpResponse::build(status);
        answer.insert_header((CACHE_CONTROL, if self.public { PUBLIC } else { PRIVATE }));
        if self.public {
            // Who is signed in may be shown more.
            answer.insert_header((VARY, "authorization"));
        }
        if let Some(etag) = &self.etag {
            answer.insert_header((ETAG, etag.as_str()));
        }
        if let Some(location) = &self.location {
            answer.insert_header((LOCATION, location.as_str()));
        }
        if self.replayed {
            answer.insert_header(("Idempotency-Replayed", "true"));
        }
        match fresh || self.body.is_empty() {
            true => answer.finish(),
            false => answer.content_type("application/json").body(self.body),
        }
    }
}

fn is_known(request: &HttpRequest, etag: &str) -> bool {
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|list| {
        list.split(',').any(|tag| {
            matches!(tag.trim().trim_start_matches("W/"), "*") || tag.trim().trim_start_matches("W/") == etag
        })
    })
}
