//! Changing an event: against its version, null clears, capacity against the seats taken.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::App;

#[actix_web::test]
async fn a_change_needs_the_version_at_hand() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let event = app.draft(json!({})).await;
    let change = json!({"city": "深圳"});
    let patch = || secretary.call(Method::PATCH, &event).json(&change);
    patch().send().await.expect_problem(428, "version_required");
    patch().header("if-match", "\"99\"").send().await.expect_problem(412, "stale_version");
    let before = secretary.get(&event).await.expect(200);
    assert_eq!(before.json["city"], Value::Null);
    let tag = before.header("etag");
    let after = patch().header("if-match", &tag).send().await.expect(200);
    assert_eq!(after.json["city"], "深圳");
    assert_ne!(after.header("etag"), tag);
    let read = secretary.get(&event).await.expect(200);
    assert_eq!((&read.json, read.header("etag")), (&after.json, after.header("etag")));
    patch().header("if-match", &tag).send().await.expect_problem(412, "stale_version");
    patch().header("if-match", "*").send().await.expect(200);
}

#[actix_web::test]
async fn of_two_changes_to_one_version_one_is_made() {
    let (here, there) = App::two().await;
    let event = here.draft(json!({})).await;
    let secretary = here.secretary_of("shenzhen").await;
    let tag = secretary.get(&event).await.header("etag");
    let elsewhere = secretary.at(&there);
    let bodies = ["甲", "乙", "丙", "丁"].map(|city| json!({ "city": city }));
    let calls = bodies.iter().enumerate().map(|(n, body)| {
        let who = if n % 2 == 0 { &secretary } else { &elsewhere };
        who.call(Method::PATCH, &event).header("if-match", &tag).json(body).send()
    });
    let mut statuses: Vec<_> = futures::future::join_all(calls).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412]);
}

#[actix_web::test]
async fn null_clears_and_what_is_absent_stays() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let event = app
        .draft(json!({"title_en": "Forum", "summary": "旧", "city": "深圳", "max_party": 4, "sequence_no": 3,
            "registration_closes_at": "2027-01-01T00:00:00Z", "online_url": "https://a.example"}))
        .await;
    let clear = json!({"title_en": null, "max_party": null, "sequence_no": null, "registration_closes_at": null,
        "online_url": null, "capacity": null, "summary": "新"});
    let tag = secretary.get(&event).await.header("etag");
    let call = secretary.call(Method::PATCH, &event).header("if-match", &tag);
    let merged = call.raw("application/merge-patch+json", clear.to_string().as_bytes());
    merged.send().await.expect(200);
    let read = secretary.get(&event).await.expect(200).json;
    for field in ["title_en", "max_party", "sequence_no", "registration_closes_at", "online_url", "capacity"] {
        assert_eq!(read[field], Value::Null, "{field}");
    }
    assert_eq!((&read["summary"], &read["city"], &read["title"]), (&json!("新"), &json!("深圳"), &json!("校友论坛")));
    for field in ["title", "kind", "starts_local", "time_zone", "waitlist", "audience", "questions"] {
        secretary.patch(&event, json!({ field: null })).await.expect_fault(&format!("/{field}"), "not_null");
    }
}

#[actix_web::test]
async fn a_change_is_as_strict_as_a_draft() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let event = app.draft(json!({"registration_opens_at": "2027-01-01T00:00:00Z"})).await;
    let before = secretary.get(&event).await.expect(200);
    let tag = before.header("etag");
    let plain = secretary.call(Method::PATCH, &event).header("if-match", &tag);
    plain.raw("text/plain", b"{\"city\": \"x\"}").send().await.expect_problem(415, "unsupported_media_type");
    let faults = [
        (json!({"status": "published"}), "/status", "unknown_field"),
        (json!({"organization_id": "x"}), "/organization_id", "unknown_field"),
        (json!({"title": ""}), "/title", "length"),
        (json!({"capacity": 0}), "/capacity", "range"),
        (json!({"time_zone": "Nowhere"}), "/time_zone", "time_zone"),
        (json!({"ends_local": "2020-01-01T00:00:00"}), "/ends_local", "ends_before_start"),
        (json!({"registration_closes_at": "2026-12-31T00:00:00Z"}), "/registration_closes_at", "closes_before_opening"),
        (json!({"audience": {"kind": "open", "values": [1]}}), "/audience/values", "audience_values"),
    ];
    for (change, pointer, code) in faults {
        secretary.patch(&event, change).await.expect_fault(pointer, code);
    }
    let several = secretary.patch(&event, json!({"title": "", "capacity": 0, "max_party": 0})).await;
    assert_eq!(several.json["errors"].as_array().unwrap().len(), 3);
    let after = secretary.get(&event).await.expect(200);
    assert_eq!((after.json, after.headers.get("etag")), (before.json, before.headers.get("etag")));
}

#[actix_web::test]
async fn another_zone_moves_the_instants_and_leaves_the_wall_times() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let event = app.draft(json!({"starts_local": "2030-06-01T09:00:00", "ends_local": "2030-06-01T10:00:00"})).await;
    let moved = secretary.patch(&event, json!({"time_zone": "Europe/London"})).await.expect(200);
    assert_eq!(moved.json["starts_local"], "2030-06-01T09:00:00");
    assert_eq!(moved.json["starts_at"], "2030-06-01T08:00:00Z");
    secretary
        .patch(&event, json!({"starts_local": "2030-03-31T01:30:00"}))
        .await
        .expect_fault("/starts_local", "local_time_gap");
}

