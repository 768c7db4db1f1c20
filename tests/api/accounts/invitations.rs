//! Inviting somebody, who then sets the first password with a token that works once; and whose account it is.

use serde_json::{Value, json};

use super::sign_in;
use crate::support::{Actor, Answer, App, fresh_id};

const PASSWORD: &str = "my first password";

async fn invite(who: &Actor, body: Value) -> Answer {
    who.post("/accounts/invitations", body).await
}

fn somebody(email: &str) -> Value {
    json!({"email": email, "name": "单小明"})
}

async fn set(app: &App, token: &str, password: &str) -> Answer {
    app.anyone().put("/password", json!({"token": token, "password": password})).await
}

async fn begin(app: &App, email: &str, password: &str) -> Answer {
    sign_in(app, json!({"grant_type": "password", "email": email, "password": password})).await
}

#[actix_web::test]
async fn who_is_invited_sets_a_password_once_and_signs_in() {
    let app = App::start().await;
    let office = app.office().await;
    let person = office.post("/people", json!({"name": "单小明"})).await.expect(201).text("id");
    let body = json!({"email": " Shan@Example.org", "name": "单小明", "person_id": person});
    let invited = invite(&office, body).await.expect(201);
    assert_eq!(invited.json["account"]["email"], "shan@example.org");
    assert_eq!(invited.json["account"]["person_id"], json!(person));
    let (token, expires) = (invited.text("token"), invited.text("expires_at"));
    let days = expires.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - homecoming::base::clock::Clock::wall();
    assert!((6..=7).contains(&days.num_days()), "{expires}");
    begin(&app, "shan@example.org", "").await.expect_problem(401, "invalid_credentials");
    set(&app, &token, "shan@example.org").await.expect_fault("/password", "password_known");
    set(&app, &token, "short").await.expect_fault("/password", "password_length");
    set(&app, &token, PASSWORD).await.expect(204);
    set(&app, &token, "yet another one").await.expect_fault("/token", "token_not_good");
    let pair = begin(&app, "shan@example.org", PASSWORD).await.expect(201);
    let me = app.anyone().with_token(&pair.text("access_token")).get("/me").await.expect(200);
    assert_eq!((me.text("person_id"), me.json["grants"].clone()), (person, json!([])));
    // The token is nowhere at rest, and the journal names nobody.
    assert_eq!(app.count(&format!("select count(*) from password_tokens where hash::text like '%{token}%'")).await, 0);
    let acts = app.texts("select act as text from journal_entries where subject_kind = 'account' and act in ('account.invited', 'account.password_set') order by id").await;
    assert_eq!(acts, ["account.invited", "account.password_set"]);
    assert_eq!(app.count("select count(*) from journal_entries where facts::text ~ '(@|单)'").await, 0);
}

#[actix_web::test]
async fn a_token_that_is_unknown_expired_or_used_at_once_sets_nothing() {
    let app = App::start().await;
    let office = app.office().await;
    let token = invite(&office, somebody("a@example.org")).await.expect(201).text("token");
    for other in ["", "x", &token.to_lowercase(), &"x".repeat(10_000)] {
        set(&app, other, PASSWORD).await.expect_fault("/token", "token_not_good");
    }
    app.sql("update password_tokens set expires_at = now() - interval '1 second'").await;
    set(&app, &token, PASSWORD).await.expect_fault("/token", "token_not_good");
    app.sql("update password_tokens set expires_at = now() + interval '1 day'").await;
    app.sql("update accounts set status = 'disabled' where password_hash is null").await;
    set(&app, &token, PASSWORD).await.expect_fault("/token", "token_not_good");
    app.sql("update accounts set status = 'active'").await;
    let answers = futures::future::join_all((0..4).map(|_| set(&app, &token, PASSWORD))).await;
    let with = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(204), with(422)), (1, 3), "{answers:?}");
}

