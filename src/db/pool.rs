//! The pool: waits no longer than two seconds for a connection, and every connection has its time limits.

use std::time::Duration;

use deadpool::managed::Timeouts;
use diesel_async::pooled_connection::deadpool::{Object, Pool as Deadpool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use futures::FutureExt as _;

use super::Connection;
use super::connect::Target;
use crate::base::error::{Error, Result, UNAVAILABLE};

/// A connection on loan from the pool.
pub type Pooled = Object<Connection>;

/// Connections to one database. Clones share them.
#[derive(Clone)]
pub struct Pool(Deadpool<Connection>);

impl Pool {
    /// At most `size` connections, made when needed. Fails on an address that says nothing, and on a size of zero.
    pub fn new(url: &str, size: usize) -> Result<Self> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let target = Target::parse(url)?;
        config.custom_setup = Box::new(move |_| {
            let target = target.clone();
            async move { target.connect().await }.boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let wait = Some(Duration::from_secs(2));
        Deadpool::builder(manager)
            .max_size(size)
            .timeouts(Timeouts { wait, create: Some(Duration::from_secs(5)), recycle: wait })
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map(Self)
            .map_err(Error::internal)
    }

    /// How many connections there are, how many of them are free, and how many requests wait for one.
    pub fn usage(&self) -> (usize, usize, usize) {
        let status = self.0.status();
        (status.size, status.available, status.waiting)
    }

    /// A connection; 503 when none is free within two seconds or the database is away.
    pub async fn get(&self) -> Result<Pooled> {
        self.0.get().await.map_err(|error| {
            tracing::warn!(%error, "no database connection");
            UNAVAILABLE.into()
        })
    }
}
