//! The demo: one real year of a real office with synthetic people, made through the actions of the slices.
//!
//! The facts are the same each time; only the events that one may still sign up for lie ahead of today.

pub mod facts;
pub mod names;
mod tiny;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use secrecy::SecretString;

use crate::access::caller::Caller;
use crate::access::office::Office;
use crate::access::tx::Tx;
use crate::base::error::{Error, Result};
use crate::schema::{accounts, colleges, deployment, people};

/// The password of every demo account, unless the configuration gives another.
pub const PASSWORD: &str = "homecoming-demo";

/// The fact of the deployment that says that its data is the demo's.
const FACT: &str = "demo";

/// Makes the `tiny` demo in an empty database, all of it or nothing; says each part as it is done.
///
/// Fails where there is other data.
pub async fn make(office: &Office, password: Option<SecretString>, say: impl Fn(&str)) -> Result<()> {
    let password_hash = office.passwords.hash(password.unwrap_or_else(|| SecretString::from(PASSWORD))).await?;
    let mut tx = Tx::new(&office.pool, &office.clock, office.zone, Caller::System).await?;
    tx.begin().await?;
    let made = async {
        if !is_empty(&mut tx).await? {
            return Err(Error::internal("the database has data already; the demo is made in an empty one only"));
        }
        tiny::make(&mut tx, &password_hash, &say).await?;
        let fact = (deployment::name.eq(FACT), deployment::value.eq("tiny"));
        diesel::insert_into(deployment::table).values(fact).execute(&mut *tx).await?;
        Ok(())
    };
    match made.await {
        Ok(()) => tx.commit().await,
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

/// Whether the data is the demo's.
pub async fn is_demo(tx: &mut Tx) -> Result<bool> {
    let fact = diesel::dsl::exists(deployment::table.find(FACT));
    Ok(diesel::select(fact).get_result(&mut **tx).await?)
}
