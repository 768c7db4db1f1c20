//! Many at the same moment: served together, each with their own answer.

use futures::future::join_all;
use serde_json::json;

use crate::support::{Answer, App};

fn statuses(answers: &[Answer]) -> Vec<(u16, String)> {
    answers.iter().map(|answer| (answer.status, answer.text("code"))).collect()
}

#[actix_web::test]
async fn who_comes_at_the_same_moment_is_served_in_few_transactions_with_an_answer_each() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 10, "waitlist": true})).await;
    let crowd = app.crowd(30).await;
    let answers = join_all(crowd.iter().map(|who| who.register(&event, json!({})))).await;
    let mut places: Vec<_> = answers.iter().map(|it| it.place().1.unwrap_or(0)).collect();
    places.sort_unstable();
    let expected: Vec<i64> = std::iter::repeat_n(0, 10).chain(1..=20).collect();
    assert_eq!(places, expected, "{:?}", statuses(&answers));
    // What was answered is what is stored: the same to the letter, but for the place in the queue that moves.
    for (who, answer) in crowd.iter().zip(&answers) {
        assert_eq!(who.get(&answer.path()).await.expect(200).json, answer.json);
    }
    // Each has a key and a journal entry of their own; together they took fewer transactions than they are.
    let id = event.rsplit('/').next().unwrap();
    let made = format!("from journal_entries where act = 'registration.created' and facts ->> 'event_id' = '{id}'");
    assert_eq!(app.count(&format!("select count(distinct (actor_id, request_id)) {made}")).await, 30);
    assert_eq!(app.count("select count(*) from idempotency_keys where route like '%/registrations'").await, 30);
    let transactions =
        app.count(&format!("select count(distinct xmin::text) from registrations where event_id = '{id}'")).await;
    assert!(transactions < 30, "{transactions} transactions for 30");
}

#[actix_web::test]
async fn one_person_twice_at_the_same_moment_is_registered_once_and_spoils_it_for_nobody() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 50, "waitlist": false})).await;
    let crowd = app.crowd(10).await;
    let twice = crowd.iter().chain(crowd.iter().take(3));
    let answers = join_all(twice.map(|who| who.register(&event, json!({})))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let told = answers.iter().filter(|answer| answer.text("code") == "already_registered").count();
    assert_eq!((made, told), (10, 3), "{:?}", statuses(&answers));
    assert_eq!(app.seats(&event).await["seats_taken"], 10);
}

#[actix_web::test]
async fn a_party_that_is_too_large_does_not_shut_out_a_smaller_one_behind_it() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 4, "waitlist": false})).await;
    let crowd = app.crowd(7).await;
    crowd[6].party(&event, 2).await.expect(201);
    // Two seats are left: whatever the order, the two who come alone sit, and the parties of three do not.
    let sizes = crowd.iter().zip([3, 3, 1, 3, 1, 3]);
    let answers = join_all(sizes.map(|(who, size)| who.party(&event, size))).await;
    let codes: Vec<_> = answers.iter().map(|answer| answer.text("code")).collect();
    assert_eq!(codes, ["event_full", "event_full", "", "event_full", "", "event_full"]);
    assert_eq!(app.seats(&event).await["seats_taken"], 4);
}

#[actix_web::test]
async fn one_key_many_times_at_the_same_moment_has_one_effect() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 50, "waitlist": false})).await;
    let crowd = app.crowd(5).await;
    let path = format!("{event}/registrations");
    let each = crowd.iter().flat_map(|who| std::iter::repeat_n(who, 10));
    let answers = join_all(each.map(|who| who.post_keyed(&path, "the-same", json!({})))).await;
    let known = ["", "key_in_flight"];
    assert!(answers.iter().all(|answer| known.contains(&answer.text("code").as_str())), "{:?}", statuses(&answers));
    for (number, who) in crowd.iter().enumerate() {
        let again = who.post_keyed(&path, "the-same", json!({})).await.expect(201);
        let first = answers[number * 10..][..10].iter().find(|answer| answer.status == 201).unwrap();
        assert_eq!((again.json.clone(), again.header("idempotency-replayed").as_str()), (first.json.clone(), "true"));
    }
    assert_eq!(app.seats(&event).await["seats_taken"], 5);
}
