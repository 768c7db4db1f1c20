//! The steps of an organization's life: each a row, each refused where it is not listed.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{chapter, today, tomorrow};
use crate::support::{Actor, Answer, App};

/// A path to a new chapter, and the office.
async fn prepared(app: &App, code: &str) -> (String, Actor) {
    let made = chapter(app, code, "association", json!({})).await.expect(201);
    (format!("/organizations/{}", made.text("id")), app.office().await)
}

async fn step(app: &App, actor: &Actor, path: &str, to: &str) -> Answer {
    actor.post(&format!("{path}/transitions"), json!({"to": to, "on": today(app)})).await
}

#[actix_web::test]
async fn a_life_is_told_by_its_rows() {
    let app = App::start().await;
    let (path, office) = prepared(&app, "lhasa").await;
    let transitions = format!("{path}/transitions");
    assert_eq!(office.paged(&transitions, 5).await.len(), 0);
    app.anyone().get(&path).await.expect_problem(404, "not_found");
    let approved =
        json!({"to": "approved", "on": "2019-05-18", "document_no": "校友字〔2019〕7号", "reason": "筹备完成"});
    let row = office.post(&transitions, approved).await.expect(201);
    assert_eq!(
        (row.text("from"), row.text("to"), row.text("on")),
        ("preparing".into(), "approved".into(), "2019-05-18".into())
    );
    assert_eq!((row.text("document_no"), row.text("reason")), ("校友字〔2019〕7号".into(), "筹备完成".into()));
    assert_eq!(row.text("actor_id"), office.account().await);
    for to in ["active", "suspended", "active"] {
        step(&app, &office, &path, to).await.expect(201);
    }
    app.anyone().get(&path).await.expect(200);
    step(&app, &app.director().await, &path, "dissolved").await.expect(201);
    assert_eq!(office.get(&path).await.text("status"), "dissolved");
    app.anyone().get(&path).await.expect_problem(404, "not_found");
    let rows = office.paged(&transitions, 2).await;
    let told: Vec<_> = rows.iter().map(|row| (row["from"].as_str().unwrap(), row["to"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [
            ("preparing", "approved"),
            ("approved", "active"),
            ("active", "suspended"),
            ("suspended", "active"),
            ("active", "dissolved")
        ]
    );
}

#[actix_web::test]
async fn a_step_that_is_not_listed_is_refused_with_what_it_needs() {
    let app = App::start().await;
    let (path, office) = prepared(&app, "lhasa").await;
    let before = office.get(&path).await.json;
    for (to, need) in
        [("active", json!(["approved", "suspended"])), ("suspended", json!(["active"])), ("preparing", json!([]))]
    {
        let refused = step(&app, &office, &path, to).await.expect_problem(409, "step_refused");
        assert_eq!(refused.json["unmet"], json!([{"code": "status", "need": need, "have": "preparing"}]), "{to}");
    }
    step(&app, &app.director().await, &path, "dissolved").await.expect_problem(409, "step_refused");
    step(&app, &app.director().await, &path, "merged").await.expect_problem(409, "step_refused");
    assert_eq!(office.get(&path).await.json, before);
    step(&app, &office, &path, "rejected").await.expect(201);
    // A step is a row of its own: taken twice it is refused, and nothing leads out of the end.
    for to in ["rejected", "approved", "active", "withdrawn"] {
        step(&app, &office, &path, to).await.expect_problem(409, "step_refused");
    }
    assert_eq!(office.paged(&format!("{path}/transitions"), 5).await.len(), 1);
}

#[actix_web::test]
async fn a_step_takes_effect_today_or_before() {
    let app = App::start().await;
    let (path, office) = prepared(&app, "lhasa").await;
    let transitions = format!("{path}/transitions");
    let late = json!({"to": "approved", "on": tomorrow(&app)});
    let refused = office.post(&transitions, late).await.expect_problem(409, "step_refused");
    let unmet = json!([{"code": "not_in_future", "need": today(&app), "have": tomorrow(&app)}]);
    assert_eq!(refused.json["unmet"], unmet);
    for (body, pointer, code) in [
        (json!({"on": today(&app)}), "/to", "required"),
        (json!({"to": "approved"}), "/on", "required"),
        (json!({"to": "gone", "on": today(&app)}), "/to", "unknown_value"),
        (json!({"to": "approved", "on": "2019-02-30"}), "/on", "type"),
        (json!({"to": "approved", "on": today(&app), "document_no": ""}), "/document_no", "length"),
        (json!({"to": "approved", "on": today(&app), "from": "active"}), "/from", "unknown_field"),
    ] {
        office.post(&transitions, body).await.expect_fault(pointer, code);
    }
    assert_eq!(office.paged(&transitions, 5).await, Vec::<Value>::new());
    assert_eq!(office.get(&path).await.text("status"), "preparing");
}

#[actix_web::test]
async fn only_the_director_dissolves_and_merges() {
    let app = App::start().await;
    for (n, end) in ["dissolved", "merged"].into_iter().enumerate() {
        let (path, office) = prepared(&app, &format!("end-{n}")).await;
        step(&app, &office, &path, "approved").await.expect(201);
        step(&app, &office, &path, "active").await.expect(201);
        step(&app, &office, &path, end).await.expect_problem(403, "not_allowed");
        step(&app, &app.admin().await, &path, end).await.expect_problem(403, "not_allowed");
        assert_eq!(office.get(&path).await.text("status"), "active");
        step(&app, &app.director().await, &path, end).await.expect(201);
    }
}

#[actix_web::test]
async fn only_the_office_takes_steps_and_only_who_governs_reads_them() {
    let app = App::start().await;
    let path = format!("/organizations/{}", app.organization("cs-beijing").await);
    let transitions = format!("{path}/transitions");
    let (secretary, college) = (app.secretary_of("cs-beijing").await, app.college_admin_of("cs").await);
    for actor in [secretary.clone(), college.clone(), app.auditor().await, app.alumnus(1).await, app.admin().await] {
        step(&app, &actor, &path, "suspended").await.expect_problem(403, "not_allowed");
    }
    step(&app, &app.anyone(), &path, "suspended").await.expect_problem(401, "not_signed_in");
    for actor in [secretary, college, app.auditor().await, app.office().await, app.director().await] {
        assert_eq!(actor.get(&transitions).await.expect(200).items().len(), 2);
    }
    for actor in [
        app.secretary_of("shenzhen").await,
        app.college_admin_of("econ").await,
        app.alumnus(1).await,
        app.admin().await,
    ] {
        actor.get(&transitions).await.expect_problem(404, "not_found");
    }
    app.anyone().get(&transitions).await.expect_problem(401, "not_signed_in");
    // What one cannot see, one cannot step either: it is not there.
    let (hidden, _) = prepared(&app, "hidden").await;
    step(&app, &app.secretary_of("shenzhen").await, &hidden, "approved").await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn of_two_who_take_the_same_step_at_once_one_is_refused() {
    let app = App::start().await;
    let (path, office) = prepared(&app, "lhasa").await;
    let (one, two) = futures::join!(step(&app, &office, &path, "approved"), step(&app, &office, &path, "approved"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let body = json!({"to": "active", "on": today(&app)});
    let stale =
        office.call(Method::POST, &format!("{path}/transitions")).header("if-match", "\"1\"").json(&body).send();
    stale.await.expect_problem(412, "stale_version");
}

#[actix_web::test]
async fn a_college_may_have_a_new_branch_when_the_old_one_is_gone() {
    let app = App::start().await;
    let branch = json!({"kind": "college_branch", "college_id": app.college("cs").await});
    chapter(&app, "again", "association", branch.clone()).await.expect_problem(409, "branch_exists");
    let path = format!("/organizations/{}", app.organization("branch-cs").await);
    step(&app, &app.director().await, &path, "dissolved").await.expect(201);
    chapter(&app, "again", "association", branch).await.expect(201);
}
