//! `Ctx`: what a handler is given of its request. `read` and `write` run one action, and deny by default.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use aws_lc_rs::digest::{SHA256, digest};
use uuid::Uuid;

use super::caller::Caller;
use super::office::Office;
use super::policy::{Act, Who};
use super::tx::{Tx, Versions, in_time};
use crate::base::error::{Error, Fault, NOT_SIGNED_IN, Result};
use crate::base::words::Lang;
use crate::http::body::BodyFacts;
use crate::http::client;
use crate::http::envelope::Envelope;
use crate::http::fallback::Route;
use crate::http::idempotency::{self, KEY_REQUIRED, Key};
use crate::http::reply::Reply;
use crate::journal::Origin;

/// The context of one request.
pub struct Ctx {
    /// What all requests share.
    pub office: web::Data<Office>,
    /// Who asks.
    pub caller: Caller,
    /// Their language.
    pub lang: Lang,
    request: HttpRequest,
    id: Uuid,
    act: Act,
}

impl FromRequest for Ctx {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(context(request))
    }
}

fn context(request: &HttpRequest) -> Result<Ctx> {
    let missing = || Error::internal("the application was put together without its parts");
    let office = request.app_data::<web::Data<Office>>().ok_or_else(missing)?.clone();
    let route = request.extensions().get::<Arc<Route>>().cloned().ok_or_else(missing)?;
    let operation = route.operation(request.method()).ok_or_else(missing)?;
    let act = Act::named(&operation.id).ok_or_else(missing)?;
    let envelope = request.extensions().get::<Envelope>().copied().ok_or_else(missing)?;
    let caller = request.extensions().get::<Caller>().copied().ok_or_else(missing)?;
    if caller == Caller::Anyone && act.rule().who != Who::Everyone {
        return Err(NOT_SIGNED_IN.into());
    }
    operation.check_query(request.query_string())?;
    let (request, id, lang) = (request.clone(), envelope.id, envelope.lang);
    Ok(Ctx { office, caller, lang, request, id, act })
}

impl Ctx {
    /// Whether somebody is signed in: what they get is theirs and for no shared cache.
    pub fn signed_in(&self) -> bool {
        self.caller != Caller::Anyone
    }

    /// Who asks, in which request: for the journal.
    pub fn origin(&self) -> Origin {
        Origin { actor: self.caller.account(), request_id: Some(self.id) }
    }

    /// The client's address, which limits count by.
    pub fn client(&self) -> IpAddr {
        let peer = self.request.peer_addr().map(|peer| peer.ip());
        client::address(peer, self.request.headers(), &self.office.proxies).unwrap_or(Ipv4Addr::UNSPECIFIED.into())
    }

    /// What the client calls itself.
    pub fn client_name(&self) -> Option<String> {
        client::name(self.request.headers())
    }

    /// Runs an action that only reads.
    pub async fn read<T>(&self, action: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        in_time(async {
            let mut tx = self.begin().await?;
            action(&mut tx).await
        })
        .await
    }

    /// Runs an action that writes, in one transaction with its journal entries and its idempotency key.
    pub async fn write(&self, action: impl AsyncFnOnce(&mut Tx) -> Result<Reply>) -> Result<Reply> {
        let key = self.key()?;
        self.transact(async |tx| self.keyed(tx, key.as_ref(), action).await).await
    }

    /// Runs a piece of work in one transaction with its journal entries, for answers that must not be stored.
    pub async fn transact<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        in_time(async {
            let mut tx = self.begin().await?;
            tx.begin().await?;
            match work(&mut tx).await {
                Ok(done) => tx.commit().await.map(|()| done),
                Err(error) => {
                    tx.roll_back().await;
                    Err(error)
                }
            }
        })
        .await
    }

    async fn keyed(
        &self,
        tx: &mut Tx,
        key: Option<&Key>,
        action: impl AsyncFnOnce(&mut Tx) -> Result<Reply>,
    ) -> Result<Reply> {
        let Some(key) = key else { return action(tx).await };
        if let Some(stored) = idempotency::claim(tx, key).await? {
            return Ok(stored);
        }
        let reply = action(tx).await?;
        idempotency::store(tx, key, &reply).await?;
        Ok(reply)
    }

    async fn begin(&self) -> Result<Tx> {
        let office = &self.office;
        let tx = Tx::new(&office.pool, &office.clock, office.zone, self.caller).await?;
        let if_match = self.header(IF_MATCH.as_str());
        let versions = Versions { if_match, required: self.request.method() == Method::PATCH };
        let mut tx = tx.within(self.id, versions, self.body().fields);
        if self.act.rule().who != Who::Everyone {
            tx.check_session().await?;
        }
        Ok(tx)
    }

    /// The request's idempotency key; 400 where it must have one and does not, or has a bad one.
    pub fn key(&self) -> Result<Option<Key>> {
        if self.request.method() != Method::POST {
            return Ok(None);
        }
        let Some(key) = self.header("Idempotency-Key") else {
            let missing = || Error::faulty(KEY_REQUIRED, vec![Fault::new("Idempotency-Key", "required")]);
            return if self.act.rule().keyed { Err(missing()) } else { Ok(None) };
        };
        idempotency::check(&key)?;
        let mut content = self.request.uri().to_string().into_bytes();
        content.extend(self.body().fingerprint);
        Ok(Some(Key {
            principal: self.caller.account().map(Uuid::from).unwrap_or_default(),
            // The address itself: the same key for another event is another request.
            route: format!("POST {}", self.request.path()),
            key,
            fingerprint: digest(&SHA256, &content).as_ref().to_vec(),
        }))
    }

    fn header(&self, name: &str) -> Option<String> {
        let value = self.request.headers().get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    fn body(&self) -> BodyFacts {
        self.request.extensions().get::<BodyFacts>().cloned().unwrap_or_default()
    }
}
