//! Seats and the queue: first in, first out, by party, and nobody overtakes.

use serde_json::{Value, json};

use crate::support::{Actor, App};

/// The places of registrations, each asked for by its owner: 0 has its seats.
async fn places(made: &[(&Actor, String)]) -> Vec<i64> {
    let mut places = vec![];
    for (who, path) in made {
        let read = who.get(path).await.expect(200);
        places.push(read.place().1.unwrap_or(0));
    }
    places
}

#[actix_web::test]
async fn the_first_are_confirmed_and_the_others_wait_in_order() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 3, "waitlist": true})).await;
    let crowd = app.crowd(5).await;
    let mut made = vec![];
    for who in &crowd {
        made.push(who.register(&event, json!({})).await.expect(201));
    }
    let told: Vec<_> = made.iter().map(crate::support::Answer::place).collect();
    let (seated, first, second) = (("confirmed", None), ("waitlisted", Some(1)), ("waitlisted", Some(2)));
    assert_eq!(told, [seated, seated, seated, first, second]);
    let seats = app.seats(&event).await;
    assert_eq!(seats, json!({"capacity": 3, "seats_taken": 3, "waiting": 2, "open": true, "closed_reason": null}));
    let rows = app.secretary_of("shenzhen").await.all(&format!("{event}/registrations")).await;
    let listed: Vec<_> =
        rows.iter().map(|row| (row["status"].as_str().unwrap(), row["queue_position"].as_i64())).collect();
    assert_eq!(listed, told);
}

#[actix_web::test]
async fn a_ticket_is_there_exactly_while_one_has_seats_and_no_two_are_the_same() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 2, "waitlist": true})).await;
    let crowd = app.crowd(3).await;
    let mut made = vec![];
    for who in &crowd {
        made.push(who.register(&event, json!({})).await.expect(201));
    }
    let tickets: Vec<_> = made.iter().map(|it| it.text("ticket")).collect();
    assert!(tickets[0].len() >= 20 && tickets[1].len() >= 20 && tickets[0] != tickets[1], "{tickets:?}");
    assert_eq!(made[2].json["ticket"], Value::Null);
    crowd[0].delete(&made[0].path()).await.expect(204);
    let given_up = crowd[0].get(&made[0].path()).await.expect(200);
    assert_eq!((given_up.text("status").as_str(), &given_up.json["ticket"]), ("withdrawn", &Value::Null));
    let moved_up = crowd[2].get(&made[2].path()).await.expect(200).text("ticket");
    assert!(moved_up.len() >= 20 && !tickets.contains(&moved_up));
    assert_eq!(crowd[1].get(&made[1].path()).await.text("ticket"), tickets[1]);
}

#[actix_web::test]
async fn a_party_gets_all_its_seats_or_none() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 5, "waitlist": true})).await;
    let crowd = app.crowd(2).await;
    assert_eq!(crowd[0].party(&event, 3).await.place(), ("confirmed", None));
    assert_eq!(crowd[1].party(&event, 3).await.place(), ("waitlisted", Some(1)));
    let seats = app.seats(&event).await;
    assert_eq!((&seats["seats_taken"], &seats["waiting"]), (&json!(3), &json!(1)));
    let event = app.published_event(json!({"capacity": 5, "waitlist": false})).await;
    assert_eq!(crowd[0].party(&event, 3).await.place(), ("confirmed", None));
    crowd[1].party(&event, 3).await.expect_problem(409, "event_full");
    assert_eq!(app.seats(&event).await["seats_taken"], 3);
    // Without a queue there is nobody to overtake: a party that fits is seated.
    assert_eq!(crowd[1].party(&event, 2).await.place(), ("confirmed", None));
    let full = app.seats(&event).await;
    assert_eq!((&full["open"], &full["closed_reason"]), (&json!(false), &json!("event_full")));
}

#[actix_web::test]
async fn a_small_party_does_not_overtake_a_large_one_that_waits() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 5, "waitlist": true})).await;
    let crowd = app.crowd(4).await;
    let first = crowd[0].party(&event, 4).await.expect(201);
    let large = crowd[1].party(&event, 3).await.expect(201);
    // One seat is free, and this one would fit.
    let small = crowd[2].party(&event, 1).await.expect(201);
    assert_eq!(small.place(), ("waitlisted", Some(2)));
    assert_eq!(app.seats(&event).await["seats_taken"], 4);
    crowd[0].delete(&first.path()).await.expect(204);
    let made = [(&crowd[1], large.path()), (&crowd[2], small.path())];
    assert_eq!(places(&made).await, [0, 0]);
    assert_eq!(crowd[3].party(&event, 1).await.place(), ("confirmed", None), "nobody waits any more");
}

