//! The application: one scope `/api/v1`, the list of slices, the document, the middleware, the fallback.

use std::sync::OnceLock;

use actix_cors::Cors;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, web};
use serde_json::Value;
use utoipa::OpenApi as _;
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::SwaggerUi;

use crate::access::gate::gate;
use crate::access::office::Office;
use crate::access::policy::{Act, Who};
use crate::base::error::{Error, NOT_FOUND};
use crate::http::body::MAX_JSON;
use crate::http::document::{Known, Part, complete};
use crate::http::envelope::envelope;
use crate::http::fallback::{Operations, fallback};
use crate::http::problem::Problem;
use crate::http::system::{self, Probe, Ready};
use crate::slice::{Places, Slice};
use crate::{accounts, colleges, events, organizations, people};

/// Every part of the office, in the order in which they may use each other.
pub const SLICES: &[Slice] = &[accounts::SLICE, colleges::SLICE, people::SLICE, organizations::SLICE, events::SLICE];

/// The OpenAPI document, built from the handlers once.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let machine = part(
            "system",
            "The program itself: is it alive, which version, which keys and words.",
            "",
            system::configure,
        );
        let meta = part("system", "", "/api/v1", system::configure_api);
        let slices = SLICES.iter().map(|slice| part(slice.name, slice.about, "/api/v1", slice.routes));
        complete([machine, meta].into_iter().chain(slices).collect(), known)
    })
}

fn part(tag: &'static str, about: &'static str, prefix: &'static str, routes: fn(&mut ServiceConfig<'_>)) -> Part {
    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(Problem)))]
    struct Base;
    let (_, document) = App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes).split_for_parts();
    Part { tag, about, prefix, document: serde_json::to_value(document).unwrap_or_default() }
}

fn known(operation: &str) -> Option<Known> {
    let rule = Act::named(operation)?.rule();
    Some(Known { public: rule.who == Who::Everyone, keyed: rule.keyed })
}

/// The application for one worker thread.
pub fn app(
    office: Office,
    ready: web::Data<Ready>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = actix_web::Error, InitError = ()>,
> {
    let words = SLICES.iter().flat_map(|slice| slice.words).copied().collect();
    let tokens = office.tokens.clone();
    let probe = Probe { pool: office.pool.clone(), key_set: Box::new(move || tokens.key_set()), words, ready };
    let cors = Condition::new(!office.origins.is_empty(), cross_origin(&office.origins));
    let docs =
        utoipa_swagger_ui::Config::from("/api/v1/openapi.json").persist_authorization(true).try_it_out_enabled(true);
    App::new()
        .app_data(web::Data::new(office.seal.clone()))
        .app_data(web::Data::new(office.metrics.clone()))
        .app_data(web::Data::new(office))
        .app_data(web::Data::new(Operations::of(document())))
        .app_data(web::Data::new(Places(SLICES.iter().flat_map(|slice| slice.places).copied().collect())))
        .app_data(web::Data::new(probe))
        .app_data(web::PayloadConfig::new(MAX_JSON))
        .app_data(web::PathConfig::default().error_handler(|_, _| Error::from(NOT_FOUND).into()))
        .service(web::scope("/api/v1").wrap(from_fn(gate)).configure(api))
        .configure(|config| system::configure(&mut ServiceConfig::new(config)))
        .configure(system::pages)
        .service(SwaggerUi::new("/docs/{_:.*}").config(docs))
        .default_service(web::to(fallback))
        .wrap(Compress::default())
        .wrap(cors)
        .wrap(from_fn(envelope))
}

/// Browsers of these origins may call, with a token and never with a cookie, and may read the headers that matter.
fn cross_origin(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "accept-language",
            "if-match",
            "if-none-match",
            "idempotency-key",
        ])
        .expose_headers([
            "content-language",
            "deprecation",
            "etag",
            "idempotency-replayed",
            "link",
            "location",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "sunset",
            "x-request-id",
        ])
        .max_age(3_600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

fn api(config: &mut web::ServiceConfig) {
    let mut config = ServiceConfig::new(config);
    for slice in SLICES {
        (slice.routes)(&mut config);
    }
    system::configure_api(&mut config);
    config.route("/openapi.json", web::get().to(async || web::Json(document())));
}
