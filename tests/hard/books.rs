//! The books: what the database says, read beside the program, and whether it adds up.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::sql_types::{BigInt, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection as _, RunQueryDsl, SimpleAsyncConnection as _};
use homecoming::access::tokens::Tokens;
use homecoming::db::Connection;
use homecoming::db::embedded::Embedded;
use homecoming::journal::sealer::{Sealer, verify};
use uuid::Uuid;

use crate::until;

/// A connection of the test's own.
pub struct Books(Connection);

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(diesel::QueryableByName)]
struct Guest {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    id: String,
}

#[derive(diesel::QueryableByName)]
struct Member {
    #[diesel(sql_type = SqlUuid)]
    account: Uuid,
    #[diesel(sql_type = SqlUuid)]
    session: Uuid,
}

impl Books {
    pub async fn open(url: &str) -> Self {
        Self(Connection::establish(url).await.unwrap())
    }

    /// Those of a private server.
    pub async fn of(server: &Embedded) -> Self {
        Self::open(server.url()).await
    }

    /// Runs SQL, for what no request can do.
    pub async fn run(&mut self, sql: &str) {
        self.try_run(sql).await.unwrap();
    }

    /// The same, where it may fail.
    pub async fn try_run(&mut self, sql: &str) -> diesel::QueryResult<()> {
        self.0.batch_execute(sql).await
    }

    /// One number.
    pub async fn count(&mut self, sql: &str) -> i64 {
        let sql = format!("select ({sql})::bigint as count");
        diesel::sql_query(sql).get_result::<Counted>(&mut self.0).await.unwrap().count
    }

    /// Ids of the registrations of an event by the guest's name; fails when a guest has two.
    pub async fn guests(&mut self, event: &str) -> BTreeMap<String, String> {
        let sql =
            format!("select guest_name as name, id::text as id from registrations where event_id = '{}'", id(event));
        let rows: Vec<Guest> = diesel::sql_query(sql).load(&mut self.0).await.unwrap();
        let mut guests = BTreeMap::new();
        for row in rows {
            let other = guests.insert(row.name.clone(), row.id);
            assert_eq!(other, None, "{} is registered twice", row.name);
        }
        guests
    }

    /// The event's counters are the sums of its registrations, no seat too many, and the queue is in order of coming.
    pub async fn check_seats(&mut self, event: &str) {
        let event = id(event);
        let wrong = format!(
            "select count(*) from event_seats s where event_id = '{event}' and not (
                seats_taken <= capacity
                and seats_taken = (select coalesce(sum(party_size), 0) from registrations r
                    where r.event_id = s.event_id and status = 'confirmed')
                and waiting = (select count(*) from registrations r
                    where r.event_id = s.event_id and status = 'waitlisted')
                and last_queue_no = (select coalesce(max(queue_no), 0) from registrations r
                    where r.event_id = s.event_id))"
        );
        assert_eq!(self.count(&wrong).await, 0, "the counters are not the sums");
        let without = format!(
            "select count(*) from registrations r where event_id = '{event}' and 1 <> (select count(*)
                from journal_entries where subject_id = r.id and act = 'registration.created')"
        );
        assert_eq!(self.count(&without).await, 0, "registrations without their one journal entry");
    }

    /// Soon no connection is left in the middle of a transaction.
    pub async fn check_nothing_hangs(&mut self) {
        let hanging = "select count(*) from pg_stat_activity
            where state like 'idle in transaction%' and clock_timestamp() - state_change > interval '1 s'";
        // Twice, with the second between that such a one would have to be old.
        for _ in 0..2 {
            until(5, "no transaction is left open", async || self.count(hanging).await == 0).await;
            tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        }
        assert_eq!(self.count(hanging).await, 0, "a transaction is left open");
    }

    /// The program seals every entry soon, and the chain verifies up to the signed head in its data directory.
    pub async fn check_journal(&mut self, data_dir: &Path) {
        let unsealed = "select count(*) from journal_entries where position is null";
        until(30, "the journal is sealed", async || self.count(unsealed).await == 0).await;
        let sealer = Sealer::open(data_dir).unwrap();
        let head = sealer.head().unwrap();
        assert!(head.is_some(), "there is a signed head");
        assert_eq!(verify(&mut self.0, head.as_ref(), sealer.public_key()).await.unwrap(), None);
    }

    /// That many new alumni, each signed in to an account of their own: their tokens.
    pub async fn crowd(&mut self, size: usize) -> Vec<String> {
        let sql = "
            with fresh as (
                select gen_random_uuid() as id, '校友' || n as name from generate_series(1, $1) n
            ), person as (
                insert into people (id, name, name_pinyin, former_names, alumni_status, key_contact, do_not_contact,
                    created_at, updated_at)
                select id, name, 'xiaoyou', '{}', 'verified', false, false, now(), now() from fresh
            ), account as (
                insert into accounts (id, name, status, person_id, created_at, updated_at)
                select id, name, 'active', id, now(), now() from fresh
            )
            insert into sessions (id, account_id, created_at) select gen_random_uuid(), id, now() from fresh
            returning account_id as account, id as session";
        let size = i32::try_from(size).unwrap();
        let made: Vec<Member> = diesel::sql_query(sql).bind::<Integer, _>(size).load(&mut self.0).await.unwrap();
        let tokens = Tokens::load(&mut self.0).await.unwrap();
        made.iter().map(|one| tokens.sign(one.account.into(), one.session.into()).unwrap()).collect()
    }
}

/// The id at the end of a path.
pub fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
