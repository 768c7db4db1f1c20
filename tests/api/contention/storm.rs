//! Storms over two processes, and the negative control.

use actix_web::http::Method;
use diesel_async::SimpleAsyncConnection as _;
use futures::future::{join, join_all};
use serde_json::json;

use super::check_seats;
use crate::support::{Actor, Answer, App, patiently};

/// That many alumni, half of them at each process.
async fn crowd(here: &App, there: &App, size: i32) -> Vec<Actor> {
    let crowd = here.crowd(size).await.into_iter().enumerate();
    crowd.map(|(n, who)| if n % 2 == 0 { who } else { who.at(there) }).collect()
}

/// Everybody registers at once, each alone.
async fn rush(crowd: &[Actor], event: &str) -> Vec<Answer> {
    join_all(crowd.iter().map(|who| who.insist(event, 1))).await
}

fn confirmed(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.status == 201 && answer.json["status"] == "confirmed").count()
}

#[actix_web::test]
async fn sixty_at_once_for_ten_seats_give_exactly_ten() {
    let (here, there) = App::two().await;
    let event = here.published_event(json!({"capacity": 10, "waitlist": false})).await;
    let answers = rush(&crowd(&here, &there, 60).await, &event).await;
    assert_eq!(confirmed(&answers), 10);
    let full = answers.iter().filter(|answer| answer.status == 409 && answer.text("code") == "event_full");
    assert_eq!(full.count(), 50);
    check_seats(&here, &event).await.unwrap();
    check_seats(&there, &event).await.unwrap();
}

#[actix_web::test]
async fn sixty_at_once_with_a_waitlist_make_a_queue_without_gaps() {
    let (here, there) = App::two().await;
    let event = here.published_event(json!({"capacity": 10, "waitlist": true})).await;
    let answers = rush(&crowd(&here, &there, 60).await, &event).await;
    assert_eq!(confirmed(&answers), 10);
    let mut places: Vec<_> = answers.iter().filter_map(|answer| answer.json["queue_position"].as_u64()).collect();
    places.sort_unstable();
    assert_eq!(places, (1..=50).collect::<Vec<_>>());
    check_seats(&here, &event).await.unwrap();
}

#[actix_web::test]
async fn the_check_finds_overselling_when_the_guard_is_off() {
    let (here, there) = App::two().await;
    here.sql(
        "alter table event_seats drop constraint event_seats_taken_check;
        create function keep_seats_taken() returns trigger language plpgsql as
            $$ begin new.seats_taken := old.seats_taken; return new; end $$;
        create trigger keep_seats_taken before update on event_seats
            for each row execute function keep_seats_taken();",
    )
    .await;
    let crowd = crowd(&here, &there, 60).await;
    for waitlist in [false, true] {
        let event = here.published_event(json!({"capacity": 10, "waitlist": waitlist})).await;
        let answers = rush(&crowd, &event).await;
        assert!(confirmed(&answers) > 10, "the same storm oversells without the guard");
        let found = check_seats(&here, &event).await.unwrap_err();
        assert!(found.starts_with("oversold"), "{found}");
    }
}

#[actix_web::test]
async fn parties_that_come_and_go_at_once_never_exceed_the_capacity() {
    let (here, there, watcher) = App::three().await;
    let capacity = 12;
    let event = here.published_event(json!({"capacity": capacity, "waitlist": true})).await;
    let crowd = crowd(&here, &there, 40).await;
    // Sizes and who leaves are drawn beforehand, the same each time; only the order of events is not.
    let mut state = 1969_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let plans: Vec<_> = crowd.iter().map(|who| (who, draw(4) + 1, draw(3), draw(2) == 0)).collect();
    let goers = plans.into_iter().map(|(who, size, leaves, back)| {
        let event = &event;
        async move {
            let size = i64::try_from(size).unwrap();
            let made = who.insist(event, size).await.expect(201).path();
            if leaves == 0 {
                patiently(async || who.delete(&made).await).await.expect(204);
                if back {
                    who.insist(event, size).await.expect(201);
                }
            }
        }
    });
    let id = event.trim_start_matches("/events/");
    let given = format!(
        "select coalesce(sum(party_size), 0) from registrations where event_id = '{id}' and status = 'confirmed'"
    );
    let watch = async {
        let mut most = 0;
        for _ in 0..60 {
            most = most.max(watcher.count(&given).await);
            let seats = watcher.seats(&event).await;
            assert!(seats["seats_taken"].as_i64().unwrap() <= capacity, "{seats}");
        }
        most
    };
    let (_, most) = join(join_all(goers), watch).await;
    assert!(most <= capacity, "{most} seats were given at some time");
    check_seats(&here, &event).await.unwrap();
    // And all who are left leave at once, some twice.
    let rows = here.secretary_of("shenzhen").await.all(&format!("{event}/registrations")).await;
    let live: Vec<_> = rows.iter().filter(|row| row["status"] != "withdrawn").collect();
    let secretary = here.secretary_of("shenzhen").await;
    let elsewhere = secretary.at(&there);
    let leave = live.iter().enumerate().flat_map(|(n, row)| {
        let path = format!("/registrations/{}", row["id"].as_str().unwrap());
        let twice = if n % 5 == 0 { 2 } else { 1 };
        (0..twice).map(move |time| (path.clone(), time)).collect::<Vec<_>>()
    });
    let calls = leave.map(|(path, time)| {
        let who = if time == 0 { &secretary } else { &elsewhere };
        async move { patiently(async || who.delete(&path).await).await.expect(204) }
    });
    join_all(calls).await;
    check_seats(&here, &event).await.unwrap();
    let seats = here.seats(&event).await;
    assert_eq!((&seats["seats_taken"], &seats["waiting"]), (&json!(0), &json!(0)));
}

