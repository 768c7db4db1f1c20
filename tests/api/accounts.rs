//! Signing in and staying signed in, who I am, the list of accounts, the first administrator.

use std::time::Instant;

use homecoming::accounts::ensure_administrator;
use serde_json::{Value, json};

use crate::support::{Answer, App, patiently, sign_in_body};

mod enumeration;
mod grants;
mod invitations;
mod limits;
mod passwords;
mod refreshing;
mod sessions;

async fn sign_in(app: &App, body: Value) -> Answer {
    app.anyone().post("/auth/tokens", body).await
}

async fn refresh(app: &App, token: &str) -> Answer {
    let body = json!({"grant_type": "refresh_token", "refresh_token": token});
    sign_in(app, body).await
}

/// A problem without what names the request.
fn without_instance(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    body.as_object_mut().unwrap().remove("instance");
    body
}

#[actix_web::test]
async fn an_email_signs_in_however_it_is_written() {
    let app = App::start().await;
    for email in ["alumnus1@demo.example", "Alumnus1@Demo.Example", "  ALUMNUS1@demo.example "] {
        let pair = sign_in(&app, sign_in_body(email)).await.expect(201);
        assert_eq!(pair.text("token_type"), "Bearer");
        assert_eq!(pair.json["expires_in"], 600);
        assert_eq!(pair.header("cache-control"), "private, no-store");
        let me = app.anyone().with_token(&pair.text("access_token")).get("/me").await.expect(200);
        assert_eq!(me.text("email"), "alumnus1@demo.example");
    }
}

