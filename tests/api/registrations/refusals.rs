//! Why a registration is refused: full, twice, too early, too late, not invited, wrong answers, too many.

use serde_json::{Value, json};

use crate::support::App;

#[actix_web::test]
async fn a_full_event_without_a_waitlist_is_full() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 1, "waitlist": false})).await;
    let crowd = app.crowd(2).await;
    crowd[0].register(&event, json!({})).await.expect(201);
    crowd[1].register(&event, json!({})).await.expect_problem(409, "event_full");
    assert_eq!(crowd[1].get("/me/registrations").await.items().len(), 0);
    let seats = app.seats(&event).await;
    assert_eq!(
        (&seats["open"], &seats["closed_reason"], &seats["waiting"]),
        (&json!(false), &json!("event_full"), &json!(0))
    );
}

#[actix_web::test]
async fn nobody_is_registered_twice_and_is_told_so_even_when_it_is_full() {
    let app = App::start().await;
    for waitlist in [true, false] {
        let event = app.published_event(json!({"capacity": 2, "waitlist": waitlist})).await;
        let (one, two) = (app.alumnus(1).await, app.alumnus(2).await);
        one.register(&event, json!({})).await.expect(201);
        one.register(&event, json!({})).await.expect_problem(409, "already_registered");
        two.register(&event, json!({})).await.expect(201);
        one.register(&event, json!({})).await.expect_problem(409, "already_registered");
        let person = one.get("/me").await.text("person_id");
        let secretary = app.secretary_of("shenzhen").await;
        secretary.register(&event, json!({ "person_id": person })).await.expect_problem(409, "already_registered");
        let seats = app.seats(&event).await;
        assert_eq!((&seats["seats_taken"], &seats["waiting"]), (&json!(2), &json!(0)));
    }
}

#[actix_web::test]
async fn one_who_waits_is_registered_too() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 1, "waitlist": true})).await;
    let (one, two) = (app.alumnus(1).await, app.alumnus(2).await);
    one.register(&event, json!({})).await.expect(201);
    two.register(&event, json!({})).await.expect(201);
    two.register(&event, json!({})).await.expect_problem(409, "already_registered");
    assert_eq!(app.seats(&event).await["waiting"], 1);
}

#[actix_web::test]
async fn one_registers_within_the_window() {
    let app = App::start().await;
    let now = app.office.clock.now();
    let day = |days: i64| (now + chrono::TimeDelta::days(days)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let event = app.published_event(json!({"registration_opens_at": day(10), "registration_closes_at": day(20)})).await;
    let crowd = app.crowd(2).await;
    let told = async || {
        let seats = app.seats(&event).await;
        (seats["open"].as_bool().unwrap(), seats["closed_reason"].as_str().map(str::to_owned))
    };
    let token = |n: usize| crowd[n].clone();
    token(0).register(&event, json!({})).await.expect_problem(409, "registration_not_open");
    assert_eq!(told().await, (false, Some("registration_not_open".to_owned())));
    app.at(&day(10));
    token(0).register(&event, json!({})).await.expect(201);
    assert_eq!(told().await, (true, None));
    app.at(&day(20));
    token(1).register(&event, json!({})).await.expect_problem(409, "registration_closed");
    assert_eq!(told().await, (false, Some("registration_closed".to_owned())));
}

#[actix_web::test]
async fn without_a_window_one_registers_from_publication_to_the_start() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let starts = app.anyone().get(&event).await.text("starts_at");
    let just_before = starts.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - chrono::TimeDelta::seconds(2);
    let crowd = app.crowd(2).await;
    app.at(&just_before.to_rfc3339());
    crowd[0].register(&event, json!({})).await.expect(201);
    app.at(&starts);
    crowd[1].register(&event, json!({})).await.expect_problem(409, "registration_closed");
    // The organizers' hand still reaches: somebody stands at the door.
    let secretary = app.secretary_of("shenzhen").await;
    secretary.register(&event, json!({"guest_name": "门口来客"})).await.expect(201);
    app.at(&app.anyone().get(&event).await.text("ends_at"));
    secretary.register(&event, json!({"guest_name": "迟到者"})).await.expect_problem(409, "registration_closed");
}

