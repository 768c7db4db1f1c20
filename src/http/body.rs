//! `Valid<T>`: a JSON body, read strictly and validated; what is wrong comes back with its pointers.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use aws_lc_rs::digest::{SHA256, digest};
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::base::error::{Error, Fault, Refusal, Result};
use crate::base::text::CONTROL_CHARACTER;
use crate::journal::sealer::canonical;

/// The body is not JSON at all.
pub const MALFORMED_JSON: Refusal = Refusal::new(400, "malformed_json");
/// The body is of another type than JSON.
pub const UNSUPPORTED_TYPE: Refusal = Refusal::new(415, "unsupported_media_type");
/// The body is larger than the operation takes.
pub const TOO_LARGE: Refusal = Refusal::new(413, "body_too_large");

/// The body did not arrive in time.
pub const TOO_SLOW: Refusal = Refusal::new(408, "body_too_slow");
/// The body is cut, or not what its headers say.
pub const UNREADABLE: Refusal = Refusal::new(400, "malformed_request");

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(15);

/// The largest JSON body, in bytes.
pub const MAX_JSON: usize = 64 * 1024;

/// How deep a body may be nested.
pub const MAX_DEPTH: usize = 32;
/// The body is nested deeper than any of ours.
pub const TOO_DEEP: Refusal = Refusal::new(400, "body_too_deep");

/// A body that was read and is valid.
#[derive(Debug)]
pub struct Valid<T>(pub T);

/// What the rest of the request wants to know of its body.
#[derive(Debug, Clone, Default)]
pub struct BodyFacts {
    /// SHA-256 of the canonical JSON: the same body has the same fingerprint however it is spaced.
    pub fingerprint: Vec<u8>,
    /// Names of the fields given, for the journal.
    pub fields: Vec<String>,
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Valid<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let typed = is_json(request);
        let bytes = Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let bytes = tokio::time::timeout(PATIENCE, bytes).await.map_err(|_| TOO_SLOW)?.map_err(unreadable)?;
            // A step that needs no words may come without a body.
            let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
            if !typed && &bytes[..] != b"{}" {
                return Err(UNSUPPORTED_TYPE.into());
            }
            if depth(&bytes) > MAX_DEPTH {
                return Err(TOO_DEEP.into());
            }
            let body: T = read(&bytes)?;
            body.validate().map_err(|errors| Error::invalid(faults(&errors)))?;
            request.extensions_mut().insert(facts(&bytes)?);
            Ok(Self(body))
        })
    }
}

/// How deep arrays and objects are nested; whether it is JSON at all is found out later.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => (),
        }
    }
    deepest
}

fn unreadable(error: actix_web::Error) -> Error {
    match error.as_response_error().status_code().as_u16() {
        413 => TOO_LARGE.into(),
        _ => UNREADABLE.into(),
    }
}

fn is_json(request: &HttpRequest) -> bool {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mime = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(mime.as_str(), "application/json" | "application/merge-patch+json")
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => fault(pointer, &inner.to_string()).into(),
            _ => misplaced(bytes, pointer).map_or_else(|| MALFORMED_JSON.into(), Error::from),
        }
    })?;
    from.end().map_err(|_| MALFORMED_JSON)?;
    Ok(body)
}

/// The fault of a body that is JSON all the same: `serde_json` calls it a syntax error where a word of a closed set is
/// expected and no string stands there.
fn misplaced(bytes: &[u8], pointer: String) -> Option<Fault> {
    let whole: Value = serde_json::from_slice(bytes).ok()?;
    let words = match whole.pointer(&pointer)? {
        Value::Null => "invalid type: null",
        _ => "invalid type",
    };
    Some(fault(pointer, words))
}

fn facts(bytes: &[u8]) -> Result<BodyFacts> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| MALFORMED_JSON)?;
    Ok(BodyFacts {
        fingerprint: digest(&SHA256, canonical(&value).as_bytes()).as_ref().to_vec(),
        fields: value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default(),
    })
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.collect()
}

/// What serde says, as a fault: serde has words only, so this reads them.
pub fn fault(pointer: String, words: &str) -> Fault {
    let named = || words.split('`').nth(1).unwrap_or_default();
    let at_field = || match pointer.ends_with(&format!("/{}", named())) {
        true => pointer.clone(),
        false => format!("{pointer}/{}", named()),
    };
    if words.starts_with("unknown field") {
        Fault::new(at_field(), "unknown_field")
    } else if words.starts_with("missing field") {
        Fault::new(at_field(), "required")
    } else if words.starts_with("duplicate field") {
        Fault::new(at_field(), "given_twice")
    } else if words.starts_with("unknown variant") {
        let allowed: Vec<_> = words.split('`').skip(3).step_by(2).collect();
        Fault::new(pointer, "unknown_value").with("allowed", allowed.join(", "))
    } else if words.starts_with(CONTROL_CHARACTER) {
        Fault::new(pointer, CONTROL_CHARACTER)
    } else if words.starts_with("invalid type: null") {
        Fault::new(pointer, "not_null")
    } else {
        Fault::new(pointer, "type")
    }
}

fn faults(errors: &ValidationErrors) -> Vec<Fault> {
    let mut faults = vec![];
    collect(errors, "", &mut faults);
    faults
}

fn collect(errors: &ValidationErrors, prefix: &str, into: &mut Vec<Fault>) {
    for (field, kind) in errors.errors() {
        // `__all__` is how validator names the whole struct.
        let pointer = if field == "__all__" { prefix.to_owned() } else { format!("{prefix}/{field}") };
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, into),
            ValidationErrorsKind::List(inner) => {
                for (index, errors) in inner {
                    collect(errors, &format!("{pointer}/{index}"), into);
                }
            }
            ValidationErrorsKind::Field(found) => into.extend(found.iter().map(|error| {
                let mut fault = Fault::new(
                    error
                        .params
                        .get("field")
                        .and_then(Value::as_str)
                        .map_or_else(|| pointer.clone(), |name| format!("{prefix}/{name}")),
                    error.code.to_string(),
                );
                // The value itself is the caller's and may be personal: it is not repeated.
                let told = error.params.iter().filter(|(name, _)| !matches!(name.as_ref(), "value" | "field"));
                fault.params = told.map(|(name, value)| (name.to_string(), value.clone())).collect();
                fault
            })),
        }
    }
}
