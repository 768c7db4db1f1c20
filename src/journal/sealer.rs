//! The sealer: gives committed entries their position and hash, in one order without gaps, off the hot path.
//!
//! `hash = SHA-256(previous hash ‖ length-prefixed fields)`. After each round the head (position and hash) is
//! signed with Ed25519 and kept in a file outside the database, so that a chain cut at its end shows.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, SecondsFormat, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bytea};
use diesel_async::{AnsiTransactionManager, RunQueryDsl, TransactionManager as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::base::error::{Error, Result};
use crate::db::Connection;
use crate::db::pool::Pool;
use crate::schema::journal_entries;

const LOCK: i64 = 0x484f_4d45_0002;
const BATCH: i64 = 1_000;
const START: [u8; 32] = [0; 32];

/// The last sealed entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its position, from 1; 0 for an empty journal.
    pub position: i64,
    /// Its hash, base64.
    pub hash: String,
    /// Ed25519 over `position.hash`, base64.
    pub signature: String,
}

/// Why a chain does not verify: the first bad position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The entry at this position was changed, or does not follow the one before.
    At(i64),
    /// The signed head names this position, and the journal does not reach it or differs there.
    Head(i64),
    /// The head's signature is not ours.
    Signature,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = journal_entries)]
struct Entry {
    id: Uuid,
    at: DateTime<Utc>,
    act: String,
    actor_id: Option<Uuid>,
    subject_kind: String,
    subject_id: Uuid,
    fields: Vec<String>,
    facts: Value,
    reason: Option<String>,
    request_id: Option<Uuid>,
    position: Option<i64>,
    hash: Option<Vec<u8>>,
}

/// Signs the head and keeps it.
pub struct Sealer {
    key: Ed25519KeyPair,
    file: PathBuf,
}

impl Sealer {
    /// Keeps key (`journal.key`, made when missing, readable by its owner only) and head (`journal-head.json`) in a directory.
    pub fn open(directory: &Path) -> Result<Self> {
        let file = directory.join("journal.key");
        let key = match std::fs::read(&file) {
            Ok(pkcs8) => Ed25519KeyPair::from_pkcs8(&pkcs8)
                .map_err(|error| Error::internal(format!("{}: {error}", file.display())))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_key(&file)?,
            Err(error) => return Err(Error::internal(format!("{}: {error}", file.display()))),
        };
        Ok(Self { key, file: directory.join("journal-head.json") })
    }