#[actix_web::test]
async fn the_state_of_the_event_decides_before_the_window() {
    let app = App::start().await;
    let (secretary, alumnus) = (app.secretary_of("shenzhen").await, app.alumnus(1).await);
    let office = app.office().await;
    let event = app.draft(json!({})).await;
    for step in ["", "submission", "approval"] {
        if !step.is_empty() {
            office.put(&format!("{event}/{step}"), json!({})).await.expect(200);
        }
        alumnus.register(&event, json!({})).await.expect_problem(404, "not_found");
        for body in [json!({}), json!({"guest_name": "来客"})] {
            secretary.register(&event, body).await.expect_problem(409, "registration_not_open");
        }
        let seats = secretary.get(&format!("{event}/availability")).await.expect(200);
        assert_eq!(seats.text("closed_reason"), "registration_not_open");
    }
    office.put(&format!("{event}/publication"), json!({})).await.expect(200);
    office.put(&format!("{event}/cancellation"), json!({})).await.expect(200);
    alumnus.register(&event, json!({})).await.expect_problem(409, "registration_closed");
    secretary.register(&event, json!({"guest_name": "来客"})).await.expect_problem(409, "registration_closed");
    assert_eq!(app.seats(&event).await["closed_reason"], "registration_closed");
    for id in ["01914a6b-7c00-7000-8000-000000000001", "x"] {
        alumnus.register(&format!("/events/{id}"), json!({})).await.expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn an_event_for_some_refuses_the_others() {
    let app = App::start().await;
    // alumnus1 and 2: one class of computer science, 2019; 3: another; 7: economics, 2019; 9: computer science, 2009;
    // 11: surveying, 2019; 17: economics, 1969; 18: surveying, 1985; 20: economics, 2020.
    let (cs, liaison) = (app.college("cs").await, app.alumnus(1).await);
    let me = liaison.get("/me").await.text("person_id");
    let studies = liaison.get(&format!("/people/{me}/educations")).await.expect(200);
    let class = studies.items()[0]["class_group_id"].as_str().unwrap().to_owned();
    let audiences = [
        (json!({"kind": "college", "values": [cs]}), [1, 9], [7, 11]),
        (json!({"kind": "college", "values": [cs.to_uppercase()]}), [1, 9], [7, 11]),
        (json!({"kind": "class_group", "values": [class]}), [1, 2], [3, 7]),
        (json!({"kind": "graduation_year", "values": [2019, 1969]}), [1, 17], [20, 18]),
    ];
    for (audience, invited, others) in audiences {
        let event = app.published_event(json!({"capacity": 9, "audience": audience})).await;
        for number in others {
            let answer = app.alumnus(number).await.register(&event, json!({})).await;
            assert_eq!((answer.status, answer.text("code").as_str()), (403, "not_in_audience"), "{audience} {number}");
        }
        for number in invited {
            let answer = app.alumnus(number).await.register(&event, json!({})).await;
            assert_eq!(answer.status, 201, "{audience} {number}: {}", answer.json);
        }
        assert_eq!(app.seats(&event).await["seats_taken"], 2);
        // An organizer may still invite whom they like.
        let secretary = app.secretary_of("shenzhen").await;
        secretary.register(&event, json!({"guest_name": "嘉宾"})).await.expect(201);
    }
}

#[actix_web::test]
async fn answers_answer_the_questions() {
    let app = App::start().await;
    let event = app
        .published_event(json!({"questions": [
            {"key": "meal", "label": "用餐", "type": "choice", "required": true, "options": ["素食", "普通"]},
            {"key": "years", "label": "几年", "type": "number"},
            {"key": "car", "label": "开车", "type": "boolean"},
            {"key": "note/1", "label": "备注", "type": "text"},
        ]}))
        .await;
    let alumnus = app.alumnus(1).await;
    let answer = async |answers: Value| alumnus.register(&event, json!({ "answers": answers })).await;
    alumnus.register(&event, json!({})).await.expect_fault("/answers/meal", "required");
    answer(json!({"meal": null})).await.expect_fault("/answers/meal", "required");
    let wrong = answer(json!({"meal": "肉", "years": "三", "car": 1, "note/1": 5, "colour": "red"})).await;
    assert_eq!(wrong.json["errors"].as_array().unwrap().len(), 5);
    wrong
        .expect_fault("/answers/meal", "answer")
        .expect_fault("/answers/years", "answer")
        .expect_fault("/answers/car", "answer")
        .expect_fault("/answers/note~11", "answer")
        .expect_fault("/answers/colour", "unknown_field")
        .expect_problem(422, "invalid_field");
    answer(json!({"meal": "素食", "note/1": "a\u{0}b"})).await.expect_fault("/answers/note~11", "answer");
    answer(json!({"meal": "素食", "note/1": "x".repeat(2001)})).await.expect_fault("/answers/note~11", "answer");
    assert_eq!(app.seats(&event).await["seats_taken"], 0);
    let given = json!({"meal": "素食", "years": 3, "car": true, "note/1": "多谢"});
    let made = answer(given.clone()).await.expect(201);
    assert_eq!(alumnus.get(&made.path()).await.json["answers"], given);
}

#[actix_web::test]
async fn a_party_is_no_larger_than_the_event_allows() {
    let app = App::start().await;
    let alumnus = app.alumnus(1).await;
    let range = async |event: &str, size: i64, largest: f64| {
        let answer = alumnus.party(event, size).await;
        let fault = answer.json["errors"][0].clone();
        answer.expect_fault("/party_size", "range");
        assert_eq!(fault["params"]["max"].as_f64(), Some(largest), "{fault}");
    };
    let small = app.published_event(json!({"capacity": 9, "max_party": 3})).await;
    range(&small, 4, 3.0).await;
    // One that could never fit would block the queue for ever.
    let tiny = app.published_event(json!({"capacity": 2, "waitlist": true})).await;
    range(&tiny, 3, 2.0).await;
    let endless = app.published_event(json!({"capacity": null})).await;
    range(&endless, 101, 100.0).await;
    for size in [0, -1, i64::from(i32::MIN)] {
        alumnus.party(&small, size).await.expect_fault("/party_size", "range");
    }
    for size in [json!("2"), json!(1.5), json!(null), json!(10_000_000_000_u64)] {
        let answer = alumnus.register(&small, json!({"party_size": size})).await;
        assert_eq!((answer.status, &answer.json["errors"][0]["pointer"]), (422, &json!("/party_size")));
    }
    alumnus.register(&small, json!({"status": "confirmed"})).await.expect_fault("/status", "unknown_field");
    alumnus.register(&small, json!({"queue_position": 1})).await.expect_fault("/queue_position", "unknown_field");
    assert_eq!(app.seats(&small).await["seats_taken"], 0);
    alumnus.party(&small, 3).await.expect(201);
    alumnus.party(&tiny, 2).await.expect(201);
    alumnus.party(&endless, 100).await.expect(201);
}
