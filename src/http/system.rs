//! The program itself: is it alive and ready, which version, which keys and words; and its few pages.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, ContentType, VARY};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::envelope::Envelope;
use super::reply::Reply;
use crate::base::error::{NOT_FOUND, Result, UNAVAILABLE};
use crate::base::state::WordSet;
use crate::base::words::{Lang, label, say};
use crate::db::migrate;
use crate::db::pool::Pool;

/// How long the database may take to show that it is there.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether this process takes requests: not any more once it has been told to stop.
#[derive(Debug)]
pub struct Ready(AtomicBool);

/// What these operations look at.
pub struct Probe {
    /// The database.
    pub pool: Pool,
    /// The public keys that verify access tokens, as they are now.
    pub key_set: Box<dyn Fn() -> Value + Send + Sync>,
    /// Every closed set of words of all slices.
    pub words: Vec<WordSet>,
    /// Whether this process takes requests.
    pub ready: web::Data<Ready>,
}

/// Alive or ready.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
}

/// Which program this is.
#[derive(Serialize, ToSchema)]
struct Version {
    name: &'static str,
    version: &'static str,
}

/// One value of an enum with its labels.
#[derive(Serialize, ToSchema)]
struct Labelled {
    value: &'static str,
    #[serde(rename = "zh-CN")]
    zh: String,
    en: String,
}

/// Every value of one enum.
#[derive(Serialize, ToSchema)]
struct Words {
    name: &'static str,
    values: Vec<Labelled>,
}

/// All enums.
#[derive(Serialize, ToSchema)]
struct Enums {
    items: Vec<Words>,
}

pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(read_liveness).service(read_readiness).service(read_version).service(read_signing_keys);
}

pub fn configure_api(config: &mut ServiceConfig<'_>) {
    config.service(read_enums);
}

/// Pages for people, which are not operations.
pub fn pages(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(index))
        .route("/problems/{code}", web::get().to(problem_page))
        .route("/docs", web::get().to(async || web::Redirect::to("/docs/").permanent()));
}

/// Is the program alive?
///
/// Answers without the database.
#[utoipa::path(responses((status = 200, description = "Alive", body = Health)))]
#[get("/livez")]
async fn read_liveness() -> Result<Reply> {
    Reply::ok(&Health { status: "ok" })
}

/// Is the program ready?
///
/// 503 while the database is away, not migrated, or the program is stopping.
#[utoipa::path(responses((status = 200, description = "Ready", body = Health)))]
#[get("/readyz")]
async fn read_readiness(probe: web::Data<Probe>) -> Result<Reply> {
    let is_current = async { migrate::is_current(&mut *probe.pool.get().await?).await };
    // Whoever asks wants to know now.
    let is_current = tokio::time::timeout(PATIENCE, is_current).await.map_err(|_| UNAVAILABLE)?;
    match is_current? && probe.ready.is() {
        true => Reply::ok(&Health { status: "ok" }),
        false => Err(UNAVAILABLE.into()),
    }
}

/// Which version?
///
/// Name and version of the program.
#[utoipa::path(responses((status = 200, description = "The version", body = Version)))]
#[get("/version")]
async fn read_version() -> Result<Reply> {
    Reply::ok(&Version { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") })
}

/// Public keys of access tokens
///
/// A JSON Web Key Set (RFC 7517), so that other campus systems can verify tokens.
#[utoipa::path(responses((status = 200, description = "The key set", body = Object)))]
#[get("/.well-known/jwks.json")]
async fn read_signing_keys(probe: web::Data<Probe>) -> Result<Reply> {
    Ok(Reply::ok(&(probe.key_set)())?.public_unless(false))
}

/// Every enum value with its labels
///
/// In Chinese and English. Clients must bear values that they do not know.
#[utoipa::path(responses((status = 200, description = "All enums", body = Enums)))]
#[get("/meta/enums")]
async fn read_enums(probe: web::Data<Probe>) -> Result<Reply> {
    let labelled = |set: &WordSet, value| Labelled {
        value,
        zh: label(Lang::Zh, set.name, value),
        en: label(Lang::En, set.name, value),
    };
    let words = |set: &WordSet| Words {
        name: set.name,
        values: (set.values)().into_iter().map(|value| labelled(set, value)).collect(),
    };
    let enums = Enums { items: probe.words.iter().map(words).collect() };
    Ok(Reply::ok(&enums)?.public_unless(false))
}

async fn index(envelope: web::ReqData<Envelope>) -> HttpResponse {
    let lang = envelope.lang;
    let mut links = String::new();
    for (key, path) in [("page-docs", "/docs/"), ("page-openapi", "/api/v1/openapi.json"), ("page-ready", "/readyz")] {
        // Writing to a string cannot fail.
        let _ = write!(links, "<li><a href=\"{path}\">{}</a><span>{path}</span></li>", word(lang, key));
    }
    page(lang, &word(lang, "page-title"), &format!("<p>{}</p><ul>{links}</ul>", word(lang, "page-about")))
}

async fn problem_page(code: web::Path<String>) -> Result<HttpResponse> {
    let key = format!("problem-{}", code.replace('_', "-"));
    let mut body = String::new();
    for lang in Lang::ALL {
        let title = say(lang, &key, []).ok_or(NOT_FOUND)?;
        let detail = say(lang, &format!("{key}-detail"), []).unwrap_or_default();
        let _ = write!(body, "<section lang=\"{}\"><h2>{title}</h2><p>{detail}</p></section>", lang.tag());
    }
    Ok(page(Lang::En, &code, &body))
}

fn word(lang: Lang, key: &str) -> String {
    say(lang, key, []).unwrap_or_else(|| key.to_owned())
}

fn page(lang: Lang, title: &str, body: &str) -> HttpResponse {
    const STYLE: &str = include_str!("page.css");
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>",
        lang.tag()
    );
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=60"))
        .insert_header((VARY, "accept-language"))
        .content_type(ContentType::html())
        .body(html)
}

impl Default for Ready {
    fn default() -> Self {
        Self(AtomicBool::new(true))
    }
}

impl Ready {
    /// From now on not ready.
    pub fn stop(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether it is.
    pub fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