#[actix_web::test]
async fn moving_up_stops_at_the_first_party_that_does_not_fit() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 6, "waitlist": true})).await;
    let crowd = app.crowd(6).await;
    let mut made = vec![];
    for (who, size) in crowd.iter().zip([3, 3, 2, 4, 1, 1]) {
        made.push((who, who.party(&event, size).await.expect(201).path()));
    }
    assert_eq!(places(&made[2..]).await, [1, 2, 3, 4]);
    // Three are freed: the two move up; the four do not fit in the one seat left, and the ones wait behind them.
    crowd[0].delete(&made[0].1).await.expect(204);
    assert_eq!(places(&made[2..]).await, [0, 1, 2, 3]);
    assert_eq!(app.seats(&event).await["seats_taken"], 5);
    // The head leaves, and what is behind it fits as far as it does.
    crowd[3].delete(&made[3].1).await.expect(204);
    assert_eq!(places(&made[4..]).await, [0, 1]);
    let seats = app.seats(&event).await;
    assert_eq!((&seats["seats_taken"], &seats["waiting"]), (&json!(6), &json!(1)));
}

#[actix_web::test]
async fn one_who_leaves_the_queue_disturbs_nobody_s_order() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 1, "waitlist": true})).await;
    let crowd = app.crowd(6).await;
    let mut made = vec![];
    for who in &crowd[..5] {
        made.push((who, who.register(&event, json!({})).await.expect(201).path()));
    }
    crowd[2].delete(&made[2].1).await.expect(204);
    assert_eq!(places(&[made[1].clone(), made[3].clone(), made[4].clone()]).await, [1, 2, 3]);
    // Who comes back comes last.
    assert_eq!(crowd[5].register(&event, json!({})).await.place(), ("waitlisted", Some(4)));
    let back = crowd[2].register(&event, json!({})).await.expect(201);
    assert_eq!(back.place(), ("waitlisted", Some(5)));
    for (leaves, next) in [(0, 1), (1, 3), (3, 4)] {
        crowd[leaves].delete(&made[leaves].1).await.expect(204);
        assert_eq!(places(&[made[next].clone()]).await, [0]);
    }
    assert_eq!(crowd[2].get(&back.path()).await.place().1, Some(2));
}

#[actix_web::test]
async fn without_a_limit_everybody_is_seated() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": null, "waitlist": false})).await;
    let crowd = app.crowd(3).await;
    for who in &crowd {
        assert_eq!(who.party(&event, 100).await.place(), ("confirmed", None));
    }
    let seats = app.seats(&event).await;
    assert_eq!((&seats["capacity"], &seats["seats_taken"], &seats["open"]), (&Value::Null, &json!(300), &json!(true)));
}

#[actix_web::test]
async fn the_tag_of_a_registration_changes_with_its_place_in_the_queue() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 1, "waitlist": true})).await;
    let crowd = app.crowd(3).await;
    let mut made = vec![];
    for who in &crowd {
        made.push(who.register(&event, json!({})).await.expect(201));
    }
    let last = made[2].path();
    let tag = async || crowd[2].get(&last).await.expect(200).header("etag");
    let mut tags = vec![made[2].header("etag")];
    assert_eq!(tag().await, tags[0]);
    crowd[1].delete(&made[1].path()).await.expect(204);
    tags.push(tag().await);
    let moved = crowd[2].call(actix_web::http::Method::GET, &last).header("if-none-match", &tags[0]);
    assert_eq!(moved.send().await.expect(200).place(), ("waitlisted", Some(1)));
    crowd[0].delete(&made[0].path()).await.expect(204);
    tags.push(tag().await);
    crowd[2].delete(&last).await.expect(204);
    tags.push(tag().await);
    let mut different = tags.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), 4, "{tags:?}");
}

#[actix_web::test]
async fn a_lower_capacity_must_not_shut_a_waiting_party_in() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 5})).await;
    let secretary = app.secretary_of("shenzhen").await;
    app.alumnus(1).await.register(&event, json!({"party_size": 2})).await.expect(201);
    let waiting = app.alumnus(2).await.register(&event, json!({"party_size": 5})).await.expect(201);
    assert_eq!(waiting.json["queue_position"], 1);
    secretary.patch(&event, json!({"capacity": 4})).await.expect_problem(409, "capacity_below_waiting");
    assert_eq!(app.anyone().get(&event).await.json["capacity"], 5);
    app.alumnus(2).await.delete(&waiting.path()).await.expect(204);
    secretary.patch(&event, json!({"capacity": 4})).await.expect(200);
}
