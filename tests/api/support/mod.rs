//! The harness: a throw-away cluster, a database per test copied from a template, an actor per role.

mod actor;
mod cluster;
mod more;

pub mod databases {
    //! Databases without the demo, for what happens before there is one, and the one with the whole year.
    pub use super::cluster::{empty_database as empty, on_threads, with_ctype_c, year_database as year};
}
mod crowd;

use std::rc::Rc;

use actix_http::Request;
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::{test, web};
use futures::future::LocalBoxFuture;
use homecoming::access::office::Office;
use homecoming::base::clock::Clock;
use homecoming::db::Connection;
use homecoming::db::pool::{Pool, Pooled};
use homecoming::http::system::Ready;
use secrecy::SecretString;

pub use actor::{Actor, Answer};
pub use crowd::patiently;
pub use more::{fresh_id, sign_in_body};

type Call = dyn Fn(Request) -> LocalBoxFuture<'static, Result<ServiceResponse, actix_web::Error>>;

/// One running application on a database of its own, with the `tiny` demo in it.
#[derive(Clone)]
pub struct App {
    call: Rc<Call>,
    /// What its requests share.
    pub office: Office,
}

impl App {
    /// On a fresh copy of the template.
    pub async fn start() -> Self {
        Self::on(&cluster::fresh_database().await).await
    }

    /// On a fresh copy of the template, where nothing is limited.
    pub async fn unlimited() -> Self {
        Self::of(open(&cluster::fresh_database().await).await.without_limits()).await
    }

    /// On a fresh copy of the template, with a connection for each of thirty who come at once.
    pub async fn roomy() -> Self {
        let url = cluster::fresh_database().await;
        let mut office = open(&url).await;
        office.pool = Pool::new(&url, 30).unwrap();
        Self::of(office).await
    }

    /// On a database that is there: a second process, as it were.
    pub async fn on(url: &str) -> Self {
        Self::of(open(url).await).await
    }

    /// With an office that is set up otherwise.
    pub async fn of(office: Office) -> Self {
        let app = homecoming::app::app(office.clone(), web::Data::new(Ready::default()));
        let service = Rc::new(test::init_service(app).await);
        let call = move |request| {
            let service = service.clone();
            Box::pin(async move { service.call(request).await.map(ServiceResponse::map_into_boxed_body) })
                as LocalBoxFuture<'static, _>
        };
        Self { call: Rc::new(call), office }
    }

    /// A connection, for what no request can show.
    pub async fn database(&self) -> Pooled {
        self.office.pool.get().await.unwrap()
    }

    /// Runs SQL, for what no request can do.
    pub async fn sql(&self, sql: &str) {
        use diesel_async::SimpleAsyncConnection as _;
        let mut connection = self.database().await;
        let connection: &mut Connection = &mut connection;
        connection.batch_execute(sql).await.unwrap();
    }

    /// Counts with SQL.
    pub async fn count(&self, sql: &str) -> i64 {
        use diesel_async::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Counted {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            count: i64,
        }
        let mut connection = self.database().await;
        let sql = format!("select ({sql})::bigint as count");
        diesel::sql_query(sql).get_result::<Counted>(&mut *connection).await.unwrap().count
    }

    /// Nobody who is signed in.
    pub fn anyone(&self) -> Actor {
        Actor::new(self.clone(), None)
    }

    /// Whoever signs in with `<login>@demo.example`.
    pub async fn sign_in(&self, login: &str) -> Actor {
        let body = serde_json::json!({
            "grant_type": "password", "email": format!("{login}@demo.example"), "password": homecoming::demo::PASSWORD,
        });
        let answer = self.anyone().post("/auth/tokens", body).await.expect(201);
        Actor::new(self.clone(), Some(SecretString::from(answer.text("access_token"))))
    }

    /// The system administrator.
    pub async fn admin(&self) -> Actor {
        self.sign_in("admin").await
    }

    /// The alumni office.
    pub async fn office(&self) -> Actor {
        self.sign_in("office").await
    }

    /// The head of the office.
    pub async fn director(&self) -> Actor {
        self.sign_in("director").await
    }

    /// The secretary of `shenzhen`, `shijiazhuang` or `cs-beijing`.
    pub async fn secretary_of(&self, chapter: &str) -> Actor {
        self.sign_in(&format!("secretary.{chapter}")).await
    }

    /// The administrator of college `cs` or `econ`.
    pub async fn college_admin_of(&self, college: &str) -> Actor {
        self.sign_in(&format!("college.{college}")).await
    }

    /// The auditor.
    pub async fn auditor(&self) -> Actor {
        self.sign_in("auditor").await
    }

    /// One of `alumnus1` to `alumnus20`.
    pub async fn alumnus(&self, number: usize) -> Actor {
        self.sign_in(&format!("alumnus{number}")).await
    }

    /// The id of an organization by its code.
    pub async fn organization(&self, code: &str) -> String {
        let found = self.director().await.get(&format!("/organizations?code={code}")).await.expect(200);
        found.items()[0]["id"].as_str().unwrap().to_owned()
    }

    /// The id of a college by its code.
    pub async fn college(&self, code: &str) -> String {
        let found = self.anyone().get(&format!("/colleges?code={code}")).await.expect(200);
        found.items()[0]["id"].as_str().unwrap().to_owned()
    }

    /// A published event of the Shenzhen chapter; `more` overrides fields of the draft.
    pub async fn published_event(&self, more: serde_json::Value) -> String {
        let event = self.draft(more).await;
        let secretary = self.secretary_of("shenzhen").await;
        let office = self.office().await;
        secretary.put(&format!("{event}/submission"), serde_json::json!({})).await.expect(200);
        office.put(&format!("{event}/approval"), serde_json::json!({})).await.expect(200);
        secretary.put(&format!("{event}/publication"), serde_json::json!({})).await.expect(200);
        event
    }

    /// A draft of the Shenzhen chapter, as its path `/events/…`; `more` overrides fields.
    pub async fn draft(&self, more: serde_json::Value) -> String {
        let host = self.organization("shenzhen").await;
        let mut body = draft_body();
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let secretary = self.secretary_of("shenzhen").await;
        let draft = secretary.post(&format!("/organizations/{host}/events"), body).await.expect(201);
        format!("/events/{}", draft.text("id"))
    }
}

async fn open(url: &str) -> Office {
    let pool = Pool::new(url, 8).unwrap();
    Office::open(pool, Clock::default(), chrono_tz::Asia::Shanghai).await.unwrap()
}

/// What a draft needs, a year ahead.
pub fn draft_body() -> serde_json::Value {
    let day = (Clock::default().now() + chrono::Days::new(365)).date_naive();
    serde_json::json!({
        "kind": "forum", "title": "校友论坛", "starts_local": format!("{day}T14:00:00"), "ends_local": format!("{day}T17:00:00"),
        "time_zone": "Asia/Shanghai", "capacity": 3, "waitlist": true,
    })
}
