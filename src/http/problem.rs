//! Errors as `application/problem+json` (RFC 9457) in the caller's language. Internal causes stay here.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_LANGUAGE, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::base::error::{Error, Fault, Refused, Unmet};
use crate::base::words::{Lang, say};

/// A problem. Branch on `code`; show `detail`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "/problems/event_full", "title": "The event is full", "status": 409,
    "detail": "All seats are taken and there is no waitlist.",
    "instance": "urn:uuid:01914a6b-7c00-7000-8000-000000000001", "code": "event_full", "errors": [], "unmet": []
}))]
pub struct Problem {
    /// A page that explains the problem.
    pub r#type: String,
    /// What kind of problem, in the caller's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do next, in the caller's language.
    pub detail: String,
    /// The request's id, as in the log.
    pub instance: String,
    /// Stable, never translated.
    pub code: String,
    /// Each fault of the input.
    pub errors: Vec<FieldProblem>,
    /// What a refused step still lacks.
    pub unmet: Vec<Unmet>,
}

/// One fault of the input.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldProblem {
    /// A JSON pointer into the body, or the name of a parameter.
    pub pointer: String,
    /// Stable, never translated.
    pub code: String,
    /// Limits and names that the message speaks of.
    #[schema(value_type = Object)]
    pub params: BTreeMap<String, Value>,
    /// In the caller's language.
    pub message: String,
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(it) => StatusCode::from_u16(it.refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// An empty answer: the envelope renders the problem, which knows the request's language and id.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// The problem as an answer.
pub fn render(error: &Error, lang: Lang, request_id: Uuid) -> HttpResponse {
    let status = error.status_code();
    let mut answer = HttpResponse::build(status);
    answer.content_type("application/problem+json");
    answer.insert_header((CONTENT_LANGUAGE, lang.tag()));
    answer.insert_header((VARY, "accept-language"));
    match status.as_u16() {
        401 if error.code() == Some("invalid_token") => {
            answer.insert_header((WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#));
        }
        401 => drop(answer.insert_header((WWW_AUTHENTICATE, "Bearer"))),
        409 if error.code() == Some("key_in_flight") => drop(answer.insert_header((RETRY_AFTER, "1"))),
        503 => drop(answer.insert_header((RETRY_AFTER, "2"))),
        _ => (),
    }
    let mut problem = Problem {
        r#type: String::new(),
        title: String::new(),
        status: status.as_u16(),
        detail: String::new(),
        instance: format!("urn:uuid:{request_id}"),
        code: "internal".to_owned(),
        errors: vec![],
        unmet: vec![],
    };
    match error {
        Error::Refused(it) => {
            if let Some(seconds) = it.retry_after {
                answer.insert_header((RETRY_AFTER, seconds.to_string()));
            }
            if let Some(allow) = &it.allow {
                answer.insert_header((ALLOW, allow.as_str()));
            }
            if let Some(seconds) = it.retry_after {
                answer.insert_header((RETRY_AFTER, seconds));
            }
            fill(&mut problem, it, lang);
        }
        Error::Internal(cause) => tracing::error!(%request_id, %cause, "a request failed"),
    }
    let key = problem.code.replace('_', "-");
    problem.r#type = format!("/problems/{}", problem.code);
    problem.title = say(lang, &format!("problem-{key}"), []).unwrap_or_else(|| problem.code.clone());
    problem.detail = say(lang, &format!("problem-{key}-detail"), []).unwrap_or_else(|| problem.title.clone());
    answer.json(problem)
}

fn fill(problem: &mut Problem, it: &Refused, lang: Lang) {
    it.refusal.code.clone_into(&mut problem.code);
    problem.unmet.clone_from(&it.unmet);
    problem.errors = it.faults.iter().map(|fault| field_problem(fault, lang)).collect();
}

fn field_problem(fault: &Fault, lang: Lang) -> FieldProblem {
    let key = format!("fault-{}", fault.code.replace('_', "-"));
    FieldProblem {
        pointer: fault.pointer.clone(),
        code: fault.code.clone(),
        params: fault.params.clone(),
        message: say(lang, &key, &fault.params).unwrap_or_else(|| fault.code.clone()),
    }
}
