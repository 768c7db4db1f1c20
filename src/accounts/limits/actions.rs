//! One try of a password: whether it may be made, and what its outcome changes.

use std::net::IpAddr;

use super::model::{Keys, block};
use super::store;
use crate::access::context::Ctx;
use crate::access::tx::Tx;
use crate::base::clock::Clock;
use crate::base::error::{Error, Result};

/// One try of a password by somebody at an address.
///
/// An outcome is told only while nothing is blocked when it is counted: of many tries at once no more are told than of
/// as many in turn.
#[derive(Debug)]
pub struct Attempt {
    keys: Option<Keys>,
}

impl Attempt {
    /// A try for somebody (`email:…`, `phone:…`, `account:…`); where nothing is limited it is not counted.
    pub fn new(limited: bool, who: &str, address: IpAddr) -> Self {
        Self { keys: limited.then(|| Keys::of(who, address)) }
    }

    /// 429 where too many have failed.
    pub async fn check(&self, tx: &mut Tx) -> Result<()> {
        let Some(keys) = &self.keys else { return Ok(()) };
        let known = store::known(tx, keys).await?;
        keys.wait(&known, Clock::wall()).map_or(Ok(()), |seconds| Err(Error::too_many(seconds)))
    }

    /// Counts a failure, and what is then answered: the refusal, or 429 where too many have failed in the meantime.
    pub async fn failed(&self, ctx: &Ctx, refusal: impl Into<Error>) -> Error {
        match ctx.transact(async |tx| self.count(tx).await).await {
            Ok(None) => refusal.into(),
            Ok(Some(seconds)) => Error::too_many(seconds),
            Err(error) => error,
        }
    }

    async fn count(&self, tx: &mut Tx) -> Result<Option<i64>> {
        let Some(keys) = &self.keys else { return Ok(None) };
        let now = Clock::wall();
        let known = store::known(tx, keys).await?;
        let keys_of_failure = keys.counted(&known, now);
        let counted = store::count(tx, &keys_of_failure, now).await?;
        for row in &counted {
            if let Some(pause) = block(&row.key, row.failures) {
                store::block(tx, &row.key, now + pause).await?;
            }
        }
        if counted.len() == keys_of_failure.len() {
            return Ok(None);
        }
        let known = store::known(tx, keys).await?;
        Ok(Some(keys.wait(&known, now).unwrap_or(1)))
    }

    /// Forgets the failures of who knew the password; 429 where too many others have failed in the meantime.
    pub async fn succeeded(&self, tx: &mut Tx) -> Result<()> {
        let Some(keys) = &self.keys else { return Ok(()) };
        store::lock(tx, keys).await?;
        self.check(tx).await?;
        store::forgive(tx, keys, Clock::wall()).await
    }
}
