//! The demo: one real year of a real office with synthetic people, made through the actions of the slices.
//!
//! The facts are the same each time; only the events that one may still sign up for lie ahead of today.

pub mod campus;
pub mod facts;
pub mod names;
mod parts;
mod tiny;
mod year;

use clap::ValueEnum;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use secrecy::SecretString;

use crate::access::caller::Caller;
use crate::access::office::Office;
use crate::access::tx::Tx;
use crate::base::error::Result;
use crate::schema::{accounts, colleges, deployment, people};

/// The password of every demo account, unless the configuration gives another.
pub const PASSWORD: &str = "homecoming-demo";

/// The fact of the deployment that says that its data is the demo's.
const FACT: &str = "demo";

/// What the deployment says of the demo's password: `known` to everybody, or the office's `own`.
const KNOWN: &str = "known";

/// Taken while the demo is made: several starters on one empty database take turns.
const LOCK: i64 = 0x484f_4d45_0004;

/// How much demo data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// 200 people and a few events.
    Tiny,
    /// The whole year: 5,000 people.
    #[default]
    Demo,
    /// 250,000 people, 2,000 events, 300,000 registrations: for the benchmark.
    Campus,
}

/// Makes the demo in an empty database, all of it or nothing (one transaction); says each part as it is done.
///
/// Says whether it did: not where there is data already.
pub async fn make(office: &Office, size: Size, password: Option<SecretString>, say: impl Fn(&str)) -> Result<bool> {
    let work = async |tx: &mut Tx, password_hash: &str| match size {
        Size::Tiny => tiny::make(tx, password_hash, &say).await,
        Size::Demo => year::make(tx, password_hash, &say).await,
        Size::Campus => campus::make(tx, password_hash, campus::CAMPUS, &say).await,
    };
    make_in_one(office, password, work).await
}

/// Makes a university of any size, as `make` makes the demo.
pub async fn make_campus(
    office: &Office,
    password: Option<SecretString>,
    scale: campus::Scale,
    say: impl Fn(&str),
) -> Result<bool> {
    make_in_one(office, password, async |tx, password_hash| campus::make(tx, password_hash, scale, &say).await).await
}

async fn make_in_one(
    office: &Office,
    password: Option<SecretString>,
    work: impl AsyncFnOnce(&mut Tx, &str) -> Result<()>,
) -> Result<bool> {
    let kind = if password.is_some() { "own" } else { KNOWN };
    let password_hash = office.passwords.hash(password.unwrap_or_else(|| SecretString::from(PASSWORD))).await?;
    let mut tx = Tx::new(&office.pool, &office.clock, office.zone, Caller::System).await?;
    tx.begin().await?;
    let made = async {
        // Who comes second waits for as long as the first needs.
        let patient = "select set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true)";
        diesel::sql_query(patient).execute(&mut *tx).await?;
        let lock = diesel::sql_query("select pg_advisory_xact_lock($1)").bind::<diesel::sql_types::BigInt, _>(LOCK);
        lock.execute(&mut *tx).await?;
        if !is_empty(&mut tx).await? {
            return Ok(false);
        }
        work(&mut tx, &password_hash).await?;
        let fact = (deployment::name.eq(FACT), deployment::value.eq(kind));
        diesel::insert_into(deployment::table).values(fact).execute(&mut *tx).await?;
        Ok(true)
    };
    match made.await {
        Ok(made) => tx.commit().await.map(|()| made),
        Err(error) => {
            tx.roll_back().await;
            Err(error)
        }
    }
}

/// Whether nothing has been entered yet: accounts, colleges, people.
pub async fn is_empty(tx: &mut Tx) -> Result<bool> {
    use diesel::dsl::exists;
    let any = exists(accounts::table.select(accounts::id))
        .or(exists(colleges::table.select(colleges::id)))
        .or(exists(people::table.select(people::id)));
    Ok(!diesel::select(any).get_result::<bool>(&mut **tx).await?)
}

/// What is known of a demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo {
    /// Whether everybody knows its password.
    pub password_is_known: bool,
}

/// Whether the data is the demo's, and how guarded it is.
pub async fn find(tx: &mut Tx) -> Result<Option<Demo>> {
    let row = deployment::table.find(FACT).select(deployment::value).first::<String>(&mut **tx).await.optional()?;
    Ok(row.map(|kind| Demo { password_is_known: kind == KNOWN }))
}
