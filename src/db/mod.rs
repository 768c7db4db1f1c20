//! PostgreSQL: the pool, the migrations, the private server; how database errors become refusals.

pub mod connect;
pub mod embedded;
pub mod examine;
pub mod migrate;
pub mod pool;

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error as DieselError, QueryResult};
use diesel::sql_types::{BigInt, Untyped};
use diesel_async::{AnsiTransactionManager, RunQueryDsl, TransactionManager as _};

use crate::base::error::{Error, Refusal, Result, UNAVAILABLE};

pub use diesel_async::AsyncPgConnection as Connection;

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::UnableToSendCommand, _) => {
                tracing::warn!(%error, "the database is away");
                UNAVAILABLE.into()
            }
            DieselError::DatabaseError(_, info) if passes(info.message()) => {
                tracing::warn!(%error, "the database refused for the moment");
                UNAVAILABLE.into()
            }
            _ => Self::internal(error),
        }
    }
}

/// What PostgreSQL says when trying again later may help (its messages are English: `lc_messages` is C).
fn passes(message: &str) -> bool {
    const PASSING: [&str; 8] = [
        "terminating connection",
        "the database system is",
        "canceling statement",
        "deadlock detected",
        "could not serialize",
        "too many clients",
        "remaining connection slots",
        "No space left on device",
    ];
    PASSING.iter().any(|part| message.contains(part))
}

/// Turns the violation of a named constraint into a refusal.
pub trait OnConstraint<T> {
    /// `refusal` when exactly this constraint was violated.
    fn on_constraint(self, name: &str, refusal: impl Into<Error>) -> Result<T>;
}

impl<T, E: Into<Error>> OnConstraint<T> for Result<T, E> {
    fn on_constraint(self, name: &str, refusal: impl Into<Error>) -> Result<T> {
        self.map_err(|error| {
            let error = error.into();
            match violated(&error) == Some(name) {
                true => refusal.into(),
                false => error,
            }
        })
    }
}

fn violated(error: &Error) -> Option<&str> {
    let Error::Internal(cause) = error else { return None };
    match cause.downcast_ref::<DieselError>()? {
        DieselError::DatabaseError(_, info) => info.constraint_name(),
        _ => None,
    }
}

/// `None` from the database as a refusal.
pub trait OrRefuse<T> {
    /// The value, or this refusal where there is none.
    fn or_refuse(self, refusal: Refusal) -> Result<T>;
}

impl<T> OrRefuse<T> for QueryResult<T> {
    fn or_refuse(self, refusal: Refusal) -> Result<T> {
        match self {
            Err(DieselError::NotFound) => Err(refusal.into()),
            other => Ok(other?),
        }
    }
}

/// Runs a piece of work in a transaction that holds an advisory lock: several starters take turns.
pub async fn one_at_a_time<T>(
    connection: &mut Connection,
    lock: i64,
    work: impl AsyncFnOnce(&mut Connection) -> Result<T>,
) -> Result<T> {
    AnsiTransactionManager::begin_transaction(&mut *connection).await?;
    let locked = diesel::sql_query("select pg_advisory_xact_lock($1)").bind::<BigInt, _>(lock);
    let done = match locked.execute(connection).await {
        Ok(_) => work(connection).await,
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(done) => {
            AnsiTransactionManager::commit_transaction(&mut *connection).await.map(|()| done).map_err(Error::from)
        }
        Err(error) => {
            AnsiTransactionManager::rollback_transaction(&mut *connection).await?;
            Err(error)
        }
    }
}

/// SQL written by hand that diesel may keep prepared, unlike a bare `sql_query`, which is planned on every call.
#[derive(Debug, Clone)]
pub struct Kept<Q>(pub Q);

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Kept<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Kept<Q> {
    type SqlType = Untyped;
}

/// How many rows a filtered query has, where the page asks for it: counted no further than the cap.
macro_rules! total {
    ($tx:expr, $page:expr, $query:expr, $id:expr) => {
        match $page.wants_total() {
            false => None,
            true => {
                let rows = $query.select($id).limit($crate::base::page::TOTAL_CAP).execute(&mut **$tx).await?;
                i64::try_from(rows).ok()
            }
        }
    };
}
pub(crate) use total;

/// Lets a type that serde can write stand in a `jsonb` column; it derives `AsExpression` and `FromSqlRow`.
macro_rules! json_column {
    ($name:ty) => {
        impl diesel::serialize::ToSql<diesel::sql_types::Jsonb, diesel::pg::Pg> for $name {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                let value = serde_json::to_value(self)?;
                <serde_json::Value as diesel::serialize::ToSql<diesel::sql_types::Jsonb, diesel::pg::Pg>>::to_sql(
                    &value,
                    &mut out.reborrow(),
                )
            }
        }
        impl diesel::deserialize::FromSql<diesel::sql_types::Jsonb, diesel::pg::Pg> for $name {
            fn from_sql(bytes: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                // The first byte is the format's version, which has been 1 ever since.
                match bytes.as_bytes().split_first() {
                    Some((1, json)) => Ok(serde_json::from_slice(json)?),
                    _ => Err("not the jsonb of this protocol".into()),
                }
            }
        }
    };
}
pub(crate) use json_column;

/// A pattern for `ilike` that finds `part` anywhere, its own wildcards taken literally.
pub fn containing(part: &str) -> String {
    let literal = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{literal}%")
}
