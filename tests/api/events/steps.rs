//! The steps of an event: each that is listed works, each other is refused with what is unmet.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::{Actor, App};

const STEPS: [(&str, &str); 6] = [
    ("submission", "submitted"),
    ("return", "returned"),
    ("approval", "approved"),
    ("publication", "published"),
    ("cancellation", "cancelled"),
    ("completion", "completed"),
];

/// The steps that lead from a draft to a state.
fn path_to(state: &str) -> &'static [&'static str] {
    match state {
        "draft" => &[],
        "submitted" => &["submission"],
        "returned" => &["submission", "return"],
        "approved" => &["submission", "approval"],
        "published" => &["submission", "approval", "publication"],
        "cancelled" => &["cancellation"],
        "completed" => &["submission", "approval", "publication", "completion"],
        other => panic!("no state {other}"),
    }
}

/// An event in a state that begins a minute after the clock and lasts ten days.
async fn event_in(app: &App, director: &Actor, state: &str) -> String {
    let begins = app.office.clock.now();
    let local = |hours: i64| {
        let at = begins + chrono::TimeDelta::hours(8 + hours);
        at.format("%Y-%m-%dT%H:%M:%S").to_string()
    };
    // It has begun, so that it may be completed, and is not over, so that it may be published.
    let event = app.draft(json!({"starts_local": local(-1), "ends_local": local(240)})).await;
    for step in path_to(state) {
        director.put(&format!("{event}/{step}"), json!({})).await.expect(200);
    }
    event
}

#[actix_web::test]
async fn every_step_that_is_listed_is_taken_and_every_other_is_refused() {
    let app = App::start().await;
    let director = app.director().await;
    let allowed = [
        ("draft", "submitted"),
        ("returned", "submitted"),
        ("submitted", "returned"),
        ("submitted", "approved"),
        ("approved", "published"),
        ("published", "completed"),
        ("draft", "cancelled"),
        ("submitted", "cancelled"),
        ("returned", "cancelled"),
        ("approved", "cancelled"),
        ("published", "cancelled"),
    ];
    for from in ["draft", "submitted", "returned", "approved", "published", "cancelled", "completed"] {
        let refused = event_in(&app, &director, from).await;
        let before = director.get(&refused).await.expect(200);
        assert_eq!(before.text("status"), from);
        for (step, to) in STEPS {
            let known = allowed.contains(&(from, to));
            if from == to {
                let again = director.put(&format!("{refused}/{step}"), json!({})).await.expect(200);
                assert_eq!(again.json, before.json, "doing what is done changes nothing");
                assert_eq!(again.header("etag"), before.header("etag"));
            } else if known {
                let event = event_in(&app, &director, from).await;
                let after = director.put(&format!("{event}/{step}"), json!({})).await.expect(200);
                assert_eq!(after.text("status"), to);
                let read = director.get(&event).await.expect(200);
                assert_eq!(read.json, after.json);
                assert_eq!(read.header("etag"), after.header("etag"));
            } else {
                let answer = director.put(&format!("{refused}/{step}"), json!({})).await;
                let unmet = answer.json["unmet"][0].clone();
                answer.expect_problem(409, "step_refused");
                assert_eq!((&unmet["code"], &unmet["have"]), (&json!("status"), &json!(from)), "{from} to {to}");
                let need: Vec<_> = allowed.iter().filter(|(_, end)| *end == to).map(|(start, _)| *start).collect();
                let told = unmet["need"].as_array().unwrap();
                assert_eq!(told.len(), need.len());
                assert!(need.iter().all(|state| told.contains(&json!(state))), "{told:?}");
            }
        }
        let after = director.get(&refused).await.expect(200);
        assert_eq!(after.json, before.json, "a refused step changes nothing");
        assert_eq!(after.header("etag"), before.header("etag"));
    }
}

#[actix_web::test]
async fn every_step_gives_a_new_version_and_the_office_alone_approves() {
    let app = App::start().await;
    let (secretary, office) = (app.secretary_of("shenzhen").await, app.office().await);
    let event = app.draft(json!({})).await;
    let mut tags = vec![secretary.get(&event).await.header("etag")];
    let take =
        [(&secretary, "submission"), (&office, "approval"), (&secretary, "publication"), (&secretary, "cancellation")];
    for (who, step) in take {
        if step == "approval" {
            for refused in ["approval", "return"] {
                secretary.put(&format!("{event}/{refused}"), json!({})).await.expect_problem(403, "not_allowed");
            }
        }
        tags.push(who.put(&format!("{event}/{step}"), json!({})).await.expect(200).header("etag"));
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 5, "{tags:?}");
    app.anyone().get(&event).await.expect(200);
}

