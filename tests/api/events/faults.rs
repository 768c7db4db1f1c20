//! What is wrong with a draft is said with pointers, all at once, and nothing is stored.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, App, draft_body};

struct Desk {
    app: App,
    secretary: Actor,
    path: String,
}

impl Desk {
    async fn open() -> Self {
        let app = App::start().await;
        let secretary = app.secretary_of("shenzhen").await;
        let path = format!("/organizations/{}/events", app.organization("shenzhen").await);
        Self { app, secretary, path }
    }

    /// A draft with these fields instead.
    async fn draft(&self, more: Value) -> Answer {
        let mut body = draft_body();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.secretary.post(&self.path, body).await
    }

    async fn events(&self) -> i64 {
        self.app.count("select count(*) from events").await
    }
}

#[actix_web::test]
async fn all_faults_of_a_draft_are_told_at_once() {
    let desk = Desk::open().await;
    let before = desk.events().await;
    let answer = desk
        .draft(json!({
            "title": "", "title_en": "x".repeat(201), "time_zone": "Mars/Olympus", "capacity": 0, "max_party": 101,
            "online_url": "ftp://example", "sequence_no": 0, "audience": {"kind": "college", "values": []},
            "questions": [{"key": "meal", "label": "用餐", "type": "choice"}],
        }))
        .await;
    let pointers: Vec<_> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(pointers.len(), 9, "{pointers:?}");
    assert!(
        answer.json["errors"].as_array().unwrap().iter().all(|fault| !fault["message"].as_str().unwrap().is_empty())
    );
    answer
        .expect_fault("/title", "length")
        .expect_fault("/title_en", "length")
        .expect_fault("/time_zone", "time_zone")
        .expect_fault("/capacity", "range")
        .expect_fault("/max_party", "range")
        .expect_fault("/online_url", "web_address")
        .expect_fault("/sequence_no", "range")
        .expect_fault("/audience/values", "audience_values")
        .expect_fault("/questions", "questions")
        .expect_problem(422, "invalid_field");
    assert_eq!(desk.events().await, before);
}

#[actix_web::test]
async fn a_field_that_a_draft_does_not_take_is_refused() {
    let desk = Desk::open().await;
    let unknown = [
        "id",
        "organization_id",
        "status",
        "status_reason",
        "version",
        "starts_at",
        "ends_at",
        "created_at",
        "updated_at",
        "seats_taken",
        "colour",
    ];
    for field in unknown {
        let answer = desk.draft(json!({ field: "x" })).await;
        answer.expect_fault(&format!("/{field}"), "unknown_field").expect_problem(422, "invalid_field");
    }
    desk.draft(json!({"audience": {"kind": "open", "values": [], "x": 1}}))
        .await
        .expect_fault("/audience/x", "unknown_field");
    desk.draft(json!({"questions": [{"key": "a", "label": "b", "type": "text", "x": 1}]}))
        .await
        .expect_fault("/questions/0/x", "unknown_field");
}

#[actix_web::test]
async fn a_value_of_the_wrong_type_is_refused_where_it_stands() {
    let desk = Desk::open().await;
    let wrong = [
        (json!({"title": 5}), "/title", "type"),
        (json!({"title": null}), "/title", "not_null"),
        (json!({"title": "a\u{0}b"}), "/title", "control_character"),
        (json!({"capacity": "3"}), "/capacity", "type"),
        (json!({"capacity": 3.5}), "/capacity", "type"),
        (json!({"capacity": 3_000_000_000_u64}), "/capacity", "type"),
        (json!({"waitlist": "yes"}), "/waitlist", "type"),
        (json!({"kind": "party"}), "/kind", "unknown_value"),
        (json!({"kind": 5}), "/kind", "type"),
        (json!({"kind": null}), "/kind", "not_null"),
        (json!({"starts_local": 2027}), "/starts_local", "type"),
        (json!({"starts_local": "2027-06-12"}), "/starts_local", "type"),
        (json!({"starts_local": "2027-06-12T14:00:00Z"}), "/starts_local", "type"),
        (json!({"starts_local": "2027-02-29T14:00:00"}), "/starts_local", "type"),
        (json!({"starts_local": "2027-6-12T14:00"}), "/starts_local", "type"),
        (json!({"registration_opens_at": "tomorrow"}), "/registration_opens_at", "type"),
        (json!({"questions": {}}), "/questions", "type"),
        (json!({"audience": {"kind": "friends"}}), "/audience/kind", "unknown_value"),
    ];
    for (more, pointer, code) in wrong {
        desk.draft(more).await.expect_fault(pointer, code);
    }
    let mut without = draft_body();
    without.as_object_mut().unwrap().remove("title");
    desk.secretary.post(&desk.path, without).await.expect_fault("/title", "required");
}

