//! Access tokens: EdDSA only, ten minutes, signed with keys that all API processes share (RFC 9068, 9700).
//!
//! A check costs more than a point read, so a token that was found good is remembered until it expires.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::Caller;
use crate::base::clock::Clock;
use crate::base::error::{Error, INVALID_TOKEN, Result};
use crate::base::ids::{AccountId, SessionId};
use crate::db::{self, Connection};
use crate::schema::{secrets, sessions, signing_keys};

/// How long an access token is good, in seconds.
pub const ACCESS_SECONDS: i64 = 600;

/// Taken while the first key is made: of several starters one makes it, and all read the same.
const FIRST_KEY: i64 = 0x484f_4d45_0003;

/// How long an ended session is remembered: longer than a token of it could be good.
const REFUSED_SECONDS: i64 = ACCESS_SECONDS + 60;

const ISSUER: &str = "homecoming";
const AUDIENCE: &str = "homecoming-api";
const REMEMBERED: usize = 10_000;
const LONGEST: usize = 4_096;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    exp: i64,
}

struct Key {
    kid: String,
    public: Vec<u8>,
    decoding: DecodingKey,
}

/// Signs and checks access tokens. Clones share keys and memory.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

struct Inner {
    newest: (String, EncodingKey),
    keys: Vec<Key>,
    good: RwLock<HashMap<[u8; 32], (Caller, i64)>>,
    ended: RwLock<HashMap<SessionId, i64>>,
}

impl Tokens {
    /// Loads the deployment's keys, making the first one if there is none.
    pub async fn load(connection: &mut Connection) -> Result<Self> {
        use signing_keys as stored;
        db::one_at_a_time(connection, FIRST_KEY, async |connection| {
            if diesel::select(diesel::dsl::exists(stored::table.select(stored::kid)))
                .get_result::<bool>(connection)
                .await?
            {
                return Ok(());
            }
            let (kid, pkcs8, public) = fresh()?;
            let key = (stored::kid.eq(kid), stored::private_key.eq(pkcs8), stored::public_key.eq(public));
            diesel::insert_into(stored::table).values(key).execute(connection).await?;
            Ok(())
        })
        .await?;
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = stored::table
            .order((stored::created_at.desc(), stored::kid))
            .select((stored::kid, stored::private_key, stored::public_key))
            .load(connection)
            .await?;
        let (kid, pkcs8, _) = rows.as_slice().first().ok_or_else(|| Error::internal("no signing key"))?;
        let newest = (kid.clone(), EncodingKey::from_ed_der(pkcs8));
        let keys = rows.iter().map(|(kid, _, public)| {
            let decoding = DecodingKey::from_ed_der(public);
            Key { kid: kid.clone(), public: public.clone(), decoding }
        });
        Ok(Self(Arc::new(Inner { newest, keys: keys.collect(), good: RwLock::default(), ended: RwLock::default() })))
    }

