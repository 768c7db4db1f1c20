//! Migrations, under a lock that several starters on one empty database take in turn.

use diesel::QueryableByName;
use diesel::sql_types::{Integer, Text};
use diesel_async::{AsyncMigrationHarness, RunQueryDsl, SimpleAsyncConnection as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::Connection;
use super::connect::Target;
use crate::base::error::{Error, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");
const LOCK: i64 = 0x484f_4d45_0001;

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    ctype: String,
}

/// Brings a database to this program's schema; does nothing to one that is there already.
///
/// Fails with what to do when the server is older than PostgreSQL 15 or the database's `LC_CTYPE` is `C`.
/// Fails, and has changed nothing, when a lock is not free within three seconds: try again at a quieter time.
/// Must run on a multi-thread runtime.
pub async fn migrate(url: &str) -> Result<()> {
    let mut connection = Target::parse(url)?.connect_without_limits().await.map_err(Error::internal)?;
    check(&mut connection).await?;
    connection.batch_execute(&format!("select pg_advisory_lock({LOCK})")).await?;
    // Behind a migration that waits for its lock, every request would wait too.
    connection.batch_execute("set lock_timeout = '3s'").await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    // The lock is the session's: it goes with the connection.
    tokio::task::block_in_place(|| harness.run_pending_migrations(MIGRATIONS).map(|_| ())).map_err(Error::Internal)
}

/// Whether a database has every migration of this program.
pub async fn is_current(connection: &mut Connection) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Latest {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let latest: Latest =
        diesel::sql_query("select coalesce(max(version), '') as version from __diesel_schema_migrations")
            .get_result(connection)
            .await?;
    Ok(latest.version.as_str() >= newest().as_str())
}

/// The newest migration of this program.
pub fn newest() -> String {
    use diesel::migration::{Migration, MigrationSource};
    let all: Vec<Box<dyn Migration<diesel::pg::Pg>>> = MIGRATIONS.migrations().unwrap_or_default();
    let versions = all.iter().map(|migration| migration.name().version().to_string());
    versions.max().unwrap_or_default()
}

async fn check(connection: &mut Connection) -> Result<()> {
    let server: Server = diesel::sql_query(
        "select current_setting('server_version_num')::int as version, datctype::text as ctype \
         from pg_database where datname = current_database()",
    )
    .get_result(connection)
    .await?;
    if server.version < 150_000 {
        return Err(Error::internal(format!(
            "the PostgreSQL server is version {}; Homecoming needs 15 or newer",
            server.version / 10_000
        )));
    }
    if server.ctype == "C" || server.ctype == "POSIX" {
        return Err(Error::internal(format!(
            "the database's LC_CTYPE is {}, which cannot tell Chinese letters apart; create it anew: \
             create database homecoming template template0 encoding 'UTF8' locale 'C.UTF-8'",
            server.ctype
        )));
    }
    Ok(())
}
