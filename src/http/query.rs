//! `Listing<F>`: the filters of a list and the page asked for. A filter given twice means *or*.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use crate::base::error::{Error, Fault, Refusal, Result};
use crate::base::page::{CursorSeal, INVALID_PARAMETER, PageParams, PageRequest};
use crate::base::text::CONTROL_CHARACTER;
use crate::http::body::fault;

/// A query parameter that the operation does not have.
pub const UNKNOWN_PARAMETER: Refusal = Refusal::new(400, "unknown_parameter");

const PAGING: [&str; 3] = ["limit", "cursor", "include_total"];

/// Filters and page of a list.
pub struct Listing<F> {
    /// The filters.
    pub filter: F,
    /// The page.
    pub page: PageRequest,
}

/// For a list without filters.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFilter {}

impl<F: DeserializeOwned + 'static> FromRequest for Listing<F> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(listing(request))
    }
}

fn listing<F: DeserializeOwned>(request: &HttpRequest) -> Result<Listing<F>> {
    let pairs = pairs(request.query_string())?;
    let (paging, mut filters): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(name, _)| PAGING.contains(&name.as_str()));
    filters.sort();
    let filters = serde_html_form::to_string(&filters).map_err(Error::internal)?;
    let paging = serde_html_form::to_string(&paging).map_err(Error::internal)?;
    let seal = request.app_data::<web::Data<CursorSeal>>().ok_or_else(|| Error::internal("no cursor seal"))?;
    let params: PageParams = read(&paging)?;
    let question = format!("{}?{filters}", request.path());
    Ok(Listing { filter: read(&filters)?, page: PageRequest::new(params, question, seal.get_ref().clone())? })
}

/// The parameters of what is not a list.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Asked<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self))
    }
}

/// Parameters that are not a list's: an `as_of`, an `expand`.
pub fn read<T: DeserializeOwned>(query: &str) -> Result<T> {
    let from = serde_html_form::Deserializer::from_bytes(query.as_bytes());
    serde_path_to_error::deserialize(from).map_err(|error| {
        let name = error.path().to_string();
        let name = name.split(['.', '[']).next().unwrap_or_default();
        let fault = fault(String::new(), &error.inner().to_string());
        match fault.code.as_str() {
            "unknown_field" => Error::faulty(
                UNKNOWN_PARAMETER,
                vec![Fault::new(fault.pointer.trim_start_matches('/'), "unknown_parameter")],
            ),
            _ => Error::faulty(INVALID_PARAMETER, vec![Fault { pointer: name.to_owned(), ..fault }]),
        }
    })
}

/// The pairs of a query string; 400 when it is not one, or holds U+0000, which PostgreSQL knows in no text.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>> {
    let pairs: Vec<(String, String)> =
        serde_html_form::from_str(query).map_err(|_| Error::faulty(INVALID_PARAMETER, vec![]))?;
    match pairs.iter().find(|(_, value)| value.contains('\0')) {
        None => Ok(pairs),
        Some((name, _)) => Err(Error::faulty(INVALID_PARAMETER, vec![Fault::new(name, CONTROL_CHARACTER)])),
    }
}
