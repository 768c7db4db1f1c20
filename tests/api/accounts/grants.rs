//! Access given by hand: every scope, its period, and taking it back.

use chrono::{Days, NaiveDate, TimeDelta};
use homecoming::base::clock::day_in;
use serde_json::{Value, json};

use crate::support::{Actor, App, fresh_id};

async fn grant(admin: &Actor, account: &str, body: Value) -> crate::support::Answer {
    admin.post(&format!("/accounts/{account}/grants"), body).await
}

fn today(app: &App) -> NaiveDate {
    day_in(app.office.clock.now(), app.office.zone)
}

#[actix_web::test]
async fn every_kind_of_scope_can_be_given_and_shows_on_the_next_request() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (account, somebody) = app.somebody().await;
    let class = app.office().await.get("/class-groups?limit=1").await.items()[0]["id"].clone();
    let event = app.anyone().get("/events?limit=1").await.items()[0]["id"].clone();
    let scopes = [
        ("office_staff", json!({"kind": "all"})),
        ("chapter_secretary", json!({"kind": "organization", "id": app.organization("shenzhen").await})),
        ("college_admin", json!({"kind": "college", "id": app.college("cs").await})),
        ("liaison", json!({"kind": "class_group", "id": class})),
        ("check_in", json!({"kind": "event", "id": event})),
    ];
    for (count, (role, scope)) in scopes.iter().enumerate() {
        let given = grant(&admin, &account, json!({"role": role, "scope": scope})).await.expect(201);
        assert_eq!(given.text("role"), *role);
        assert_eq!(given.json["scope"]["kind"], scope["kind"]);
        assert_eq!(given.json["scope"]["id"], scope["id"]);
        assert_eq!(given.text("account_id"), account);
        assert_eq!(given.text("starts_on"), today(&app).to_string());
        assert_eq!(given.json["ends_on"], Value::Null);
        assert_eq!(given.text("source"), "manual");
        assert_eq!(given.header("location"), format!("/api/v1/grants/{}", given.text("id")));
        let me = somebody.get("/me").await.expect(200);
        assert_eq!(me.json["grants"].as_array().unwrap().len(), count + 1);
    }
}

#[actix_web::test]
async fn a_scope_without_its_id_or_with_a_wrong_one_is_refused() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (account, somebody) = app.somebody().await;
    for kind in ["organization", "college", "class_group", "event"] {
        let none = json!({"role": "auditor", "scope": {"kind": kind}});
        grant(&admin, &account, none).await.expect_fault("/scope/id", "required");
        let unknown = json!({"role": "auditor", "scope": {"kind": kind, "id": fresh_id()}});
        grant(&admin, &account, unknown).await.expect_fault("/scope/id", "not_found");
    }
    let all = json!({"role": "auditor", "scope": {"kind": "all", "id": fresh_id()}});
    grant(&admin, &account, all).await.expect_fault("/scope/id", "not_expected");
    let college = app.college("cs").await;
    let wrong_kind = json!({"role": "auditor", "scope": {"kind": "organization", "id": college}});
    grant(&admin, &account, wrong_kind).await.expect_fault("/scope/id", "not_found");
    let unknown = json!({"role": "king", "scope": {"kind": "all"}});
    grant(&admin, &account, unknown).await.expect_fault("/role", "unknown_value");
    let unknown = json!({"role": "auditor", "scope": {"kind": "planet"}});
    grant(&admin, &account, unknown).await.expect_fault("/scope/kind", "unknown_value");
    let none = json!({"role": "auditor"});
    grant(&admin, &account, none).await.expect_fault("/scope", "required");
    let more = json!({"role": "auditor", "scope": {"kind": "all"}, "source": "office"});
    grant(&admin, &account, more).await.expect_fault("/source", "unknown_field");
    assert_eq!(somebody.get("/me").await.json["grants"], json!([]));
    let nobody = json!({"role": "auditor", "scope": {"kind": "all"}});
    grant(&admin, &fresh_id(), nobody.clone()).await.expect_problem(404, "not_found");
    grant(&admin, "not-an-id", nobody).await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn a_grant_holds_from_its_first_day_to_its_last() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (account, somebody) = app.somebody().await;
    let today = today(&app);
    let (first, last) = (today + Days::new(10), today + Days::new(20));
    let scope = json!({"kind": "all"});
    let backwards = json!({"role": "auditor", "scope": scope, "starts_on": last, "ends_on": first});
    grant(&admin, &account, backwards).await.expect_fault("/ends_on", "ends_before_start");
    let over = json!({"role": "auditor", "scope": scope, "ends_on": today - Days::new(1)});
    grant(&admin, &account, over).await.expect_fault("/ends_on", "ends_before_start");
    let day = json!({"role": "auditor", "scope": scope, "starts_on": "2026-02-30"});
    grant(&admin, &account, day).await.expect_fault("/starts_on", "type");
    let period = json!({"role": "auditor", "scope": scope, "starts_on": first, "ends_on": last});
    grant(&admin, &account, period).await.expect(201);
    let real = app.office.clock.now();
    for (days, in_force) in [(0, false), (9, false), (10, true), (20, true), (21, false), (400, false)] {
        app.office.clock.set(real + TimeDelta::days(days));
        let shown = somebody.get("/me").await.expect(200).json["grants"].as_array().unwrap().len();
        assert_eq!(shown == 1, in_force, "day {days}");
        let seen = somebody.get("/people?limit=1").await.expect(200).items().len();
        assert_eq!(seen == 1, in_force, "day {days}");
    }
}