#[actix_web::test]
async fn a_phone_signs_in() {
    let app = App::start().await;
    app.sql(
        "insert into account_identifiers (id, account_id, kind, value, created_at) \
         select gen_random_uuid(), account_id, 'phone', '+8610000000001', now() from account_identifiers where value = 'alumnus2@demo.example'",
    )
    .await;
    let body = json!({"grant_type": "password", "phone": "+8610000000001", "password": homecoming::demo::PASSWORD});
    let pair = sign_in(&app, body).await.expect(201);
    let me = app.anyone().with_token(&pair.text("access_token")).get("/me").await.expect(200);
    assert_eq!((me.text("email"), me.text("phone")), ("alumnus2@demo.example".into(), "+8610000000001".into()));
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_account_are_told_in_the_same_words() {
    let app = App::start().await;
    let wrong =
        sign_in(&app, json!({"grant_type": "password", "email": "admin@demo.example", "password": "wrong wrong"}))
            .await;
    let unknown = sign_in(&app, sign_in_body("nobody@demo.example")).await;
    let strange = sign_in(&app, sign_in_body("a\u{0}b")).await;
    let long = json!({"grant_type": "password", "email": "admin@demo.example", "password": "x".repeat(129)});
    let long = sign_in(&app, long).await;
    let phone = json!({"grant_type": "password", "phone": "+8610000000009", "password": "wrong wrong"});
    let phone = sign_in(&app, phone).await;
    let wrong = wrong.expect_problem(401, "invalid_credentials");
    for other in [unknown, strange, long, phone] {
        assert_eq!(other.status, 401);
        assert_eq!(without_instance(&other), without_instance(&wrong));
        assert_eq!(other.header("www-authenticate"), wrong.header("www-authenticate"));
    }
    assert_eq!(app.count("select count(*) from sessions").await, 0);
}

#[actix_web::test]
async fn a_password_of_more_than_128_bytes_never_fits_even_when_it_is_the_right_one() {
    let app = App::start().await;
    for (length, status) in [(128, 201), (129, 401)] {
        let password = "é".repeat(length / 2) + &"x".repeat(length % 2);
        assert_eq!(password.len(), length);
        let hash = app.office.passwords.hash(password.clone().into()).await.unwrap();
        app.sql(&format!(
            "update accounts set password_hash = '{hash}' where id = (select account_id from account_identifiers where value = 'alumnus1@demo.example')"
        ))
        .await;
        let body = json!({"grant_type": "password", "email": "alumnus1@demo.example", "password": password});
        assert_eq!(sign_in(&app, body).await.status, status, "{length} bytes");
    }
}

#[actix_web::test]
async fn an_account_without_a_password_cannot_sign_in_with_one() {
    let app = App::start().await;
    app.sql("update accounts set password_hash = null").await;
    sign_in(&app, sign_in_body("admin@demo.example")).await.expect_problem(401, "invalid_credentials");
}

#[actix_web::test]
async fn a_sign_in_is_read_strictly() {
    let app = App::start().await;
    let password = homecoming::demo::PASSWORD;
    let neither = json!({"grant_type": "password", "password": password});
    sign_in(&app, neither).await.expect_fault("/email", "one_of");
    let both = json!({"grant_type": "password", "email": "a@b", "phone": "+86", "password": password});
    sign_in(&app, both).await.expect_fault("/email", "one_of");
    let none = json!({"grant_type": "password", "email": "admin@demo.example"});
    sign_in(&app, none).await.expect_fault("/password", "required");
    let more =
        json!({"grant_type": "password", "email": "admin@demo.example", "password": password, "role": "system_admin"});
    sign_in(&app, more).await.expect_fault("/role", "unknown_field");
    let kind = json!({"grant_type": "magic"});
    assert_eq!(sign_in(&app, kind).await.status, 422);
    assert_eq!(sign_in(&app, json!({})).await.status, 422);
    assert_eq!(sign_in(&app, json!([])).await.status, 422);
    assert_eq!(app.count("select count(*) from sessions").await, 0);
}

#[actix_web::test]
async fn signing_out_ends_access_and_refresh_at_once() {
    let app = App::start().await;
    let pair = sign_in(&app, sign_in_body("alumnus1@demo.example")).await.expect(201);
    let actor = app.anyone().with_token(&pair.text("access_token"));
    actor.get("/me").await.expect(200);
    actor.delete("/auth/tokens/current").await.expect(204);
    actor.get("/me").await.expect_problem(401, "invalid_token");
    actor.delete("/auth/tokens/current").await.expect_problem(401, "invalid_token");
    refresh(&app, &pair.text("refresh_token")).await.expect_problem(401, "invalid_refresh_token");
    app.anyone().delete("/auth/tokens/current").await.expect_problem(401, "not_signed_in");
}

#[actix_web::test]
async fn a_disabled_account_can_do_nothing_from_the_next_request() {
    let app = App::start().await;
    let pair = sign_in(&app, sign_in_body("office@demo.example")).await.expect(201);
    let actor = app.anyone().with_token(&pair.text("access_token"));
    actor.get("/people").await.expect(200);
    app.sql("update accounts set status = 'disabled' where id = (select account_id from account_identifiers where value = 'office@demo.example')").await;
    for path in ["/me", "/people", "/organizations", "/events"] {
        actor.get(path).await.expect_problem(401, "invalid_token");
    }
    refresh(&app, &pair.text("refresh_token")).await.expect_problem(401, "invalid_refresh_token");
    let wrong = sign_in(&app, sign_in_body("nobody@demo.example")).await;
    let disabled = sign_in(&app, sign_in_body("office@demo.example")).await;
    assert_eq!(without_instance(&disabled), without_instance(&wrong), "nobody is told that it exists");
}

#[actix_web::test]
async fn me_tells_who_i_am_and_what_i_may() {
    let app = App::start().await;
    let shenzhen = app.organization("shenzhen").await;
    let me = app.secretary_of("shenzhen").await.get("/me").await.expect(200);
    let grants = me.json["grants"].as_array().unwrap();
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0]["role"], "chapter_secretary");
    assert_eq!(grants[0]["scope"], json!({"kind": "organization", "id": shenzhen}));
    assert_eq!(grants[0]["source"], "manual");
    assert_eq!(grants[0]["ends_on"], Value::Null);
    assert_ne!(me.json["person_id"], Value::Null);
    assert!(me.json.get("password_hash").is_none());
    assert!(!me.header("etag").is_empty());
    let admin = app.admin().await.get("/me").await.expect(200);
    assert_eq!(admin.json["person_id"], Value::Null);
    assert_eq!(admin.json["grants"][0]["scope"], json!({"kind": "all", "id": null}));
    app.anyone().get("/me").await.expect_problem(401, "not_signed_in");
}