#[actix_web::test]
async fn an_invitation_is_the_offices_and_its_email_and_person_are_nobody_elses() {
    let app = App::start().await;
    let office = app.office().await;
    for who in [&office, &app.director().await, &app.admin().await] {
        invite(who, somebody(&format!("{}@example.org", fresh_id()))).await.expect(201);
    }
    let others = [
        app.auditor().await,
        app.college_admin_of("cs").await,
        app.secretary_of("shenzhen").await,
        app.sign_in("treasurer").await,
        app.sign_in("liaison.2019").await,
        app.alumnus(1).await,
    ];
    for who in others {
        invite(&who, somebody("b@example.org")).await.expect_problem(403, "not_allowed");
    }
    invite(&app.anyone(), somebody("b@example.org")).await.expect_problem(401, "not_signed_in");
    invite(&office, somebody("ALUMNUS1@demo.example")).await.expect_problem(409, "identifier_taken");
    let taken = app.alumnus(1).await.get("/me").await.text("person_id");
    let with = |person: &str| json!({"email": "b@example.org", "name": "x", "person_id": person});
    invite(&office, with(&taken)).await.expect_problem(409, "person_has_account");
    invite(&office, with(&fresh_id())).await.expect_fault("/person_id", "not_found");
    for email in ["", "x", "@x", "x@", "a b@x"] {
        invite(&office, somebody(email)).await.expect_fault("/email", "email");
    }
    let long = format!("{}@x", "x".repeat(253));
    invite(&office, somebody(&long)).await.expect_fault("/email", "length");
    invite(&office, json!({"email": "b@example.org", "name": ""})).await.expect_fault("/name", "length");
    invite(&office, json!({"email": "b@example.org", "name": "x", "role": "system_admin"}))
        .await
        .expect_fault("/role", "unknown_field");
    assert_eq!(app.count("select count(*) from account_identifiers where value = 'b@example.org'").await, 0);
}

#[actix_web::test]
async fn an_answer_with_a_token_is_kept_with_no_idempotency_key() {
    let app = App::start().await;
    let office = app.office().await;
    let keyed = office.post_keyed("/accounts/invitations", "k", somebody("c@example.org")).await.expect(201);
    assert!(!keyed.text("token").is_empty());
    assert_eq!(app.count("select count(*) from idempotency_keys").await, 0);
    let again = office.post_keyed("/accounts/invitations", "k", somebody("c@example.org")).await;
    again.expect_problem(409, "identifier_taken");
}

#[actix_web::test]
async fn an_account_is_linked_to_a_person_and_unlinked() {
    let app = App::start().await;
    let office = app.office().await;
    let (account, somebody) = app.somebody().await;
    let path = format!("/accounts/{account}/person");
    let person = office.post("/people", json!({"name": "张三"})).await.expect(201).text("id");
    let linked = office.put(&path, json!({"person_id": person})).await.expect(200);
    assert_eq!(linked.text("person_id"), person);
    somebody.get(&format!("/people/{person}")).await.expect(200);
    let (_, other) = app.somebody().await;
    let other = format!("/accounts/{}/person", other.account().await);
    office.put(&other, json!({"person_id": person})).await.expect_problem(409, "person_has_account");
    office.put(&other, json!({"person_id": fresh_id()})).await.expect_fault("/person_id", "not_found");
    office.put(&other, json!({})).await.expect_fault("/person_id", "required");
    let stale = office.call(actix_web::http::Method::PUT, &path).header("if-match", "\"1\"");
    stale.json(&json!({"person_id": null})).send().await.expect_problem(412, "stale_version");
    let unlinked = office.put(&path, json!({"person_id": null})).await.expect(200);
    assert_eq!(unlinked.json["person_id"], Value::Null);
    somebody.get(&format!("/people/{person}")).await.expect_problem(404, "not_found");
    office.put(&format!("/accounts/{}/person", fresh_id()), json!({"person_id": null})).await.expect(404);
    for who in [app.auditor().await, app.college_admin_of("cs").await, somebody] {
        who.put(&path, json!({"person_id": person})).await.expect_problem(403, "not_allowed");
    }
    let sql = "select count(*) from journal_entries where act = 'account.person_changed'";
    assert_eq!(app.count(sql).await, 2);
}
