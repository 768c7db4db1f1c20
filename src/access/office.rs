//! One running office: the pool, the clock, the keys and the hashing thread that every request shares.

use std::sync::Arc;

use ipnet::IpNet;

use super::limits::Limits;
use super::passwords::Passwords;
use super::tokens::{self, Tokens};
use crate::base::clock::Clock;
use crate::base::error::Result;
use crate::base::page::CursorSeal;
use crate::db::pool::Pool;
use crate::http::metrics::Metrics;

/// What requests share. Clones share it too.
#[derive(Clone)]
pub struct Office {
    /// Database connections.
    pub pool: Pool,
    /// The domain's clock.
    pub clock: Clock,
    /// The office's time zone: what its calendar day is.
    pub zone: chrono_tz::Tz,
    /// Access tokens.
    pub tokens: Tokens,
    /// The hashing thread.
    pub passwords: Passwords,
    /// Seals cursors.
    pub seal: CursorSeal,
    /// How many requests a minute; none unless set.
    pub limits: Limits,
    /// Whether wrong passwords are counted.
    pub counts_tries: bool,
    /// Proxies whose word on the client's address is taken.
    pub proxies: Arc<[IpNet]>,
    /// Web origins that browsers may call from.
    pub origins: Arc<[String]>,
    /// What an operator watches.
    pub metrics: Metrics,
}

impl Office {
    /// Opens the office on a migrated database.
    pub async fn open(pool: Pool, clock: Clock, zone: chrono_tz::Tz) -> Result<Self> {
        let mut connection = pool.get().await?;
        let tokens = Tokens::load(&mut connection).await?;
        let seal = CursorSeal::new(&tokens::shared_secret(&mut connection, "cursor").await?);
        drop(connection);
        Ok(Self {
            pool,
            clock,
            zone,
            tokens,
            passwords: Passwords::start()?,
            seal,
            limits: Limits::off(),
            counts_tries: true,
            proxies: Arc::default(),
            origins: Arc::default(),
            metrics: Metrics::new()?,
        })
    }

    /// The same office, where nothing is limited.
    #[must_use]
    pub fn without_limits(&self) -> Self {
        Self { limits: Limits::off(), counts_tries: false, ..self.clone() }
    }

    /// The same office with a pool of its own, for another worker thread.
    #[must_use]
    pub fn with_pool(&self, pool: Pool) -> Self {
        self.metrics.watch(pool.clone());
        Self { pool, ..self.clone() }
    }
}