#[actix_web::test]
async fn only_an_administrator_lists_accounts() {
    let app = App::start().await;
    let admin = app.admin().await;
    let all = admin.paged("/accounts", 7).await;
    assert_eq!(i64::try_from(all.len()).unwrap(), app.count("select count(*) from accounts").await);
    let mut ids: Vec<_> = all.iter().map(|account| account["id"].to_string()).collect();
    ids.dedup();
    assert_eq!(ids.len(), all.len());
    let found = admin.get("/accounts?email=Director@demo.example&email=auditor@demo.example&include_total=true").await;
    assert_eq!(found.expect(200).json["total"], 2);
    let person = app.alumnus(3).await.get("/me").await.text("person_id");
    let found = admin.get(&format!("/accounts?person_id={person}")).await.expect(200);
    assert_eq!(found.items().len(), 1);
    assert_eq!(found.items()[0]["email"], "alumnus3@demo.example");
    assert_eq!(found.items()[0]["status"], "active");
    assert!(found.items()[0].get("password_hash").is_none());
    admin.get("/accounts?name=x").await.expect_problem(400, "unknown_parameter");
    admin.get("/accounts?limit=0").await.expect_problem(400, "invalid_parameter");
    let refused = [
        app.office().await,
        app.director().await,
        app.auditor().await,
        app.college_admin_of("cs").await,
        app.secretary_of("shenzhen").await,
        app.sign_in("treasurer").await,
        app.sign_in("receipts").await,
        app.sign_in("liaison.2019").await,
        app.alumnus(1).await,
    ];
    for actor in refused {
        actor.get("/accounts").await.expect_problem(403, "not_allowed");
    }
    app.anyone().get("/accounts").await.expect_problem(401, "not_signed_in");
}

#[actix_web::test]
async fn the_first_start_makes_one_administrator_and_tells_the_password_once() {
    let app = App::empty().await;
    let made = ensure_administrator(&app.office).await.unwrap().expect("there is none yet");
    assert!(ensure_administrator(&app.office).await.unwrap().is_none());
    let body = json!({"grant_type": "password", "email": made.email, "password": made.password});
    let pair = sign_in(&app, body).await.expect(201);
    let admin = app.anyone().with_token(&pair.text("access_token"));
    let me = admin.get("/me").await.expect(200);
    assert_eq!(me.json["grants"][0]["role"], "system_admin");
    assert_eq!(me.json["grants"][0]["scope"]["kind"], "all");
    assert_eq!(admin.paged("/accounts", 100).await.len(), 1);
    assert!(made.password.len() >= 20);
    // The program itself did it, and the journal says so without the address.
    assert_eq!(
        app.count("select count(*) from journal_entries where act = 'account.created' and actor_id is null").await,
        1
    );
    assert_eq!(app.count("select count(*) from journal_entries where facts::text like '%@%'").await, 0);
}

#[actix_web::test]
async fn several_first_starts_at_once_make_one_administrator() {
    let app = App::empty().await;
    let starts = (0..4).map(|_| ensure_administrator(&app.office));
    let made: Vec<_> = futures::future::join_all(starts).await;
    let made: Vec<_> = made.into_iter().map(|one| one.expect("no start fails")).collect();
    assert_eq!(made.iter().flatten().count(), 1);
    assert_eq!(app.count("select count(*) from accounts").await, 1);
}

#[actix_web::test]
async fn where_there_is_an_administrator_none_is_made() {
    let app = App::start().await;
    assert!(ensure_administrator(&app.office).await.unwrap().is_none());
}

#[actix_web::test]
async fn reads_go_on_while_forty_sign_in_at_once() {
    let app = App::start().await;
    let office = app.office().await;
    let logins = futures::future::join_all((0..40).map(|n| {
        let app = app.clone();
        async move { sign_in(&app, sign_in_body(&format!("alumnus{}@demo.example", n % 20 + 1))).await.status }
    }));
    let reads = async {
        let (start, mut slowest) = (Instant::now(), 0);
        let mut count = 0;
        while start.elapsed().as_millis() < 600 || count < 20 {
            let one = Instant::now();
            patiently(async || office.get("/people?limit=5").await).await.expect(200);
            patiently(async || app.anyone().get("/events?limit=5").await).await.expect(200);
            slowest = slowest.max(one.elapsed().as_millis());
            count += 1;
            tokio::task::yield_now().await;
        }
        slowest
    };
    let (logins, slowest) = futures::join!(logins, reads);
    // Whoever waits too long is told to come again; nobody is told anything worse.
    assert!(logins.iter().all(|status| [201, 503].contains(status)), "{logins:?}");
    assert!(logins.contains(&201));
    assert!(slowest < 4_000, "a read took {slowest} ms");
    office.get("/me").await.expect(200);
}
