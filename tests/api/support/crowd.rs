//! Many at once: alumni with accounts of their own, several processes on one database, grants by hand.

use diesel::sql_types::{Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use super::cluster;
use super::{Actor, Answer, App};

impl App {
    /// Two applications on one fresh database: two processes of one deployment.
    pub async fn two() -> (Self, Self) {
        let (one, two, _) = Self::three().await;
        (one, two)
    }

    /// Three of them.
    pub async fn three() -> (Self, Self, Self) {
        let url = cluster::fresh_database().await;
        (Self::on(&url).await, Self::on(&url).await, Self::on(&url).await)
    }

    /// That many alumni, each signed in to an account of their own (at most some 170 of the demo's people).
    pub async fn crowd(&self, size: i32) -> Vec<Actor> {
        #[derive(diesel::QueryableByName)]
        struct Made {
            #[diesel(sql_type = SqlUuid)]
            session_id: Uuid,
            #[diesel(sql_type = SqlUuid)]
            account_id: Uuid,
        }
        let sql = "
            with chosen as (
                select id, name from people where id not in (select person_id from accounts where person_id is not null
                    union all select person_id from registrations where person_id is not null)
                order by id limit $1
            ), made as (
                insert into accounts (id, name, status, person_id, created_at, updated_at)
                select gen_random_uuid(), name, 'active', id, now(), now() from chosen returning id
            )
            insert into sessions (id, account_id, created_at)
            select gen_random_uuid(), id, now() from made returning id as session_id, account_id";
        let made: Vec<Made> =
            diesel::sql_query(sql).bind::<Integer, _>(size).load(&mut *self.database().await).await.unwrap();
        assert_eq!(made.len(), usize::try_from(size).unwrap(), "the demo has too few people");
        let actor = |made: &Made| {
            let token = self.office.tokens.sign(made.account_id.into(), made.session_id.into()).unwrap();
            self.anyone().with_token(&token)
        };
        made.iter().map(actor).collect()
    }

    /// Gives `<login>@demo.example` a role at a place by the administrator's hand.
    pub async fn grant(&self, login: &str, grant: Value) {
        let admin = self.admin().await;
        let found = admin.get(&format!("/accounts?email={login}@demo.example")).await.expect(200);
        let account = found.items()[0]["id"].as_str().unwrap().to_owned();
        admin.post(&format!("/accounts/{account}/grants"), grant).await.expect(201);
    }

    /// Moves the domain's clock to an instant as an answer says it.
    pub fn at(&self, instant: &str) {
        self.office.clock.set(instant.parse().unwrap());
    }

    /// What anybody is told of an event's seats.
    pub async fn seats(&self, event: &str) -> Value {
        self.anyone().get(&format!("{event}/availability")).await.expect(200).json
    }
}

impl Actor {
    /// The same caller at another process.
    pub fn at(&self, app: &App) -> Self {
        app.anyone().with_token(&self.token())
    }

    /// Registers a party of that size, oneself among them.
    pub async fn party(&self, event: &str, size: i64) -> Answer {
        self.register(event, json!({"party_size": size})).await
    }

    /// The same, asking again while the answer is that it is busy, as a good client does in a storm.
    pub async fn insist(&self, event: &str, size: i64) -> Answer {
        let key = homecoming::base::clock::uuid_at(homecoming::base::clock::Clock::wall()).to_string();
        let path = format!("{event}/registrations");
        patiently(async || self.post_keyed(&path, &key, json!({"party_size": size})).await).await
    }

    /// All rows of a list, page by page.
    pub async fn all(&self, list: &str) -> Vec<Value> {
        let separator = if list.contains('?') { '&' } else { '?' };
        let (mut rows, mut cursor) = (vec![], String::new());
        loop {
            let page = self.get(&format!("{list}{separator}limit=100{cursor}")).await.expect(200);
            rows.extend(page.items().iter().cloned());
            match page.json["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }
}

/// Asks until the answer is not 503: on a busy machine the pool's two seconds pass. What must never be 503, such as a
/// deadlock, is not asked this way.
pub async fn patiently(ask: impl AsyncFn() -> Answer) -> Answer {
    for _ in 0..50 {
        let answer = ask().await;
        if answer.status != 503 {
            return answer;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    ask().await
}

impl Answer {
    /// `status` and `queue_position` of a registration that was made.
    #[track_caller]
    pub fn place(&self) -> (&str, Option<i64>) {
        assert!(matches!(self.status, 200 | 201), "{}", self.json);
        (self.json["status"].as_str().unwrap(), self.json["queue_position"].as_i64())
    }

    /// The path of what was created.
    #[track_caller]
    pub fn path(&self) -> String {
        let location = self.header("location");
        location.strip_prefix("/api/v1").unwrap_or_else(|| panic!("no location: {}", self.json)).to_owned()
    }
}
