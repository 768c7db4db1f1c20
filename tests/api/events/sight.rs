//! Who sees an event before it is public.

use serde_json::json;

use crate::support::{App, draft_body};

#[actix_web::test]
async fn a_draft_is_seen_by_those_whose_grants_cover_it_and_is_not_there_for_others() {
    let app = App::start().await;
    let draft = app.draft(json!({"title": "只有我们看得见"})).await;
    let list = "/events?q=只有我们看得见";
    for login in ["secretary.shenzhen", "office", "director", "auditor"] {
        let actor = app.sign_in(login).await;
        assert_eq!(actor.get(&draft).await.status, 200, "{login}");
        assert_eq!(actor.get(&format!("{draft}/availability")).await.status, 200, "{login}");
        assert_eq!(actor.get(list).await.items().len(), 1, "{login}");
    }
    let others = [
        "admin",
        "alumnus1",
        "treasurer",
        "receipts",
        "liaison.2019",
        "college.cs",
        "college.econ",
        "secretary.cs-beijing",
    ];
    let mut actors = vec![(app.anyone(), "nobody")];
    for login in others {
        actors.push((app.sign_in(login).await, login));
    }
    for (actor, login) in actors {
        for path in [draft.clone(), format!("{draft}/availability")] {
            let answer = actor.get(&path).await;
            assert_eq!((answer.status, answer.text("code").as_str()), (404, "not_found"), "{login}");
        }
        assert_eq!(actor.get(list).await.items().len(), 0, "{login}");
    }
}

#[actix_web::test]
async fn every_state_before_publication_is_hidden_and_every_one_after_is_public() {
    let app = App::start().await;
    let director = app.director().await;
    let event = app.draft(json!({})).await;
    let anyone = app.anyone();
    anyone.get(&event).await.expect(404);
    for step in ["submission", "return", "submission", "approval"] {
        director.put(&format!("{event}/{step}"), json!({})).await.expect(200);
        anyone.get(&event).await.expect_problem(404, "not_found");
    }
    for step in ["publication", "cancellation"] {
        director.put(&format!("{event}/{step}"), json!({})).await.expect(200);
        anyone.get(&event).await.expect(200);
    }
    let seen = anyone.get(&event).await.expect(200);
    assert_eq!(seen.text("status"), "cancelled");
}

#[actix_web::test]
async fn a_draft_that_was_cancelled_without_ever_being_published_stays_hidden() {
    let app = App::start().await;
    let draft = app.draft(json!({"title": "从未公布"})).await;
    let secretary = app.secretary_of("shenzhen").await;
    secretary.put(&format!("{draft}/cancellation"), json!({})).await.expect(200);
    app.anyone().get(&draft).await.expect_problem(404, "not_found");
    assert_eq!(app.anyone().get("/events?q=从未公布").await.items().len(), 0);
}

#[actix_web::test]
async fn the_college_administrator_sees_drafts_of_the_college_s_chapters() {
    let app = App::start().await;
    let host = app.organization("cs-beijing").await;
    let secretary = app.secretary_of("cs-beijing").await;
    let mut body = draft_body();
    body["title"] = json!("北京草稿");
    let made = secretary.post(&format!("/organizations/{host}/events"), body).await.expect(201);
    let college = app.college_admin_of("cs").await;
    college.get(&made.path()).await.expect(200);
    college.patch(&made.path(), json!({"city": "北京"})).await.expect(200);
    assert_eq!(college.get("/events?q=北京草稿").await.items().len(), 1);
    let econ = app.college_admin_of("econ").await;
    econ.get(&made.path()).await.expect_problem(404, "not_found");
    assert_eq!(econ.get("/events?q=北京草稿").await.items().len(), 0);
    let other = app.secretary_of("shenzhen").await;
    other.get(&made.path()).await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn a_grant_reaches_down_the_tree_and_only_while_it_lasts() {
    let app = App::start().await;
    let draft = app.draft(json!({})).await;
    let association = app.organization("association").await;
    let scope = json!({"kind": "organization", "id": association});
    let grants = [
        ("alumnus1", json!({"role": "chapter_secretary", "scope": scope}), 200),
        (
            "alumnus2",
            json!({"role": "chapter_secretary", "scope": scope, "starts_on": "2020-01-01", "ends_on": "2020-12-31"}),
            404,
        ),
        ("alumnus3", json!({"role": "chapter_secretary", "scope": scope, "starts_on": "2999-01-01"}), 404),
        ("alumnus4", json!({"role": "treasurer", "scope": scope}), 404),
    ];
    for (login, grant, status) in grants {
        app.grant(login, grant).await;
        let actor = app.sign_in(login).await;
        actor.get(&draft).await.expect(status);
        let patched = actor.put(&format!("{draft}/submission"), json!({})).await;
        assert_eq!(patched.status, status, "{login}");
    }
}

#[actix_web::test]
async fn a_check_in_device_sees_its_event_and_no_other() {
    let app = App::start().await;
    let (draft, other) = (app.draft(json!({})).await, app.draft(json!({})).await);
    let id = draft.trim_start_matches("/events/");
    app.grant("alumnus1", json!({"role": "check_in", "scope": {"kind": "event", "id": id}})).await;
    let device = app.alumnus(1).await;
    device.get(&draft).await.expect(200);
    device.get(&other).await.expect_problem(404, "not_found");
    device.put(&format!("{draft}/submission"), json!({})).await.expect_problem(403, "not_allowed");
}
