//! The pool: waits no longer than two seconds for a connection, and every connection has its time limits.

use std::time::Duration;

use deadpool::managed::Timeouts;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::deadpool::{Object, Pool as Deadpool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection as _, SimpleAsyncConnection as _};
use futures::FutureExt as _;

use super::Connection;
use crate::base::error::{Error, Result, UNAVAILABLE};

/// A connection on loan from the pool.
pub type Pooled = Object<Connection>;

const LIMITS: &str = "set statement_timeout = '10s'; set lock_timeout = '5s'; \
    set idle_in_transaction_session_timeout = '15s'; set timezone = 'UTC'";

/// Connections to one database. Clones share them.
#[derive(Clone)]
pub struct Pool(Deadpool<Connection>);

impl Pool {
    /// At most `size` connections, made when needed. Fails only on a size of zero.
    pub fn new(url: &str, size: usize) -> Result<Self> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(|url| connect(url.to_owned()).boxed());
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

    /// A connection; 503 when none is free within two seconds or the database is away.
    pub async fn get(&self) -> Result<Pooled> {
        self.0.get().await.map_err(|error| {
            tracing::warn!(%error, "no database connection");
            UNAVAILABLE.into()
        })
    }
}

async fn connect(url: String) -> ConnectionResult<Connection> {
    let mut connection = Connection::establish(&url).await?;
    connection.batch_execute(LIMITS).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}