    /// A token for a session.
    pub fn sign(&self, account: AccountId, session: SessionId) -> Result<String> {
        let now = Clock::wall().timestamp();
        let (kid, key) = &self.0.newest;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(kid.clone());
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: account.into(),
            sid: session.into(),
            iat: now,
            exp: now + ACCESS_SECONDS,
        };
        encode(&header, &claims, key).map_err(Error::internal)
    }

    /// Whose token this is; 401 `invalid_token` for any that is not good, or whose session has ended.
    pub fn check(&self, token: &str) -> Result<Caller> {
        if let Some(caller) = self.known(token)? {
            return Ok(caller);
        }
        let claims = self.verify(token).ok_or(INVALID_TOKEN)?;
        let caller = Caller::Account { id: claims.sub.into(), session: claims.sid.into() };
        self.alive(caller)?;
        let now = Clock::wall().timestamp();
        let mut good = self.0.good.write().unwrap_or_else(PoisonError::into_inner);
        if good.len() >= REMEMBERED {
            good.retain(|_, (_, expires)| now < *expires);
        }
        if good.len() < REMEMBERED {
            good.insert(short_hash(token), (caller, claims.exp));
        }
        Ok(caller)
    }

    /// Whose token this is, when it was found good before; 401 when its session has ended since.
    pub fn known(&self, token: &str) -> Result<Option<Caller>> {
        if token.len() > LONGEST {
            return Err(INVALID_TOKEN.into());
        }
        let good = self.0.good.read().unwrap_or_else(PoisonError::into_inner);
        match good.get(&short_hash(token)) {
            Some((caller, expires)) if Clock::wall().timestamp() < *expires => self.alive(*caller).map(Some),
            _ => Ok(None),
        }
    }

    fn alive(&self, caller: Caller) -> Result<Caller> {
        let ended = self.0.ended.read().unwrap_or_else(PoisonError::into_inner);
        match caller {
            Caller::Account { session, .. } if ended.contains_key(&session) => Err(INVALID_TOKEN.into()),
            caller => Ok(caller),
        }
    }

    /// Refuses the tokens of a session that has ended, in this process from now on.
    pub fn forget(&self, session: SessionId) {
        self.refuse([session]);
    }

    /// Learns which sessions have ended in other processes, as long as a token of theirs could be good.
    pub async fn learn_ended(&self, connection: &mut Connection) -> Result<()> {
        let recent = Clock::wall() - TimeDelta::seconds(REFUSED_SECONDS);
        let ended = sessions::table.filter(sessions::ended_at.gt(recent)).select(sessions::id);
        self.refuse(ended.load::<SessionId>(connection).await?);
        Ok(())
    }

    /// Adds to those known and drops the old: what ended here while the database was being asked stays refused.
    fn refuse(&self, sessions: impl IntoIterator<Item = SessionId>) {
        let now = Clock::wall().timestamp();
        let mut ended = self.0.ended.write().unwrap_or_else(PoisonError::into_inner);
        ended.retain(|_, until| now < *until);
        ended.extend(sessions.into_iter().map(|session| (session, now + REFUSED_SECONDS)));
    }

    /// The public keys as a JSON Web Key Set (RFC 7517, 8037).
    pub fn key_set(&self) -> Value {
        let keys = self.0.keys.iter().map(|key| {
            let x = URL_SAFE_NO_PAD.encode(&key.public);
            json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid, "x": x})
        });
        json!({"keys": keys.collect::<Vec<_>>()})
    }

    fn verify(&self, token: &str) -> Option<Claims> {
        let header = decode_header(token).ok()?;
        if header.typ.as_deref() != Some("at+jwt") {
            return None;
        }
        let kid = header.kid?;
        let key = self.0.keys.iter().find(|key| key.kid == kid)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0;
        decode(token, &key.decoding, &validation).ok().map(|data| data.claims)
    }
}

fn short_hash(token: &str) -> [u8; 32] {
    digest(&SHA256, token.as_bytes()).as_ref().first_chunk::<32>().copied().unwrap_or_default()
}

/// A secret that all API processes share, made by the first that asks.
pub async fn shared_secret(connection: &mut Connection, name: &str) -> Result<Vec<u8>> {
    diesel::insert_into(secrets::table)
        .values((secrets::name.eq(name), secrets::value.eq(random()?.to_vec())))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(secrets::table.find(name).select(secrets::value).first(connection).await?)
}

/// 256 random bits.
pub fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    Ok(bytes)
}

/// A random text of 256 bits, URL-safe, and its hash for keeping.
pub fn opaque() -> Result<(String, Vec<u8>)> {
    let text = URL_SAFE_NO_PAD.encode(random()?);
    let hash = hash_of(&text);
    Ok((text, hash))
}

/// The hash under which an opaque text is kept.
pub fn hash_of(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

/// A short tag of a text, for an ETag.
pub fn digest_tag(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(hash_of(text).get(..12).unwrap_or_default())
}

fn fresh() -> Result<(String, Vec<u8>, Vec<u8>)> {
    let broken = |_| Error::internal("no Ed25519 key could be made");
    let pair = Ed25519KeyPair::generate().map_err(broken)?;
    let pkcs8 = pair.to_pkcs8v1().map_err(broken)?.as_ref().to_vec();
    let public = pair.public_key().as_ref().to_vec();
    let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, &public).as_ref().get(..9).unwrap_or_default());
    Ok((kid, pkcs8, public))
}
