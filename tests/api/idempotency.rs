//! One key, one body: one effect and one answer.

use actix_web::http::Method;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, App, draft_body, patiently};

async fn keyed(actor: &Actor, event: &str, key: &str, body: Value) -> Answer {
    actor.post_keyed(&format!("{event}/registrations"), key, body).await
}

#[actix_web::test]
async fn a_registration_needs_a_key() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let alumnus = app.alumnus(1).await;
    let missing = alumnus.post(&format!("{event}/registrations"), json!({})).await;
    assert_eq!(missing.json["errors"][0]["pointer"], "Idempotency-Key");
    missing.expect_problem(400, "key_required");
    for key in ["", &"k".repeat(129), "é", "键"] {
        keyed(&alumnus, &event, key, json!({})).await.expect_problem(400, "key_invalid");
    }
    assert_eq!(app.seats(&event).await["seats_taken"], 0);
    keyed(&alumnus, &event, &"k".repeat(128), json!({})).await.expect(201);
    keyed(&app.alumnus(2).await, &event, "a b~", json!({})).await.expect(201);
}

#[actix_web::test]
async fn a_repeated_request_has_one_effect_and_the_same_answer() {
    let (here, there) = App::two().await;
    let event = here.published_event(json!({"capacity": 1})).await;
    let alumnus = here.alumnus(1).await;
    let body = json!({"party_size": 1, "answers": {}});
    let first = keyed(&alumnus, &event, "k", body.clone()).await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), "");
    // Another process answers as the first did.
    for actor in [alumnus.clone(), alumnus.at(&there)] {
        let again = keyed(&actor, &event, "k", body.clone()).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.json, first.json);
        for header in ["etag", "location", "content-type"] {
            assert_eq!(again.header(header), first.header(header), "{header}");
        }
    }
    assert_eq!(here.seats(&event).await["seats_taken"], 1);
    let mine = alumnus.all("/me/registrations").await;
    let of_event = mine.iter().filter(|row| row["event_id"] == first.json["event_id"]);
    assert_eq!(of_event.count(), 1);
    // The answer is that of then, not of now.
    alumnus.delete(&first.path()).await.expect(204);
    let again = keyed(&alumnus, &event, "k", body).await.expect(201);
    assert_eq!(again.json, first.json);
    assert_eq!(here.seats(&event).await["seats_taken"], 0);
}

#[actix_web::test]
async fn a_key_is_not_good_for_another_body_and_another_event_is_another_request() {
    let app = App::start().await;
    let (event, other) = (app.published_event(json!({})).await, app.published_event(json!({})).await);
    let alumnus = app.alumnus(1).await;
    keyed(&alumnus, &event, "k", json!({"party_size": 1})).await.expect(201);
    for body in [json!({"party_size": 2}), json!({}), json!({"party_size": 1, "answers": {}})] {
        keyed(&alumnus, &event, "k", body).await.expect_problem(422, "key_reused");
    }
    let elsewhere = keyed(&alumnus, &other, "k", json!({"party_size": 1})).await.expect(201);
    assert_eq!(elsewhere.header("idempotency-replayed"), "");
    assert_eq!(app.seats(&event).await["seats_taken"], 1);
    assert_eq!(app.seats(&other).await["seats_taken"], 1);
}

#[actix_web::test]
async fn the_same_body_may_be_written_in_another_way() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let secretary = app.secretary_of("shenzhen").await;
    let path = format!("{event}/registrations");
    let send = async |text: &str| {
        let call = secretary.call(Method::POST, &path).header("idempotency-key", "k");
        call.raw("application/json", text.as_bytes()).send().await
    };
    let first = send(r#"{"party_size":2,"guest_name":"来宾"}"#).await.expect(201);
    let forms =
        ["{ \"guest_name\" : \"来宾\",\n\t\"party_size\": 2 }", r#"{"guest_name":"\u6765\u5bbe","party_size":2}"#];
    for text in forms {
        let again = send(text).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), "true", "{text}");
        assert_eq!(again.json, first.json);
    }
    assert_eq!(app.seats(&event).await["seats_taken"], 2);
}

