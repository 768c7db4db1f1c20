//! More of the harness: empty databases, accounts made on the spot, whole lists.

use diesel_async::RunQueryDsl;
use homecoming::base::clock::{Clock, uuid_at};
use homecoming::db::migrate::migrate;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Actor, App, cluster};

/// A fresh id.
pub fn fresh_id() -> String {
    uuid_at(Clock::wall()).to_string()
}

impl App {
    /// On a migrated database with nothing in it.
    pub async fn empty() -> Self {
        let url = cluster::empty_database().await;
        let of_migration = url.clone();
        let migration = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            runtime.unwrap().block_on(migrate(&of_migration)).unwrap();
        });
        migration.join().expect("the migration runs");
        Self::on(&url).await
    }

    /// The URL of this application's database, for a second process on it.
    pub async fn url(&self) -> String {
        let name = self.texts("select current_database()::text as text").await.remove(0);
        cluster::url_of(&name)
    }

    /// The rows of a query with one text column named `text`.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            text: String,
        }
        let mut connection = self.database().await;
        let rows: Vec<Row> = diesel::sql_query(sql).load(&mut *connection).await.unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }

    /// Somebody with an account of their own and no grant, signed in; their account's id.
    pub async fn somebody(&self) -> (String, Actor) {
        let (account, session) = (uuid_at(Clock::wall()), uuid_at(Clock::wall()));
        let sql = format!(
            "insert into accounts (id, name, status, created_at, updated_at) values ('{account}', '某人', 'active', now(), now());
             insert into sessions (id, account_id, created_at) values ('{session}', '{account}', now())"
        );
        self.sql(&sql).await;
        let token = self.office.tokens.sign(account.into(), session.into()).unwrap();
        let actor = Actor::new(self.clone(), Some(SecretString::from(token)));
        (account.to_string(), actor)
    }

    /// Gives a role at a scope (`id` is ignored for `all`) from a long time ago to the end of time.
    pub async fn give(&self, account: &str, role: &str, kind: &str, id: &str) {
        self.give_for(account, role, kind, id, "'2000-01-01'", "null").await;
    }

    /// Gives a role at a scope for a period; both days are SQL.
    pub async fn give_for(&self, account: &str, role: &str, kind: &str, id: &str, from: &str, to: &str) {
        let (column, id) = match kind {
            "all" => ("organization_id", "null".to_owned()),
            kind => (column_of(kind), format!("'{id}'")),
        };
        let grant = fresh_id();
        let sql = format!(
            "insert into role_grants (id, account_id, role, scope_kind, {column}, starts_on, ends_on, created_at)
             values ('{grant}', '{account}', '{role}', '{kind}', {id}, {from}, {to}, now())"
        );
        self.sql(&sql).await;
    }

    /// Somebody who holds a role at a scope.
    pub async fn holder(&self, role: &str, kind: &str, id: &str) -> Actor {
        let (account, actor) = self.somebody().await;
        self.give(&account, role, kind, id).await;
        actor
    }
}

fn column_of(kind: &str) -> &'static str {
    match kind {
        "organization" => "organization_id",
        "college" => "college_id",
        "class_group" => "class_group_id",
        _ => "event_id",
    }
}

impl Actor {
    /// Every row of a list, page by page.
    pub async fn paged(&self, path: &str, limit: usize) -> Vec<Value> {
        let question = format!("{path}{}limit={limit}", if path.contains('?') { '&' } else { '?' });
        let (mut rows, mut next) = (vec![], Some(String::new()));
        while let Some(cursor) = next {
            let cursor = if cursor.is_empty() { cursor } else { format!("&cursor={cursor}") };
            let page = self.get(&encoded(&format!("{question}{cursor}"))).await.expect(200);
            assert!(page.items().len() <= limit, "{}", page.json);
            rows.extend(page.items().clone());
            next = page.json["next"].as_str().map(str::to_owned);
        }
        rows
    }

    /// The same field of every row of a list, sorted.
    pub async fn all_of(&self, path: &str, field: &str) -> Vec<String> {
        let rows = self.paged(path, 100).await;
        let mut values: Vec<_> = rows.iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect();
        values.sort();
        values
    }

    /// The id of this account.
    pub async fn account(&self) -> String {
        self.get("/me").await.expect(200).text("id")
    }
}

/// An address as a client sends it: what is not ASCII is percent-encoded.
pub fn encoded(path: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii() {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.bytes().map(byte).collect()
}

/// A body of a sign-in with the demo's password.
pub fn sign_in_body(email: &str) -> Value {
    json!({"grant_type": "password", "email": email, "password": homecoming::demo::PASSWORD})
}
