//! Access tokens: EdDSA only, ten minutes, signed with keys that all API processes share (RFC 9068, 9700).
//!
//! A check costs more than a point read, so a token that was found good is remembered until it expires.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
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

/// How long after a new key was made other processes may still sign with the former: until they have learned of it.
const LEARNING_SECONDS: i64 = 60;

/// How often the database is asked for a key that a token names and nobody here knows: junk must not hammer it.
const PAUSE: Duration = Duration::from_secs(5);

/// How long an ended session is remembered: longer than a token of it could be good.
const REFUSED_SECONDS: i64 = ACCESS_SECONDS + 60;

const ISSUER: &str = "homecoming";
const AUDIENCE: &str = "homecoming-api";
/// So many tokens are remembered; a token and its caller take about 100 bytes.
const REMEMBERED: usize = 100_000;
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

/// The keys whose tokens may be good; the newest signs.
struct Keys {
    newest: (String, EncodingKey),
    live: Vec<Key>,
}

/// Signs and checks access tokens. Clones share keys and memory.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

struct Inner {
    keys: RwLock<Arc<Keys>>,
    asked: Mutex<Option<Instant>>,
    good: RwLock<HashMap<[u8; 32], (Caller, i64)>>,
    ended: RwLock<HashMap<SessionId, i64>>,
}

impl Keys {
    /// Those that verify: the newest, and each whose last token may not have expired yet.
    async fn load(connection: &mut Connection) -> Result<Self> {
        let rows = stored(connection).await?;
        let (kid, pkcs8) = rows.as_slice().first().map(|row| (&row.kid, &row.private_key)).ok_or_else(no_key)?;
        let newest = (kid.clone(), EncodingKey::from_ed_der(pkcs8));
        let live = rows.into_iter().filter(|row| !row.is_over).map(|Stored { kid, public, .. }| {
            let decoding = DecodingKey::from_ed_der(&public);
            Key { kid, public, decoding }
        });
        Ok(Self { newest, live: live.collect() })
    }

    fn find(&self, kid: &str) -> Option<&Key> {
        self.live.iter().find(|key| key.kid == kid)
    }
}

/// A key as it is stored.
struct Stored {
    kid: String,
    private_key: Vec<u8>,
    public: Vec<u8>,
    /// Whether its last token has expired.
    is_over: bool,
}

type Row = (String, Vec<u8>, Vec<u8>, DateTime<Utc>);

/// All keys, the newest first. A key signs until the other processes know the next.
async fn stored(connection: &mut Connection) -> Result<Vec<Stored>> {
    let columns = (signing_keys::kid, signing_keys::private_key, signing_keys::public_key, signing_keys::created_at);
    let rows = signing_keys::table
        .order((signing_keys::created_at.desc(), signing_keys::kid))
        .select(columns)
        .load::<Row>(connection)
        .await?;
    let since = Clock::wall() - TimeDelta::seconds(ACCESS_SECONDS + LEARNING_SECONDS);
    let mut next = None;
    let key = |(kid, private_key, public, made)| {
        let is_over = next.replace(made).is_some_and(|next| next < since);
        Stored { kid, private_key, public, is_over }
    };
    Ok(rows.into_iter().map(key).collect())
}

async fn insert_fresh(connection: &mut Connection) -> Result<String> {
    let (kid, pkcs8, public) = fresh()?;
    let key = (
        signing_keys::kid.eq(&kid),
        signing_keys::private_key.eq(pkcs8),
        signing_keys::public_key.eq(public),
        signing_keys::created_at.eq(Clock::wall()),
    );
    diesel::insert_into(signing_keys::table).values(key).execute(connection).await?;
    Ok(kid)
}

/// Makes a new key, which signs from now on, and deletes those whose last token has expired: its id.
///
/// The former key goes on verifying. The transaction is the caller's.
pub async fn roll(connection: &mut Connection) -> Result<String> {
    let lock = diesel::sql_query("select pg_advisory_xact_lock($1)").bind::<BigInt, _>(FIRST_KEY);
    lock.execute(connection).await?;
    let kid = insert_fresh(connection).await?;
    let over = stored(connection).await?.into_iter().filter(|key| key.is_over).map(|key| key.kid);
    let over = signing_keys::table.filter(signing_keys::kid.eq_any(over.collect::<Vec<_>>()));
    diesel::delete(over).execute(connection).await?;
    Ok(kid)
}

fn no_key() -> Error {
    Error::internal("no signing key")
}

impl Tokens {
    /// Loads the deployment's keys, making the first one if there is none.
    pub async fn load(connection: &mut Connection) -> Result<Self> {
        db::one_at_a_time(connection, FIRST_KEY, async |connection| {
            let any = diesel::dsl::exists(signing_keys::table.select(signing_keys::kid));
            match diesel::select(any).get_result::<bool>(connection).await? {
                true => Ok(()),
                false => insert_fresh(connection).await.map(drop),
            }
        })
        .await?;
        let keys = RwLock::new(Arc::new(Keys::load(connection).await?));
        Ok(Self(Arc::new(Inner { keys, asked: Mutex::default(), good: RwLock::default(), ended: RwLock::default() })))
    }

    /// Learns which keys other processes have made, and forgets those that are over with all that they signed.
    pub async fn learn_keys(&self, connection: &mut Connection) -> Result<()> {
        let keys = Keys::load(connection).await?;
        let known = self.keys();
        if known.live.iter().map(|key| &key.kid).eq(keys.live.iter().map(|key| &key.kid)) {
            return Ok(());
        }
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        self.0.good.write().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// Whether the database should be asked for the key that a token names: nobody knows it here, and it was not asked
    /// just now.
    pub fn should_learn(&self, token: &str) -> bool {
        let kid = (token.len() <= LONGEST).then(|| decode_header(token).ok()?.kid).flatten();
        if kid.is_none_or(|kid| self.keys().find(&kid).is_some()) {
            return false;
        }
        let mut asked = self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = asked.is_none_or(|before| before.elapsed() >= PAUSE);
        if due {
            *asked = Some(Instant::now());
        }
        due
    }

    fn keys(&self) -> Arc<Keys> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A token for a session.
    pub fn sign(&self, account: AccountId, session: SessionId) -> Result<String> {
        let now = Clock::wall().timestamp();
        let keys = self.keys();
        let (kid, key) = &keys.newest;
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
        let keys = self.keys();
        let claims = verify(&keys, token).ok_or(INVALID_TOKEN)?;
        let caller = Caller::Account { id: claims.sub.into(), session: claims.sid.into() };
        self.alive(caller)?;
        let now = Clock::wall().timestamp();
        let mut good = self.0.good.write().unwrap_or_else(PoisonError::into_inner);
        if good.len() >= REMEMBERED {
            good.retain(|_, (_, expires)| now < *expires);
            // Looking through them again for each that comes would cost more than checking them once more.
            if good.len() > REMEMBERED / 2 {
                good.clear();
            }
        }
        // Not what was checked with keys that are over meanwhile.
        if Arc::ptr_eq(&keys, &self.keys()) {
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
        let live = self.keys();
        let keys = live.live.iter().map(|key| {
            let x = URL_SAFE_NO_PAD.encode(&key.public);
            json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.kid, "x": x})
        });
        json!({"keys": keys.collect::<Vec<_>>()})
    }
}

fn verify(keys: &Keys, token: &str) -> Option<Claims> {
    let header = decode_header(token).ok()?;
    if header.typ.as_deref() != Some("at+jwt") {
        return None;
    }
    let key = keys.find(&header.kid?)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.leeway = 0;
    decode(token, &key.decoding, &validation).ok().map(|data| data.claims)
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
