//! Giving a registration up: by whom, until when, and once.

use actix_web::http::Method;
use serde_json::json;

use crate::support::App;

#[actix_web::test]
async fn one_gives_up_one_s_own_registration_and_may_come_back() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let alumnus = app.alumnus(1).await;
    let made = alumnus.party(&event, 2).await.expect(201);
    assert_eq!(app.seats(&event).await["seats_taken"], 2);
    alumnus.delete(&made.path()).await.expect(204);
    assert_eq!(app.seats(&event).await["seats_taken"], 0);
    assert_eq!(alumnus.get(&made.path()).await.text("status"), "withdrawn");
    let again = alumnus.party(&event, 1).await.expect(201);
    assert_ne!(again.json["id"], made.json["id"]);
    let mine = alumnus.all("/me/registrations").await;
    let here = mine.iter().filter(|row| row["event_id"] == made.json["event_id"]);
    let states: Vec<_> = here.map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["withdrawn", "confirmed"]);
}

#[actix_web::test]
async fn giving_up_twice_is_as_once() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 1})).await;
    let crowd = app.crowd(3).await;
    let mut made = vec![];
    for who in &crowd {
        made.push(who.party(&event, 1).await.expect(201).path());
    }
    for _ in 0..3 {
        crowd[0].delete(&made[0]).await.expect(204);
    }
    let tag = crowd[0].get(&made[0]).await.header("etag");
    crowd[0].delete(&made[0]).await.expect(204);
    assert_eq!(crowd[0].get(&made[0]).await.header("etag"), tag);
    assert_eq!(crowd[1].get(&made[1]).await.place(), ("confirmed", None));
    assert_eq!(crowd[2].get(&made[2]).await.place(), ("waitlisted", Some(1)));
    let seats = app.seats(&event).await;
    assert_eq!((&seats["seats_taken"], &seats["waiting"]), (&json!(1), &json!(1)));
}

#[actix_web::test]
async fn strangers_are_told_that_it_is_not_there_and_organizers_may() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let made = app.alumnus(1).await.party(&event, 1).await.expect(201).path();
    let strangers = [
        "alumnus2",
        "secretary.shijiazhuang",
        "college.cs",
        "college.econ",
        "admin",
        "auditor",
        "treasurer",
        "liaison.2019",
    ];
    for login in strangers {
        let actor = app.sign_in(login).await;
        for answer in [actor.get(&made).await, actor.delete(&made).await] {
            assert_eq!((answer.status, answer.text("code").as_str()), (404, "not_found"), "{login}");
        }
    }
    app.anyone().get(&made).await.expect_problem(401, "not_signed_in");
    app.anyone().delete(&made).await.expect_problem(401, "not_signed_in");
    let office = app.office().await;
    for id in ["01914a6b-7c00-7000-8000-000000000001", "x"] {
        office.delete(&format!("/registrations/{id}")).await.expect_problem(404, "not_found");
    }
    assert_eq!(app.seats(&event).await["seats_taken"], 1);
    for login in ["secretary.shenzhen", "office", "director"] {
        let actor = app.sign_in(login).await;
        let guest = actor.register(&event, json!({"guest_name": "来宾"})).await.expect(201).path();
        actor.delete(&guest).await.expect(204);
        assert_eq!(actor.get(&guest).await.text("status"), "withdrawn");
    }
    app.secretary_of("shenzhen").await.delete(&made).await.expect(204);
    assert_eq!(app.alumnus(1).await.get(&made).await.text("status"), "withdrawn");
    assert_eq!(app.seats(&event).await["seats_taken"], 0);
}

#[actix_web::test]
async fn nothing_is_given_up_after_the_event_or_when_it_is_cancelled() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let (past, cancelled) = (app.published_event(json!({})).await, app.published_event(json!({})).await);
    let alumnus = app.alumnus(1).await;
    let (one, two) =
        (alumnus.party(&past, 1).await.expect(201).path(), alumnus.party(&cancelled, 1).await.expect(201).path());
    secretary.put(&format!("{cancelled}/cancellation"), json!({})).await.expect(200);
    alumnus.delete(&two).await.expect_problem(409, "registration_closed");
    let times = secretary.get(&past).await.expect(200);
    app.at(&times.text("ends_at"));
    for actor in [&alumnus, &secretary] {
        actor.delete(&one).await.expect_problem(409, "registration_closed");
    }
    assert_eq!(alumnus.get(&one).await.place(), ("confirmed", None));
    secretary.put(&format!("{past}/completion"), json!({})).await.expect(200);
    alumnus.delete(&one).await.expect_problem(409, "registration_closed");
    assert_eq!(app.seats(&past).await["seats_taken"], 1);
    assert_eq!(app.seats(&cancelled).await["seats_taken"], 1);
}

#[actix_web::test]
async fn giving_up_honours_if_match() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 1})).await;
    let crowd = app.crowd(2).await;
    let first = crowd[0].party(&event, 1).await.expect(201);
    let second = crowd[1].party(&event, 1).await.expect(201);
    crowd[0].delete(&first.path()).await.expect(204);
    // The second has moved up meanwhile: what it knew is stale.
    let path = second.path();
    let delete = async |tag: String| {
        let call = crowd[1].call(Method::DELETE, &path).header("if-match", &tag);
        call.send().await
    };
    delete(second.header("etag")).await.expect_problem(412, "stale_version");
    assert_eq!(crowd[1].get(&path).await.place(), ("confirmed", None));
    delete(crowd[1].get(&path).await.header("etag")).await.expect(204);
}