#[actix_web::test]
async fn only_those_who_run_the_chapter_change_its_events() {
    let app = App::start().await;
    let (draft, public) = (app.draft(json!({})).await, app.published_event(json!({})).await);
    let any = |actor: crate::support::Actor, event: String| async move {
        let body = json!({"city": "x"});
        let call = actor.call(Method::PATCH, &event).header("if-match", "*").json(&body);
        call.send().await
    };
    for login in ["alumnus1", "secretary.shijiazhuang", "college.cs", "admin", "treasurer"] {
        let actor = app.sign_in(login).await;
        any(actor.clone(), draft.clone()).await.expect_problem(404, "not_found");
        any(actor, public.clone()).await.expect_problem(403, "not_allowed");
    }
    any(app.auditor().await, draft.clone()).await.expect_problem(403, "not_allowed");
    any(app.anyone(), public.clone()).await.expect_problem(401, "not_signed_in");
    for login in ["office", "director", "secretary.shenzhen"] {
        any(app.sign_in(login).await, draft.clone()).await.expect(200);
        any(app.sign_in(login).await, public.clone()).await.expect(200);
    }
}

#[actix_web::test]
async fn what_is_over_or_cancelled_is_not_changed() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let (cancelled, completed) = (app.published_event(json!({})).await, app.published_event(json!({})).await);
    secretary.put(&format!("{cancelled}/cancellation"), json!({})).await.expect(200);
    app.at(&secretary.get(&completed).await.text("starts_at"));
    secretary.put(&format!("{completed}/completion"), json!({})).await.expect(200);
    for (event, state) in [(cancelled, "cancelled"), (completed, "completed")] {
        let refused = secretary.patch(&event, json!({"city": "x"})).await;
        assert_eq!(refused.json["unmet"][0]["have"], state);
        refused.expect_problem(409, "step_refused");
        assert_eq!(secretary.get(&event).await.json["city"], Value::Null);
    }
}

#[actix_web::test]
async fn there_are_never_fewer_seats_than_are_taken() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let event = app.published_event(json!({"capacity": 5})).await;
    app.alumnus(1).await.party(&event, 3).await.expect(201);
    let before = secretary.get(&event).await.expect(200);
    secretary.patch(&event, json!({"capacity": 2, "city": "x"})).await.expect_problem(409, "capacity_below_taken");
    let after = secretary.get(&event).await.expect(200);
    assert_eq!(after.json, before.json, "nothing of a refused change is kept");
    secretary.patch(&event, json!({"capacity": 3})).await.expect(200);
    assert_eq!(secretary.get(&event).await.json["capacity"], 3);
    assert_eq!(app.seats(&event).await["seats_taken"], 3);
}

#[actix_web::test]
async fn more_seats_go_to_those_who_wait_in_their_order_until_one_does_not_fit() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let event = app.published_event(json!({"capacity": 4})).await;
    let crowd = app.crowd(5).await;
    let mut made = vec![];
    for (who, size) in crowd.iter().zip([4, 1, 2, 3, 1]) {
        made.push(who.party(&event, size).await.expect(201).path());
    }
    let places = async || {
        let mut places = vec![];
        for (who, path) in crowd.iter().zip(&made) {
            places.push(who.get(path).await.place().1);
        }
        places
    };
    assert_eq!(places().await, [None, Some(1), Some(2), Some(3), Some(4)]);
    secretary.patch(&event, json!({"capacity": 5})).await.expect(200);
    assert_eq!(places().await, [None, None, Some(1), Some(2), Some(3)]);
    // Nine seats: two for the next party, two left, where three do not fit; one behind them waits on.
    secretary.patch(&event, json!({"capacity": 9})).await.expect(200);
    assert_eq!(places().await, [None, None, None, Some(1), Some(2)]);
    let seats = app.seats(&event).await;
    assert_eq!((&seats["seats_taken"], &seats["waiting"]), (&json!(7), &json!(2)));
    secretary.patch(&event, json!({"capacity": null})).await.expect(200);
    assert_eq!(places().await, [None; 5]);
    let seats = app.seats(&event).await;
    assert_eq!(seats, json!({"capacity": null, "seats_taken": 11, "waiting": 0, "open": true, "closed_reason": null}));
}

#[actix_web::test]
async fn the_waitlist_can_be_closed_and_opened_again() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let event = app.published_event(json!({"capacity": 1})).await;
    let crowd = app.crowd(4).await;
    crowd[0].party(&event, 1).await.expect(201);
    let waits = crowd[1].party(&event, 1).await.expect(201).path();
    secretary.patch(&event, json!({"waitlist": false})).await.expect(200);
    crowd[2].party(&event, 1).await.expect_problem(409, "event_full");
    assert_eq!(crowd[1].get(&waits).await.place(), ("waitlisted", Some(1)), "who waits stays");
    secretary.patch(&event, json!({"waitlist": true})).await.expect(200);
    assert_eq!(crowd[2].party(&event, 1).await.place(), ("waitlisted", Some(2)));
}
