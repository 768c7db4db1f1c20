//! What a PostgreSQL server says of itself, for the doctor.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;

use super::Connection;
use crate::base::error::Result;

/// One server and database.
#[derive(Debug, QueryableByName)]
pub struct Facts {
    /// `server_version_num`: 150004 is 15.4.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// Such as `UTF8`.
    #[diesel(sql_type = Text)]
    pub encoding: String,
    /// The database's `LC_CTYPE`.
    #[diesel(sql_type = Text)]
    pub ctype: String,
    /// Whether Chinese characters count as letters, which searching needs.
    #[diesel(sql_type = Bool)]
    pub knows_han: bool,
    /// A standby, or read-only by its settings.
    #[diesel(sql_type = Bool)]
    pub read_only: bool,
    /// Connections that the server takes, without those it keeps for its superuser.
    #[diesel(sql_type = Integer)]
    pub most_connections: i32,
    /// Connections that other clients hold now.
    #[diesel(sql_type = BigInt)]
    pub connections: i64,
    /// `fsync`, `full_page_writes` and `synchronous_commit`: whether what was acknowledged survives a crash.
    #[diesel(sql_type = Bool)]
    pub durable: bool,
    /// The server's clock.
    #[diesel(sql_type = Timestamptz)]
    pub now: DateTime<Utc>,
    /// Its newest migration; none in an empty database.
    #[diesel(sql_type = Nullable<Text>)]
    pub migration: Option<String>,
}

/// Asks a server.
pub async fn examine(connection: &mut Connection) -> Result<Facts> {
    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = Bool)]
        there: bool,
    }
    let table: Table = diesel::sql_query("select to_regclass('__diesel_schema_migrations') is not null as there")
        .get_result(connection)
        .await?;
    let migration = if table.there { "(select max(version) from __diesel_schema_migrations)" } else { "null" };
    let sql = format!(
        "select current_setting('server_version_num')::int as version, pg_encoding_to_char(encoding)::text as encoding, \
         datctype::text as ctype, '归' ~ '[[:alpha:]]' as knows_han, \
         pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as read_only, \
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most_connections, \
         (select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()) as connections, \
         current_setting('fsync')::bool and current_setting('full_page_writes')::bool \
         and current_setting('synchronous_commit') <> 'off' as durable, \
         clock_timestamp() as now, {migration}::text as migration \
         from pg_database where datname = current_database()"
    );
    Ok(diesel::sql_query(sql).get_result(connection).await?)
}

/// Asks for nothing: how long a round trip takes.
pub async fn ping(connection: &mut Connection) -> Result<()> {
    diesel::sql_query("select 1").execute(connection).await?;
    Ok(())
}
