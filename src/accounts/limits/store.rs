//! The SQL of the limits. Rows are locked in the order of their keys: identifier, pair, address.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Integer, Timestamptz};
use diesel_async::RunQueryDsl;

use super::model::{FAMILIAR, Keys, Known, WINDOW};
use crate::access::tx::Tx;
use crate::base::clock::Clock;
use crate::base::error::Result;
use crate::db::{Connection, Kept};
use crate::schema::sign_in_failures as failures;

pub async fn known(tx: &mut Tx, keys: &Keys) -> Result<Vec<Known>> {
    let all = [&keys.identifier, &keys.pair, &keys.address];
    let rows = failures::table.filter(failures::key.eq_any(all)).select(Known::as_select());
    Ok(rows.load(&mut **tx).await?)
}

/// Lets nobody count another failure under the identifier until this is done.
pub async fn lock(tx: &mut Tx, keys: &Keys) -> Result<()> {
    let own = failures::table.filter(failures::key.eq_any([&keys.identifier, &keys.pair])).order(failures::key);
    own.select(failures::key).for_update().load::<Vec<u8>>(&mut **tx).await?;
    Ok(())
}

/// How often a key has failed now.
#[derive(QueryableByName)]
pub struct Counted {
    #[diesel(sql_type = Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = Integer)]
    pub failures: i32,
}

/// Counts a failure under each key that is not blocked; a blocked one is missing in the answer.
///
/// By hand: what an upsert does depends on the row that it meets, and that is one statement for all keys.
pub async fn count(tx: &mut Tx, keys: &[&[u8]], now: DateTime<Utc>) -> Result<Vec<Counted>> {
    const COUNT: &str = "
        insert into sign_in_failures as known (key, failures, started_at)
        select key, 1, $2 from unnest($1) as failed (key) order by key
        on conflict (key) do update set
            failures = case when greatest(known.started_at, known.blocked_until) < $3 then 1 else known.failures + 1 end,
            started_at = case when greatest(known.started_at, known.blocked_until) < $3 then $2 else known.started_at end
        where known.blocked_until is null or known.blocked_until <= $2
        returning key, failures";
    let counted = diesel::sql_query(COUNT)
        .bind::<Array<Binary>, _>(keys)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - WINDOW);
    Ok(Kept(counted).load(&mut **tx).await?)
}

pub async fn block(tx: &mut Tx, key: &[u8], until: DateTime<Utc>) -> Result<()> {
    let row = diesel::update(failures::table.find(key)).set(failures::blocked_until.eq(until));
    row.execute(&mut **tx).await?;
    Ok(())
}

/// Forgets an identifier's failures, and remembers the address as familiar to it.
pub async fn forgive(tx: &mut Tx, keys: &Keys, now: DateTime<Utc>) -> Result<()> {
    diesel::delete(failures::table.find(&keys.identifier)).execute(&mut **tx).await?;
    let fresh = (
        failures::failures.eq(0),
        failures::started_at.eq(now),
        failures::blocked_until.eq(None::<DateTime<Utc>>),
        failures::familiar_until.eq(now + FAMILIAR),
    );
    diesel::insert_into(failures::table)
        .values((failures::key.eq(&keys.pair), fresh))
        .on_conflict(failures::key)
        .do_update()
        .set(fresh)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Deletes what no longer limits anybody.
pub async fn sweep(connection: &mut Connection) -> Result<()> {
    let now = Clock::wall();
    let over = failures::table
        .filter(failures::started_at.lt(now - WINDOW))
        .filter(failures::blocked_until.is_null().or(failures::blocked_until.lt(now - WINDOW)))
        .filter(failures::familiar_until.is_null().or(failures::familiar_until.lt(now)));
    diesel::delete(over).execute(connection).await?;
    Ok(())
}