#[actix_web::test]
async fn one_person_many_times_at_once_is_registered_once() {
    let (here, there) = App::two().await;
    for waitlist in [true, false] {
        let event = here.published_event(json!({"capacity": 5, "waitlist": waitlist})).await;
        let one = here.alumnus(1).await;
        let other = one.at(&there);
        let calls = (0..20).map(|n| if n % 2 == 0 { one.insist(&event, 1) } else { other.insist(&event, 1) });
        let answers = join_all(calls).await;
        assert_eq!(confirmed(&answers), 1);
        let twice = answers.iter().filter(|answer| answer.status == 409 && answer.text("code") == "already_registered");
        assert_eq!(twice.count(), 19);
        check_seats(&here, &event).await.unwrap();
    }
}

#[actix_web::test]
async fn seats_are_added_while_people_come_and_go_and_nobody_is_turned_away() {
    let (here, there) = App::two().await;
    let event = here.published_event(json!({"capacity": 1, "waitlist": true})).await;
    let crowd = crowd(&here, &there, 40).await;
    let secretary = here.secretary_of("shenzhen").await;
    let coming = crowd.iter().enumerate().map(|(n, who)| {
        let event = &event;
        async move {
            let made = who.insist(event, 1).await.expect(201).path();
            if n % 4 == 0 {
                patiently(async || who.delete(&made).await).await.expect(204);
            }
        }
    });
    let adding = async {
        for capacity in 2..20 {
            let body = json!({ "capacity": capacity });
            let raise = async || {
                let call = secretary.call(Method::PATCH, &event).header("if-match", "*").json(&body);
                call.send().await
            };
            patiently(raise).await.expect(200);
        }
    };
    join(join_all(coming), adding).await;
    check_seats(&here, &event).await.unwrap();
    let seats = here.seats(&event).await;
    assert_eq!((&seats["seats_taken"], &seats["waiting"]), (&json!(19), &json!(11)));
}

#[actix_web::test]
async fn a_change_of_the_event_and_a_claim_of_seats_do_not_wait_in_a_circle() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 1, "waitlist": true})).await;
    let id = event.trim_start_matches("/events/");
    let secretary = app.secretary_of("shenzhen").await;
    // A claim, taken apart: it holds the hot row, the change waits for that, and it stores its registration.
    let mut claim = app.database().await;
    let claim: &mut homecoming::db::Connection = &mut claim;
    let hold = format!("begin; update event_seats set seats_taken = 1 where event_id = '{id}'");
    claim.batch_execute(&hold).await.unwrap();
    let body = json!({"capacity": 2});
    let change = secretary.call(Method::PATCH, &event).header("if-match", "*").json(&body).send();
    let store = async {
        actix_web::rt::time::sleep(std::time::Duration::from_millis(500)).await;
        let sql = format!(
            "insert into registrations (id, event_id, guest_name, party_size, answers, status, ticket, created_at, updated_at)
            values (gen_random_uuid(), '{id}', '来宾', 1, '{{}}', 'confirmed', 'ticket', now(), now()); commit"
        );
        claim.batch_execute(&sql).await
    };
    let (changed, stored) = join(change, store).await;
    stored.unwrap();
    changed.expect(200);
    check_seats(&app, &event).await.unwrap();
}

#[actix_web::test]
async fn the_capacity_may_be_changed_in_a_storm() {
    // A connection for each: what is 503 here is a deadlock, and not a full pool.
    let app = App::roomy().await;
    let event = app.published_event(json!({"capacity": 500})).await;
    let secretary = app.secretary_of("shenzhen").await;
    let guests = (0..20).map(|number| {
        let (secretary, event) = (secretary.clone(), event.clone());
        async move { secretary.register(&event, json!({"guest_name": format!("客{number}")})).await }
    });
    let raises = (0..5).map(|_| {
        let (secretary, event) = (secretary.clone(), event.clone());
        async move {
            let patch = secretary.call(Method::PATCH, &event).header("if-match", "*");
            patch.json(&json!({"capacity": 501})).send().await
        }
    });
    let (made, raised) = futures::future::join(join_all(guests), join_all(raises)).await;
    assert!(made.iter().all(|answer| answer.status == 201), "{made:?}");
    assert!(raised.iter().all(|answer| answer.status == 200), "{raised:?}");
}

#[actix_web::test]
async fn who_waits_behind_a_cancellation_is_told_and_not_confirmed() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 500})).await;
    let secretary = app.secretary_of("shenzhen").await;
    let mut holder = app.database().await;
    holder.batch_execute("begin; select from event_seats for update").await.unwrap();
    let pause = |millis| actix_web::rt::time::sleep(std::time::Duration::from_millis(millis));
    // Both read that the event is published; then the cancellation is first in the line for the narrow row.
    let cancel = async { secretary.put(&format!("{event}/cancellation"), json!({})).await };
    let late = async {
        pause(300).await;
        secretary.register(&event, json!({"guest_name": "晚"})).await
    };
    let release = async {
        pause(900).await;
        holder.batch_execute("commit").await.unwrap();
    };
    let (cancelled, late, ()) = futures::future::join3(cancel, late, release).await;
    cancelled.expect(200);
    late.expect_problem(409, "registration_closed");
    assert_eq!(app.count("select count(*) from registrations where guest_name = '晚'").await, 0);
}