#[actix_web::test]
async fn the_day_is_the_offices_not_greenwichs() {
    let app = App::start().await;
    let (account, somebody) = app.somebody().await;
    app.give_for(&account, "auditor", "all", "", "'2030-05-02'", "'2030-05-02'").await;
    // In Shanghai the second of May runs from 16:00 UTC of the first to 16:00 UTC of the second.
    for (instant, in_force) in [
        ("2030-05-01T15:59:59Z", false),
        ("2030-05-01T16:00:01Z", true),
        ("2030-05-02T15:59:50Z", true),
        ("2030-05-02T16:00:01Z", false),
    ] {
        app.office.clock.set(instant.parse().unwrap());
        let seen = somebody.get("/people?limit=1").await.expect(200).items().len();
        assert_eq!(seen == 1, in_force, "{instant}");
    }
}

#[actix_web::test]
async fn a_grant_taken_back_ends_with_the_very_next_request() {
    let app = App::start().await;
    let admin = app.admin().await;
    let (account, somebody) = app.somebody().await;
    let body = json!({"role": "office_staff", "scope": {"kind": "all"}});
    let given = grant(&admin, &account, body).await.expect(201);
    let path = format!("/grants/{}", given.text("id"));
    assert_eq!(somebody.get("/people?limit=1").await.items().len(), 1);
    somebody.post("/people", json!({"name": "新人"})).await.expect(201);
    admin.delete(&path).await.expect(204);
    assert_eq!(somebody.get("/people?limit=1").await.items().len(), 0);
    somebody.post("/people", json!({"name": "新人"})).await.expect_problem(403, "not_allowed");
    assert_eq!(somebody.get("/me").await.json["grants"], json!([]));
    admin.delete(&path).await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn only_an_administrator_of_everything_gives_and_takes() {
    let app = App::start().await;
    let (account, _) = app.somebody().await;
    let body = json!({"role": "system_admin", "scope": {"kind": "all"}});
    let shenzhen = app.organization("shenzhen").await;
    let grant_id = app.director().await.get("/me").await.json["grants"][0]["id"].as_str().unwrap().to_owned();
    let refused = [
        app.office().await,
        app.director().await,
        app.auditor().await,
        app.college_admin_of("cs").await,
        app.secretary_of("shenzhen").await,
        app.alumnus(1).await,
        // An administrator of one chapter is none of the accounts, which lie nowhere below it.
        app.holder("system_admin", "organization", &shenzhen).await,
    ];
    for actor in refused {
        grant(&actor, &account, body.clone()).await.expect_problem(403, "not_allowed");
        let own = actor.account().await;
        grant(&actor, &own, body.clone()).await.expect_problem(403, "not_allowed");
        actor.delete(&format!("/grants/{grant_id}")).await.expect_problem(403, "not_allowed");
    }
    let anyone = app.anyone();
    grant(&anyone, &account, body).await.expect_problem(401, "not_signed_in");
    anyone.delete(&format!("/grants/{grant_id}")).await.expect_problem(401, "not_signed_in");
    app.director().await.get("/me").await.expect(200);
    assert_eq!(
        app.count("select count(*) from role_grants where role = 'system_admin' and scope_kind = 'all'").await,
        1
    );
}