#[actix_web::test]
async fn what_is_no_json_object_is_refused() {
    let desk = Desk::open().await;
    let send = async |kind: &str, body: &str| {
        let call = desk.secretary.call(Method::POST, &desk.path);
        call.raw(kind, body.as_bytes()).send().await
    };
    send("application/json", "{").await.expect_problem(400, "malformed_json");
    send("application/json", "{} {}").await.expect_problem(422, "invalid_field");
    send("application/json", "[]").await.expect_problem(422, "invalid_field");
    send("text/plain", &draft_body().to_string()).await.expect_problem(415, "unsupported_media_type");
    send("application/json", &format!("{{\"title\": \"{}\"}}", "x".repeat(70_000)))
        .await
        .expect_problem(413, "body_too_large");
    let twice = draft_body().to_string().replacen('{', "{\"kind\": \"forum\",", 1);
    send("application/json", &twice).await.expect_fault("/kind", "given_twice");
}

#[actix_web::test]
async fn an_event_ends_after_it_starts_at_times_that_exist() {
    let desk = Desk::open().await;
    let times =
        |starts: &str, ends: &str, zone: &str| json!({"starts_local": starts, "ends_local": ends, "time_zone": zone});
    let (shanghai, new_york) = ("Asia/Shanghai", "America/New_York");
    for ends in ["2030-05-01T09:00:00", "2030-05-01T08:59:59", "2029-05-01T10:00:00"] {
        desk.draft(times("2030-05-01T09:00:00", ends, shanghai)).await.expect_fault("/ends_local", "ends_before_start");
    }
    // The clocks are put forward from 2 to 3 on that day.
    desk.draft(times("2030-03-10T02:30:00", "2030-03-10T05:00:00", new_york))
        .await
        .expect_fault("/starts_local", "local_time_gap");
    desk.draft(times("2030-03-10T01:30:00", "2030-03-10T02:30:00", new_york))
        .await
        .expect_fault("/ends_local", "local_time_gap");
    desk.draft(times("2030-05-01T09:00:00", "2030-05-01T10:00:00", "Asia/Atlantis"))
        .await
        .expect_fault("/time_zone", "time_zone");
    desk.draft(
        json!({"registration_opens_at": "2030-01-02T00:00:00Z", "registration_closes_at": "2030-01-02T00:00:00Z"}),
    )
    .await
    .expect_fault("/registration_closes_at", "closes_before_opening");
    desk.draft(times("2030-05-01T09:00", "2030-05-01T10:00", shanghai)).await.expect(201);
}

#[actix_web::test]
async fn times_beyond_every_calendar_are_faults_and_no_accidents() {
    let desk = Desk::open().await;
    for year in ["-9999", "0000", "9999", "+12345", "+262142"] {
        let (starts, ends) = (format!("{year}-01-01T09:00:00"), format!("{year}-12-31T23:59:59"));
        let answer = desk.draft(json!({"starts_local": starts, "ends_local": ends})).await;
        assert!(matches!(answer.status, 201 | 422), "{year}: {}", answer.json);
        let answer = desk.draft(json!({"registration_opens_at": format!("{year}-01-01T00:00:00Z")})).await;
        assert!(matches!(answer.status, 201 | 422), "{year}: {}", answer.json);
    }
}

#[actix_web::test]
async fn lengths_are_counted_in_characters() {
    let desk = Desk::open().await;
    desk.draft(json!({"title": "校".repeat(200)})).await.expect(201);
    desk.draft(json!({"title": "校".repeat(201)})).await.expect_fault("/title", "length");
    desk.draft(json!({"title": " \u{3000} "})).await.expect_fault("/title", "length");
}

#[actix_web::test]
async fn audiences_and_questions_must_make_sense() {
    let desk = Desk::open().await;
    let audiences = [
        json!({"kind": "open", "values": [1]}),
        json!({"kind": "graduation_year", "values": []}),
        json!({"kind": "graduation_year", "values": ["1969"]}),
        json!({"kind": "graduation_year", "values": [1969, 12]}),
        json!({"kind": "college", "values": ["cs"]}),
        json!({"kind": "class_group", "values": [7]}),
    ];
    for audience in audiences {
        desk.draft(json!({ "audience": audience })).await.expect_fault("/audience/values", "audience_values");
    }
    let text = |key: &str| json!({"key": key, "label": "?", "type": "text"});
    let questions = [
        json!([text("a"), text("a")]),
        json!([text("")]),
        json!([{"key": "a", "label": "?", "type": "choice", "options": []}]),
        json!([{"key": "a", "label": "?", "type": "text", "options": ["x"]}]),
        json!([{"key": "a", "label": "?", "type": "choice", "options": ["x", " "]}]),
        json!([{"key": "a", "label": "?", "type": "choice", "options": ["x".repeat(201)]}]),
        Value::from((0..31).map(|n| text(&n.to_string())).collect::<Vec<_>>()),
    ];
    for questions in questions {
        desk.draft(json!({ "questions": questions })).await.expect_fault("/questions", "questions");
    }
}
