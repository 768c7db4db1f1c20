//! How many requests a minute: one quota for all API processes together.
//!
//! Each process lets a tenth of a quota through without asking and fetches further tenths from the database, so light
//! callers cost no query and heavy ones one in many. Together N processes admit at most (9 + N) tenths of a quota a minute.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer};
use diesel_async::RunQueryDsl;

use crate::base::clock::Clock;
use crate::base::error::Result;
use crate::base::ids::AccountId;
use crate::db::pool::Pool;
use crate::db::{Connection, Kept};
use crate::http::envelope::Budget;
use crate::schema::rate_windows;

/// So many callers are told apart in one minute; the rest share one budget.
const MOST_CALLERS: usize = 200_000;

/// Who pays for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Payer {
    /// A signed-in account.
    Account(AccountId),
    /// An address without an account, or before its token has been looked at.
    Client(IpAddr),
}

/// The limits of this process. Clones share them.
#[derive(Clone, Default)]
pub struct Limits(Option<Arc<Inner>>);

struct Inner {
    /// A tenth of the quota of an account.
    account: u32,
    /// A tenth of the quota of a client address.
    client: u32,
    window: Mutex<Window>,
}

#[derive(Default)]
struct Window {
    minute: i64,
    shares: HashMap<Payer, Share>,
}

/// What one caller has left in this minute.
#[derive(Clone, Copy)]
struct Share {
    here: u32,
    elsewhere: u32,
}

enum Found {
    Left(u32),
    Nothing,
    MustAsk,
}

impl Limits {
    /// So many requests a minute, rounded up to tens.
    pub fn per_minute(account: u32, client: u32) -> Self {
        let (account, client) = (account.div_ceil(10), client.div_ceil(10));
        Self(Some(Arc::new(Inner { account, client, window: Mutex::default() })))
    }

    /// No limit.
    pub fn off() -> Self {
        Self::default()
    }

    /// Whether requests are counted at all.
    pub fn are_on(&self) -> bool {
        self.0.is_some()
    }

    /// Takes one request off a caller's budget: what is left of it, and whether the request may go on.
    pub async fn spend(&self, pool: &Pool, payer: Payer) -> Option<(Budget, bool)> {
        let inner = self.0.as_ref()?;
        let now = Clock::wall().timestamp();
        let (minute, reset) = (now.div_euclid(60), u32::try_from(60 - now.rem_euclid(60)).unwrap_or(60));
        let payer = narrow(payer);
        let (name, tenth) = match payer {
            Payer::Account(_) => ("account", inner.account),
            Payer::Client(_) => ("client", inner.client),
        };
        let budget = |left: u32| Budget { name, quota: tenth.saturating_mul(10), left, reset };
        let left = match inner.take(minute, payer, tenth) {
            Found::Left(left) => Some(left),
            Found::Nothing => None,
            Found::MustAsk => match fetch(pool, minute, payer, tenth).await {
                Ok(taken) => inner.fetched(payer, tenth, taken),
                // Without the database nobody is counted; what the request itself asks of it will tell.
                Err(_) => Some(0),
            },
        };
        Some((budget(left.unwrap_or(0)), left.is_some()))
    }
}

impl Inner {
    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, minute: i64, payer: Payer, tenth: u32) -> Found {
        let mut window = self.window();
        if window.minute != minute {
            *window = Window { minute, ..Window::default() };
        }
        let crowded = window.shares.len() >= MOST_CALLERS && !window.shares.contains_key(&payer);
        let payer = if crowded { Payer::Client(Ipv6Addr::UNSPECIFIED.into()) } else { payer };
        let share = window.shares.entry(payer).or_insert(Share { here: tenth, elsewhere: tenth.saturating_mul(9) });
        match (share.here.checked_sub(1), share.elsewhere) {
            (Some(here), elsewhere) => {
                share.here = here;
                Found::Left(here.saturating_add(elsewhere))
            }
            (None, 0) => Found::Nothing,
            (None, _) => Found::MustAsk,
        }
    }

    /// Enters a fetched tenth, of which this request takes the first; `None` when there was none left.
    fn fetched(&self, payer: Payer, tenth: u32, taken: Option<u32>) -> Option<u32> {
        let mut window = self.window();
        let share = window.shares.entry(payer).or_insert(Share { here: 0, elsewhere: 0 });
        share.here = share.here.saturating_add(taken.map_or(0, |_| tenth));
        share.elsewhere = taken.map_or(0, |taken| tenth.saturating_mul(9).saturating_sub(taken));
        share.here = share.here.checked_sub(1)?;
        Some(share.here.saturating_add(share.elsewhere))
    }
}

/// One line of a house has one budget: an IPv6 client has the whole /64 to choose from.
fn narrow(payer: Payer) -> Payer {
    match payer {
        Payer::Client(IpAddr::V6(address)) => {
            Payer::Client(Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into())
        }
        payer => payer,
    }
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Integer)]
    taken: i32,
}

/// Another tenth out of the nine that all processes share; how much of them is then taken, or `None`.
async fn fetch(pool: &Pool, minute: i64, payer: Payer, tenth: u32) -> Result<Option<u32>> {
    const SQL: &str = "insert into rate_windows as now (budget, minute, taken) values ($1, $2, $3) \
        on conflict (budget, minute) do update set taken = now.taken + excluded.taken \
        where now.taken + excluded.taken <= $4 returning taken";
    // A hash: an address is nobody's business once its minute is over.
    let budget = digest(&SHA256, format!("{payer:?}").as_bytes());
    let mut connection = pool.get().await?;
    let sql = diesel::sql_query(SQL)
        .bind::<Binary, _>(budget.as_ref())
        .bind::<BigInt, _>(minute)
        .bind::<Integer, _>(i32::try_from(tenth).unwrap_or(i32::MAX))
        .bind::<Integer, _>(i32::try_from(tenth.saturating_mul(9)).unwrap_or(i32::MAX));
    let taken: Option<Taken> = Kept(sql).get_result(&mut *connection).await.optional()?;
    Ok(taken.map(|row| u32::try_from(row.taken).unwrap_or_default()))
}

/// Removes the minutes that are over.
pub async fn sweep(connection: &mut Connection) -> Result<()> {
    let over = Clock::wall().timestamp().div_euclid(60) - 2;
    diesel::delete(rate_windows::table.filter(rate_windows::minute.lt(over))).execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_client_is_its_network() {
        let payer = |text: &str| narrow(Payer::Client(text.parse().unwrap()));
        assert_eq!(payer("2001:db8:1:2::1"), payer("2001:db8:1:2:ffff::9"));
        assert_ne!(payer("2001:db8:1:2::1"), payer("2001:db8:1:3::1"));
        assert_ne!(payer("192.0.2.1"), payer("192.0.2.2"));
    }
}