#[actix_web::test]
async fn who_may_not_take_a_step_is_told_404_for_a_draft_and_403_for_what_is_public() {
    let app = App::start().await;
    let (draft, public) = (app.draft(json!({})).await, app.published_event(json!({})).await);
    let logins = ["alumnus1", "secretary.shijiazhuang", "college.cs", "treasurer", "liaison.2019", "admin"];
    for login in logins {
        let actor = app.sign_in(login).await;
        for (step, _) in STEPS {
            let hidden = actor.put(&format!("{draft}/{step}"), json!({})).await;
            assert_eq!((hidden.status, hidden.text("code").as_str()), (404, "not_found"), "{login} {step}");
            let seen = actor.put(&format!("{public}/{step}"), json!({})).await;
            assert_eq!((seen.status, seen.text("code").as_str()), (403, "not_allowed"), "{login} {step}");
        }
    }
    let auditor = app.auditor().await;
    for (step, _) in STEPS {
        for event in [&draft, &public] {
            let path = format!("{event}/{step}");
            auditor.put(&path, json!({})).await.expect_problem(403, "not_allowed");
            app.anyone().put(&path, json!({})).await.expect_problem(401, "not_signed_in");
        }
        let office = app.office().await;
        for id in ["01914a6b-7c00-7000-8000-000000000001", "x"] {
            office.put(&format!("/events/{id}/{step}"), json!({})).await.expect_problem(404, "not_found");
        }
    }
    assert_eq!(auditor.get(&draft).await.text("status"), "draft");
    assert_eq!(auditor.get(&public).await.text("status"), "published");
}

#[actix_web::test]
async fn a_returned_event_says_why_until_the_next_step() {
    let app = App::start().await;
    let (secretary, office) = (app.secretary_of("shenzhen").await, app.office().await);
    let event = app.draft(json!({})).await;
    secretary.put(&format!("{event}/submission"), json!({})).await.expect(200);
    let path = format!("{event}/return");
    office.put(&path, json!({"reason": ""})).await.expect_fault("/reason", "length");
    office.put(&path, json!({"reason": "x".repeat(2001)})).await.expect_fault("/reason", "length");
    office.put(&path, json!({"why": "x"})).await.expect_fault("/why", "unknown_field");
    office.put(&path, json!({"reason": "请补充安全预案"})).await.expect(200);
    let read = secretary.get(&event).await.expect(200);
    assert_eq!(read.text("status"), "returned");
    assert_eq!(read.text("status_reason"), "请补充安全预案");
    secretary.patch(&event, json!({"summary": "有预案"})).await.expect(200);
    assert_eq!(secretary.get(&event).await.text("status_reason"), "请补充安全预案");
    // A step that needs no words may come without a body.
    let path = format!("{event}/submission");
    let again = secretary.call(Method::PUT, &path).send().await.expect(200);
    assert_eq!(again.json["status_reason"], Value::Null);
}

#[actix_web::test]
async fn an_event_of_an_organization_that_is_not_active_is_not_published() {
    let app = App::start().await;
    let office = app.office().await;
    let host = app.organization("wuhan").await;
    let made = office.post(&format!("/organizations/{host}/events"), crate::support::draft_body()).await.expect(201);
    let event = made.path();
    office.put(&format!("{event}/submission"), json!({})).await.expect(200);
    office.put(&format!("{event}/approval"), json!({})).await.expect(200);
    let refused = office.put(&format!("{event}/publication"), json!({})).await;
    let unmet = json!([{"code": "organization_active", "need": "active", "have": "preparing"}]);
    assert_eq!(refused.json["unmet"], unmet);
    refused.expect_problem(409, "step_refused");
    assert_eq!(office.get(&event).await.text("status"), "approved");
    app.anyone().get(&event).await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn one_publishes_what_is_not_over_and_completes_what_has_begun() {
    let app = App::start().await;
    let director = app.director().await;
    let published = app.published_event(json!({})).await;
    let late = app.draft(json!({})).await;
    for step in ["submission", "approval"] {
        director.put(&format!("{late}/{step}"), json!({})).await.expect(200);
    }
    let times = director.get(&late).await.expect(200);
    let early = director.put(&format!("{published}/completion"), json!({})).await;
    assert_eq!(early.json["unmet"][0]["code"], "started");
    assert_eq!(early.json["unmet"][0]["need"], times.json["starts_at"]);
    early.expect_problem(409, "step_refused");
    app.at(&times.text("starts_at"));
    director.put(&format!("{published}/completion"), json!({})).await.expect(200);
    app.at(&times.text("ends_at"));
    let over = director.put(&format!("{late}/publication"), json!({})).await;
    assert_eq!(over.json["unmet"][0]["code"], "not_over");
    assert_eq!(over.json["unmet"][0]["have"], times.json["ends_at"]);
    over.expect_problem(409, "step_refused");
    assert_eq!(director.get(&late).await.text("status"), "approved");
    assert_eq!(director.get(&published).await.text("status"), "completed");
}

#[actix_web::test]
async fn a_step_honours_if_match() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let event = app.draft(json!({})).await;
    let old = secretary.get(&event).await.header("etag");
    let new = secretary.patch(&event, json!({"city": "深圳"})).await.expect(200).header("etag");
    let path = format!("{event}/submission");
    let submit = async |tag: &str| {
        let call = secretary.call(Method::PUT, &path).header("if-match", tag);
        call.json(&json!({})).send().await
    };
    submit(&old).await.expect_problem(412, "stale_version");
    assert_eq!(secretary.get(&event).await.text("status"), "draft");
    submit(&new).await.expect(200);
}
