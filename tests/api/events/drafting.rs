//! Who may draft an event, and what a draft is.

use serde_json::{Value, json};

use crate::support::{App, draft_body};

#[actix_web::test]
async fn those_who_run_a_chapter_draft_for_it_and_read_the_draft_back() {
    let app = App::start().await;
    let host = app.organization("shenzhen").await;
    for actor in [app.secretary_of("shenzhen").await, app.office().await, app.director().await] {
        let made = actor.post(&format!("/organizations/{host}/events"), draft_body()).await.expect(201);
        assert_eq!(made.json["status"], "draft");
        assert_eq!(made.json["organization_id"], host.as_str());
        assert_eq!(made.json["capacity"], 3);
        assert_eq!(made.json["waitlist"], true);
        assert_eq!(made.json["audience"], json!({"kind": "open", "values": []}));
        assert_eq!(made.json["questions"], json!([]));
        assert_eq!(made.json["title_en"], Value::Null);
        let read = actor.get(&made.path()).await.expect(200);
        assert_eq!(read.json, made.json);
        assert_eq!(read.header("etag"), made.header("etag"));
        assert!(made.header("etag").starts_with('"'), "a strong tag");
    }
}

#[actix_web::test]
async fn a_college_administrator_drafts_for_all_organizations_of_the_college_and_no_other() {
    let app = App::start().await;
    let (cs, econ) = (app.college_admin_of("cs").await, app.college_admin_of("econ").await);
    for code in ["branch-cs", "cs-beijing"] {
        let path = format!("/organizations/{}/events", app.organization(code).await);
        let draft = cs.post(&path, draft_body()).await.expect(201).path();
        cs.get(&draft).await.expect(200);
        econ.post(&path, draft_body()).await.expect_problem(403, "not_allowed");
        econ.get(&draft).await.expect_problem(404, "not_found");
    }
    let shenzhen = format!("/organizations/{}/events", app.organization("shenzhen").await);
    cs.post(&shenzhen, draft_body()).await.expect_problem(403, "not_allowed");
}

#[actix_web::test]
async fn nobody_else_drafts_for_a_chapter() {
    let app = App::start().await;
    let path = format!("/organizations/{}/events", app.organization("shenzhen").await);
    let before = app.count("select count(*) from events").await;
    let stranger = app.anyone().post(&path, draft_body()).await;
    assert_eq!(stranger.header("www-authenticate"), "Bearer");
    stranger.expect_problem(401, "not_signed_in");
    app.anyone().with_token("nonsense").post(&path, draft_body()).await.expect_problem(401, "invalid_token");
    let logins = [
        "admin",
        "auditor",
        "alumnus1",
        "treasurer",
        "receipts",
        "liaison.2019",
        "college.econ",
        "secretary.shijiazhuang",
        "secretary.cs-beijing",
    ];
    for login in logins {
        let answer = app.sign_in(login).await.post(&path, draft_body()).await;
        assert_eq!((answer.status, answer.text("code").as_str()), (403, "not_allowed"), "{login}");
    }
    assert_eq!(app.count("select count(*) from events").await, before);
}

#[actix_web::test]
async fn an_organization_that_one_may_not_see_is_not_there() {
    let app = App::start().await;
    let path = format!("/organizations/{}/events", app.organization("wuhan").await);
    for login in ["secretary.shenzhen", "alumnus1", "college.cs"] {
        let answer = app.sign_in(login).await.post(&path, draft_body()).await;
        assert_eq!((answer.status, answer.text("code").as_str()), (404, "not_found"), "{login}");
    }
    // Seen, but not theirs.
    for login in ["auditor", "admin"] {
        let answer = app.sign_in(login).await.post(&path, draft_body()).await;
        assert_eq!((answer.status, answer.text("code").as_str()), (403, "not_allowed"), "{login}");
    }
    let secretary = app.secretary_of("shenzhen").await;
    for id in ["01914a6b-7c00-7000-8000-000000000001", "shenzhen", "1"] {
        let path = format!("/organizations/{id}/events");
        secretary.post(&path, draft_body()).await.expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn a_draft_keeps_everything_it_was_given() {
    let app = App::start().await;
    let college = app.college("cs").await;
    let given = json!({
        "kind": "lecture", "title": "  第39讲 ", "title_en": "Lecture", "summary": "一\n二",
        "starts_local": "2031-03-01T09:30", "ends_local": "2031-03-01T11:00:00", "time_zone": "America/New_York",
        "venue_text": "报告厅", "city": "纽约", "online_url": "https://meet.example/1", "capacity": null, "waitlist": false,
        "max_party": 4, "registration_opens_at": "2031-01-01T00:00:00Z", "registration_closes_at": "2031-02-01T00:00:00Z",
        "audience": {"kind": "college", "values": [college]},
        "questions": [{"key": "meal", "label": "用餐", "type": "choice", "required": true, "options": ["素食", "普通"]}],
        "sequence_no": 39,
    });
    let draft = app.draft(given.clone()).await;
    let read = app.secretary_of("shenzhen").await.get(&draft).await.expect(200);
    let mut expected = given;
    expected["title"] = json!("第39讲");
    expected["starts_local"] = json!("2031-03-01T09:30:00");
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&read.json[field], value, "{field}");
    }
    assert_eq!(read.json["starts_at"], "2031-03-01T14:30:00Z");
    assert_eq!(read.json["ends_at"], "2031-03-01T16:00:00Z");
}

#[actix_web::test]
async fn of_a_wall_time_that_comes_twice_the_first_is_meant() {
    let app = App::start().await;
    let twice = json!({"starts_local": "2030-11-03T01:30:00", "ends_local": "2030-11-03T02:30:00", "time_zone": "America/New_York"});
    let draft = app.draft(twice).await;
    let read = app.office().await.get(&draft).await.expect(200);
    assert_eq!(read.json["starts_at"], "2030-11-03T05:30:00Z");
    assert_eq!(read.json["ends_at"], "2030-11-03T07:30:00Z");
}
