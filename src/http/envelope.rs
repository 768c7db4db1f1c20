//! Around every request: its id and language, HEAD served as GET, problems rendered, a line in the log of all but quick reads.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, web};
use uuid::Uuid;

use super::fallback::Operations;
use super::metrics::Metrics;
use super::problem;
use crate::base::clock::{self, Clock};
use crate::base::error::{Error, NOT_FOUND, Refusal};
use crate::base::words::Lang;

/// The address is longer than any of ours.
pub const URI_TOO_LONG: Refusal = Refusal::new(414, "uri_too_long");

const LONGEST_URI: usize = 8 * 1024;

/// A read that takes so long is worth a line.
const SLOW_MILLIS: u64 = 1_000;

/// What every part of a request may know of it.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    /// Its id, as in the log and in every problem.
    pub id: Uuid,
    /// The caller's language.
    pub lang: Lang,
}

/// What a caller has left of their requests (draft-ietf-httpapi-ratelimit-headers).
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Whose: `account` or `client`.
    pub name: &'static str,
    /// Requests a minute.
    pub quota: u32,
    /// What is left of them.
    pub left: u32,
    /// Seconds until all are there again.
    pub reset: u32,
}

/// For data: nothing may be loaded by it, nothing may frame it.
const DATA: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// For pages: our own scripts and styles, and nothing from elsewhere.
const PAGES: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'",
);

/// The middleware.
pub async fn envelope(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let start = Instant::now();
    let accept = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let lang = accept.map_or_else(Lang::default, Lang::negotiate);
    let id = clock::uuid_at(Clock::wall());
    request.extensions_mut().insert(Envelope { id, lang });
    let route = request.app_data::<web::Data<Operations>>().and_then(|operations| operations.find(request.path()));
    if let Some(route) = &route {
        request.extensions_mut().insert(route.clone());
    }
    let method = request.method().clone();
    if method == Method::HEAD {
        // Routes are written for GET; the server itself leaves the body out.
        request.head_mut().method = Method::GET;
    }
    let response = match request.uri().path_and_query().map_or(0, |path| path.as_str().len()) > LONGEST_URI {
        true => request.error_response(Error::from(URI_TOO_LONG)),
        false => next.call(request).await?.map_into_boxed_body(),
    };
    let mut response = rendered(response, lang, id);
    head(&mut response, id);
    // The route's pattern, never the path or the query: those may name people.
    let page = if route.is_none() { response.request().match_pattern() } else { None };
    let route = route.as_ref().map_or_else(|| page.as_deref().unwrap_or_default(), |route| &route.pattern);
    let took = start.elapsed();
    if let Some(metrics) = response.request().app_data::<web::Data<Metrics>>() {
        metrics.answered(method.as_str(), route, response.status(), took);
    }
    let (status, millis) = (response.status().as_u16(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    // Quick reads are many: the metrics count them, and writing each down would cost a tenth of answering it.
    if method.is_safe() && status < 400 && millis < SLOW_MILLIS {
        tracing::debug!(request_id = %id, %method, route, status, millis, "request");
    } else {
        tracing::info!(request_id = %id, %method, route, status, millis, "request");
    }
    Ok(response)
}

/// The headers that every answer has.
fn head(response: &mut ServiceResponse<BoxBody>, id: Uuid) {
    let budget = response.request().extensions().get::<Budget>().copied();
    let html = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CONTENT_SECURITY_POLICY, if html { PAGES } else { DATA });
    if let Some(Budget { name, quota, left, reset }) = budget {
        let mut line = |header, text: String| {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(header), value);
            }
        };
        line("ratelimit-policy", format!("\"{name}\";q={quota};w=60"));
        line("ratelimit", format!("\"{name}\";r={left};t={reset}"));
    }
}

fn rendered(response: ServiceResponse<BoxBody>, lang: Lang, id: Uuid) -> ServiceResponse<BoxBody> {
    let problem = match response.response().error() {
        None if response.status() == StatusCode::NOT_FOUND && response.response().headers().is_empty() => {
            Some(problem::render(&NOT_FOUND.into(), lang, id))
        }
        None => None,
        Some(error) => Some(match error.as_error::<Error>() {
            Some(error) => problem::render(error, lang, id),
            None => problem::render(&foreign(error), lang, id),
        }),
    };
    match problem {
        None => response,
        Some(mut problem) => {
            // What others have put on the answer stays there: a browser reads a problem only with the headers of CORS.
            for (name, value) in response.headers() {
                problem.headers_mut().append(name.clone(), value.clone());
            }
            response.into_response(problem)
        }
    }
}

/// An error of the web framework itself as one of ours.
fn foreign(error: &actix_web::Error) -> Error {
    match error.as_response_error().status_code() {
        StatusCode::BAD_REQUEST => super::body::UNREADABLE.into(),
        StatusCode::NOT_FOUND => NOT_FOUND.into(),
        StatusCode::PAYLOAD_TOO_LARGE => super::body::TOO_LARGE.into(),
        _ => Error::internal(error.to_string()),
    }
}
