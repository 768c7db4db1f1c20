//! Lists of registrations: of an event for its organizers, of oneself.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::support::App;

#[actix_web::test]
async fn the_list_of_those_who_come_is_not_there_for_others() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    app.alumnus(1).await.party(&event, 1).await.expect(201);
    let list = format!("{event}/registrations");
    for login in ["secretary.shenzhen", "office", "director"] {
        assert_eq!(app.sign_in(login).await.get(&list).await.expect(200).items().len(), 1, "{login}");
    }
    let others = [
        "alumnus1",
        "alumnus2",
        "secretary.shijiazhuang",
        "secretary.cs-beijing",
        "college.cs",
        "admin",
        "auditor",
        "treasurer",
        "receipts",
        "liaison.2019",
    ];
    for login in others {
        let answer = app.sign_in(login).await.get(&list).await;
        assert_eq!((answer.status, answer.text("code").as_str()), (404, "not_found"), "{login}");
    }
    app.anyone().get(&list).await.expect_problem(401, "not_signed_in");
    app.office()
        .await
        .get("/events/01914a6b-7c00-7000-8000-000000000001/registrations")
        .await
        .expect_problem(404, "not_found");
}

#[actix_web::test]
async fn a_list_is_filtered_by_status_and_counted() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 2})).await;
    let crowd = app.crowd(5).await;
    let mut made = vec![];
    for who in &crowd {
        made.push(who.party(&event, 1).await.expect(201).path());
    }
    crowd[4].delete(&made[4]).await.expect(204);
    let secretary = app.secretary_of("shenzhen").await;
    let count = async |query: &str| {
        let page = secretary.get(&format!("{event}/registrations?include_total=true&limit=1{query}")).await.expect(200);
        assert_eq!(page.items().len(), 1);
        page.json["total"].as_i64().unwrap()
    };
    assert_eq!(count("").await, 5);
    assert_eq!(count("&status=confirmed").await, 2);
    assert_eq!(count("&status=waitlisted").await, 2);
    assert_eq!(count("&status=withdrawn").await, 1);
    assert_eq!(count("&status=confirmed&status=waitlisted").await, 4);
    for query in ["status=gone", "limit=0", "limit=101", "cursor=x"] {
        secretary.get(&format!("{event}/registrations?{query}")).await.expect_problem(400, "invalid_parameter");
    }
    secretary.get(&format!("{event}/registrations?person_id=x")).await.expect_problem(400, "unknown_parameter");
    app.alumnus(1).await.get("/me/registrations?status=confirmed").await.expect_problem(400, "unknown_parameter");
}

#[actix_web::test]
async fn every_registration_comes_once_while_others_are_made_between_pages() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 3})).await;
    let crowd = app.crowd(25).await;
    let mut crowd = crowd.iter();
    let mut before = vec![];
    for who in crowd.by_ref().take(10) {
        before.push(who.party(&event, 1).await.expect(201).text("id"));
    }
    let secretary = app.secretary_of("shenzhen").await;
    let (mut seen, mut cursor): (HashMap<String, usize>, _) = (HashMap::new(), String::new());
    loop {
        let page = secretary.get(&format!("{event}/registrations?limit=3{cursor}")).await.expect(200);
        for row in page.items() {
            *seen.entry(row["id"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        if let Some(who) = crowd.next() {
            who.party(&event, 1).await.expect(201);
        }
        match page.json["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(before.iter().all(|id| seen.get(id) == Some(&1)));
    assert!(seen.values().all(|times| *times == 1));
}

#[actix_web::test]
async fn a_cursor_of_one_event_does_not_open_another() {
    let app = App::start().await;
    let (one, two) = (app.published_event(json!({})).await, app.published_event(json!({})).await);
    for who in app.crowd(3).await {
        who.party(&one, 1).await.expect(201);
    }
    let secretary = app.secretary_of("shenzhen").await;
    let next = secretary.get(&format!("{one}/registrations?limit=1")).await.text("next");
    for path in [
        format!("{two}/registrations?cursor={next}"),
        format!("{one}/registrations?status=confirmed&cursor={next}"),
        format!("/me/registrations?cursor={next}"),
    ] {
        secretary.get(&path).await.expect_problem(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn one_sees_one_s_own_registrations_and_nobody_else_s() {
    let app = App::start().await;
    let crowd = app.crowd(2).await;
    let (one, two) = (&crowd[0], &crowd[1]);
    app.sql("delete from registrations").await;
    let mut events = vec![];
    for _ in 0..3 {
        let event = app.published_event(json!({"capacity": 1})).await;
        one.party(&event, 1).await.expect(201);
        two.party(&event, 1).await.expect(201);
        events.push(event.trim_start_matches("/events/").to_owned());
    }
    let page = one.get("/me/registrations?limit=2&include_total=true").await.expect(200);
    assert_eq!((page.items().len(), &page.json["total"]), (2, &json!(3)));
    let mine = one.all("/me/registrations").await;
    let of: Vec<_> = mine.iter().map(|row| row["event_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(of, events);
    assert!(mine.iter().all(|row| row["status"] == "confirmed"));
    let theirs = two.all("/me/registrations").await;
    assert!(theirs.iter().all(|row| row["queue_position"] == 1 && row["ticket"] == Value::Null));
    app.anyone().get("/me/registrations").await.expect_problem(401, "not_signed_in");
    assert_eq!(app.office().await.get("/me/registrations").await.expect(200).items().len(), 0);
}