#[actix_web::test]
async fn the_same_key_of_another_account_is_another_key() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let (one, two) = (app.alumnus(1).await, app.alumnus(2).await);
    let first = keyed(&one, &event, "k", json!({})).await.expect(201);
    let second = keyed(&two, &event, "k", json!({})).await.expect(201);
    assert_ne!(first.json["id"], second.json["id"]);
    assert_eq!(second.header("idempotency-replayed"), "");
    // And of another route.
    let secretary = app.secretary_of("shenzhen").await;
    keyed(&secretary, &event, "k", json!({})).await.expect(201);
    let drafts = format!("/organizations/{}/events", app.organization("shenzhen").await);
    secretary.post_keyed(&drafts, "k", draft_body()).await.expect(201);
}

#[actix_web::test]
async fn a_refusal_is_not_kept_so_that_a_retry_can_succeed() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 1, "waitlist": false})).await;
    let (one, two) = (app.alumnus(1).await, app.alumnus(2).await);
    let made = keyed(&one, &event, "k", json!({})).await.expect(201);
    keyed(&two, &event, "k", json!({})).await.expect_problem(409, "event_full");
    keyed(&two, &event, "k", json!({"party_size": 0})).await.expect_problem(422, "invalid_field");
    assert_eq!(app.count("select count(*) from idempotency_keys").await, 1);
    one.delete(&made.path()).await.expect(204);
    let retry = keyed(&two, &event, "k", json!({})).await.expect(201);
    assert_eq!((retry.place(), retry.header("idempotency-replayed").as_str()), (("confirmed", None), ""));
}

#[actix_web::test]
async fn a_key_is_accepted_where_none_is_needed() {
    let app = App::start().await;
    let path = format!("/organizations/{}/events", app.organization("shenzhen").await);
    let secretary = app.secretary_of("shenzhen").await;
    let before = app.count("select count(*) from events").await;
    let first = secretary.post_keyed(&path, "k", draft_body()).await.expect(201);
    let again = secretary.post_keyed(&path, "k", draft_body()).await.expect(201);
    assert_eq!((&again.json, again.header("idempotency-replayed").as_str()), (&first.json, "true"));
    let mut other = draft_body();
    other["title"] = json!("另一个");
    secretary.post_keyed(&path, "k", other).await.expect_problem(422, "key_reused");
    secretary.post_keyed(&path, &"k".repeat(129), draft_body()).await.expect_problem(400, "key_invalid");
    assert_eq!(app.count("select count(*) from events").await, before + 1);
}

#[actix_web::test]
async fn a_key_is_forgotten_after_a_day() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let secretary = app.secretary_of("shenzhen").await;
    let guest = json!({"guest_name": "来宾"});
    let first = keyed(&secretary, &event, "k", guest.clone()).await.expect(201);
    app.sql("update idempotency_keys set created_at = now() - interval '23 hours'").await;
    let again = keyed(&secretary, &event, "k", guest.clone()).await.expect(201);
    assert_eq!(again.json["id"], first.json["id"]);
    app.sql("update idempotency_keys set created_at = now() - interval '25 hours'").await;
    let new = keyed(&secretary, &event, "k", guest).await.expect(201);
    assert_ne!(new.json["id"], first.json["id"]);
    assert_eq!(new.header("idempotency-replayed"), "");
}

#[actix_web::test]
async fn fifty_at_once_with_one_key_have_one_effect() {
    let (here, there) = App::two().await;
    let event = here.published_event(json!({"capacity": 100})).await;
    let secretary = here.secretary_of("shenzhen").await;
    let elsewhere = secretary.at(&there);
    let calls = (0..50).map(|n| {
        let actor = if n % 2 == 0 { &secretary } else { &elsewhere };
        let event = &event;
        // On a machine that is busy with other things, the pool's two seconds may pass: 503, which is not kept.
        patiently(async move || keyed(actor, event, "storm", json!({"guest_name": "来宾"})).await)
    });
    let answers = join_all(calls).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    for answer in &answers {
        if answer.status == 201 {
            assert_eq!(answer.json, made[0].json);
        } else {
            assert_eq!((answer.status, answer.text("code").as_str()), (409, "key_in_flight"), "{}", answer.json);
            assert_eq!(answer.header("retry-after"), "1");
        }
    }
    let effective = made.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count();
    assert_eq!(effective, 1);
    assert_eq!(here.seats(&event).await["seats_taken"], 1);
    let id = event.trim_start_matches("/events/");
    let rows = format!("select count(*) from registrations where event_id = '{id}'");
    assert_eq!(here.count(&rows).await, 1);
    // Who was told to come again gets the answer.
    let again = keyed(&secretary, &event, "storm", json!({"guest_name": "来宾"})).await.expect(201);
    assert_eq!(again.json, made[0].json);
}
