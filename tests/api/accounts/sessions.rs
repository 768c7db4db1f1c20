//! Where an account is signed in, and ending that.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{refresh, sign_in};
use crate::support::{Answer, App, fresh_id, sign_in_body};

async fn sign_in_as(app: &App, login: &str, client: &str) -> Answer {
    let anyone = app.anyone();
    let call = anyone.call(Method::POST, "/auth/tokens").header("user-agent", client);
    call.json(&sign_in_body(&format!("{login}@demo.example"))).send().await.expect(201)
}

#[actix_web::test]
async fn my_sessions_are_listed_with_what_they_are_recognised_by() {
    let app = App::start().await;
    let phone = sign_in_as(&app, "alumnus1", "Phone/1.0 (归校)").await;
    let long = sign_in_as(&app, "alumnus1", &"x".repeat(300)).await;
    sign_in(&app, sign_in_body("alumnus1@demo.example")).await.expect(201);
    sign_in_as(&app, "alumnus2", "Else/1.0").await;
    let me = app.anyone().with_token(&long.text("access_token"));
    let listed = me.get("/me/sessions").await.expect(200);
    let clients: Vec<_> = listed.items().iter().map(|session| session["client"].clone()).collect();
    assert_eq!(clients, [Value::Null, json!("x".repeat(200)), json!("Phone/1.0 (归校)")], "the newest first");
    let current: Vec<_> = listed.items().iter().map(|session| session["current"].clone()).collect();
    assert_eq!(current, [false, true, false]);
    assert_eq!(me.paged("/me/sessions", 1).await.len(), 3);
    // A refresh is a use.
    app.sql("update sessions set last_used_at = now() - interval '1 day', created_at = now() - interval '2 days'")
        .await;
    refresh(&app, &phone.text("refresh_token")).await.expect(201);
    let used: Vec<_> = me.get("/me/sessions").await.expect(200).items().clone();
    assert!(used[2]["last_used_at"].as_str() > used[1]["last_used_at"].as_str(), "{used:?}");
    assert!(used[1]["last_used_at"].as_str() > used[1]["created_at"].as_str(), "{used:?}");
    // What nobody can refresh any more is no session.
    app.sql("update sessions set last_used_at = now() - interval '31 days' where user_agent is null").await;
    assert_eq!(me.get("/me/sessions").await.expect(200).items().len(), 2);
    app.anyone().get("/me/sessions").await.expect_problem(401, "not_signed_in");
}

#[actix_web::test]
async fn one_of_my_sessions_is_ended_at_once_and_nobody_elses() {
    let app = App::start().await;
    let lost = sign_in_as(&app, "alumnus1", "Lost/1.0").await;
    let (me, other) = (app.alumnus(1).await, app.alumnus(2).await);
    let listed = me.get("/me/sessions").await.expect(200);
    let of_lost = listed.items().iter().find(|session| session["client"] == "Lost/1.0").unwrap()["id"].clone();
    let path = format!("/me/sessions/{}", of_lost.as_str().unwrap());
    other.delete(&path).await.expect_problem(404, "not_found");
    app.anyone().with_token(&lost.text("access_token")).get("/me").await.expect(200);
    me.delete(&path).await.expect(204);
    for path in ["/me", "/colleges"] {
        app.anyone().with_token(&lost.text("access_token")).get(path).await.expect_problem(401, "invalid_token");
    }
    refresh(&app, &lost.text("refresh_token")).await.expect_problem(401, "invalid_refresh_token");
    me.delete(&path).await.expect_problem(404, "not_found");
    me.delete(&format!("/me/sessions/{}", fresh_id())).await.expect_problem(404, "not_found");
    assert_eq!(me.get("/me/sessions").await.expect(200).items().len(), 1);
    let sql = "select count(*) from journal_entries where act = 'session.ended' and actor_id is not null";
    assert_eq!(app.count(sql).await, 1);
}
