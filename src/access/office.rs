//! One running office: the pool, the clock, the keys and the hashing thread that every request shares.

use super::passwords::Passwords;
use super::tokens::{self, Tokens};
use crate::base::clock::Clock;
use crate::base::error::Result;
use crate::base::page::CursorSeal;
use crate::db::pool::Pool;

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
    /// Whether tries and requests are limited.
    pub limits: bool,
}

impl Office {
    /// Opens the office on a migrated database.
    pub async fn open(pool: Pool, clock: Clock, zone: chrono_tz::Tz) -> Result<Self> {
        let mut connection = pool.get().await?;
        let tokens = Tokens::load(&mut connection).await?;
        let seal = CursorSeal::new(&tokens::shared_secret(&mut connection, "cursor").await?);
        drop(connection);
        Ok(Self { pool, clock, zone, tokens, passwords: Passwords::start()?, seal, limits: true })
    }

    /// The same office with limits or without.
    #[must_use]
    pub fn with_limits(&self, limits: bool) -> Self {
        Self { limits, ..self.clone() }
    }

    /// The same office with a pool of its own, for another worker thread.
    #[must_use]
    pub fn with_pool(&self, pool: Pool) -> Self {
        Self { pool, ..self.clone() }
    }
}