    /// Seals for as long as the program runs; a fault is logged and tried again.
    pub async fn run(self, pool: Pool) {
        loop {
            match self.round(&pool).await {
                Ok(sealed) if sealed == BATCH => continue,
                Ok(_) => (),
                Err(error) => tracing::warn!(%error, "sealing waits"),
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Seals up to one batch and signs the head; says how many entries. Zero when another process is at it.
    pub async fn round(&self, pool: &Pool) -> Result<i64> {
        let mut connection = pool.get().await?;
        AnsiTransactionManager::begin_transaction(&mut *connection).await?;
        match seal(&mut connection).await {
            Ok(None) => {
                AnsiTransactionManager::rollback_transaction(&mut *connection).await?;
                Ok(0)
            }
            Ok(Some((sealed, position, hash))) => {
                AnsiTransactionManager::commit_transaction(&mut *connection).await?;
                self.sign(position, &hash)?;
                Ok(sealed)
            }
            Err(error) => {
                AnsiTransactionManager::rollback_transaction(&mut *connection).await?;
                Err(error)
            }
        }
    }

    /// Signs and keeps a head; never one that lies before the head that is kept, whoever was quicker.
    fn sign(&self, position: i64, hash: &[u8]) -> Result<()> {
        if self.head()?.is_some_and(|kept| kept.position >= position) {
            return Ok(());
        }
        let hash = BASE64.encode(hash);
        let signature = BASE64.encode(self.key.sign(signed_text(position, &hash).as_bytes()));
        let head = serde_json::to_vec_pretty(&Head { position, hash, signature }).map_err(Error::internal)?;
        let part = self.file.with_extension(format!("part-{}", std::process::id()));
        // On the disk before it has the name: a power cut leaves the old head or the new one, and never an empty file.
        let written = std::fs::File::create(&part).and_then(|mut file| {
            file.write_all(&head)?;
            file.sync_data()
        });
        written.and_then(|()| std::fs::rename(&part, &self.file)).map_err(Error::internal)
    }

    /// The head that is kept; `None` before the first round.
    pub fn head(&self) -> Result<Option<Head>> {
        match std::fs::read(&self.file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(Error::internal),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// The public half of the key that signs heads.
    pub fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }
}

fn make_key(file: &Path) -> Result<Ed25519KeyPair> {
    let broken = |_| Error::internal("no Ed25519 key could be made");
    let key = Ed25519KeyPair::generate().map_err(broken)?;
    let pkcs8 = key.to_pkcs8v1().map_err(broken)?;
    let mut made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(Error::internal)?;
    made.write_all(pkcs8.as_ref()).and_then(|()| made.sync_all()).map_err(Error::internal)?;
    Ok(key)
}

fn signed_text(position: i64, hash: &str) -> String {
    format!("homecoming journal head {position}.{hash}")
}

async fn seal(connection: &mut Connection) -> Result<Option<(i64, i64, Vec<u8>)>> {
    #[derive(QueryableByName)]
    struct Locked {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        locked: bool,
    }
    let lock = diesel::sql_query("select pg_try_advisory_xact_lock($1) as locked").bind::<BigInt, _>(LOCK);
    if !lock.get_result::<Locked>(connection).await?.locked {
        return Ok(None);
    }
    let fresh: Vec<Entry> = journal_entries::table
        .filter(journal_entries::position.is_null())
        .order(journal_entries::id)
        .limit(BATCH)
        .select(Entry::as_select())
        .load(connection)
        .await?;
    if fresh.is_empty() {
        return Ok(None);
    }
    let last: Option<(Option<i64>, Option<Vec<u8>>)> = journal_entries::table
        .filter(journal_entries::position.is_not_null())
        .order(journal_entries::position.desc())
        .select((journal_entries::position, journal_entries::hash))
        .first(connection)
        .await
        .optional()?;
    let (mut position, mut hash) = match last {
        Some((Some(position), Some(hash))) => (position, hash),
        _ => (0, START.to_vec()),
    };
    let (mut ids, mut positions, mut hashes) = (vec![], vec![], vec![]);
    for entry in &fresh {
        position += 1;
        hash = chained(&hash, position, entry);
        ids.push(entry.id);
        positions.push(position);
        hashes.push(hash.clone());
    }
    // One statement for the batch: diesel has no update from unnest.
    let sealed = diesel::sql_query(
        "update journal_entries e set position = s.position, hash = s.hash \
         from unnest($1, $2, $3) as s (id, position, hash) where e.id = s.id",
    )
    .bind::<Array<diesel::sql_types::Uuid>, _>(ids)
    .bind::<Array<BigInt>, _>(positions)
    .bind::<Array<Bytea>, _>(hashes)
    .execute(connection)
    .await?;
    Ok(Some((i64::try_from(sealed).unwrap_or(0), position, hash)))
}

/// Walks the chain and compares its end with the signed head; `Ok(None)` when all is well.
pub async fn verify(connection: &mut Connection, head: Option<&Head>, public_key: &[u8]) -> Result<Option<Broken>> {
    let (mut position, mut hash) = (0, START.to_vec());
    let mut at_head = None;
    loop {
        let batch: Vec<Entry> = journal_entries::table
            .filter(journal_entries::position.gt(position))
            .order(journal_entries::position)
            .limit(BATCH)
            .select(Entry::as_select())
            .load(connection)
            .await?;
        if batch.is_empty() {
            break;
        }
        for entry in &batch {
            position += 1;
            hash = chained(&hash, position, entry);
            if entry.position != Some(position) || entry.hash.as_deref() != Some(&hash) {
                return Ok(Some(Broken::At(position)));
            }
            if head.is_some_and(|head| head.position == position) {
                at_head = Some(BASE64.encode(&hash));
            }
        }
    }
    let Some(head) = head else { return Ok(None) };
    let signature = BASE64.decode(&head.signature).unwrap_or_default();
    let text = signed_text(head.position, &head.hash);
    if UnparsedPublicKey::new(&ED25519, public_key).verify(text.as_bytes(), &signature).is_err() {
        return Ok(Some(Broken::Signature));
    }
    Ok((at_head.as_ref() != Some(&head.hash)).then_some(Broken::Head(head.position)))
}

fn chained(previous: &[u8], position: i64, entry: &Entry) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    let mut part = |bytes: &[u8]| {
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    let optional = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    part(previous);
    part(position.to_string().as_bytes());
    part(entry.id.as_bytes());
    part(entry.at.to_rfc3339_opts(SecondsFormat::Micros, true).as_bytes());
    part(entry.act.as_bytes());
    part(optional(entry.actor_id).as_bytes());
    part(entry.subject_kind.as_bytes());
    part(entry.subject_id.as_bytes());
    part(entry.fields.join("\u{1f}").as_bytes());
    part(canonical(&entry.facts).as_bytes());
    part(entry.reason.as_deref().unwrap_or_default().as_bytes());
    part(optional(entry.request_id).as_bytes());
    context.finish().as_ref().to_vec()
}

/// JSON with its keys in order, the same whatever order a map keeps.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| key.as_str());
            let inner: Vec<_> = pairs
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", inner.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}
