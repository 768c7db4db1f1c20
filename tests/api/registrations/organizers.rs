//! Registering somebody else is the organizers' alone; so is the list.

use serde_json::{Value, json};

use crate::support::App;

#[actix_web::test]
async fn an_organizer_registers_a_person_and_a_guest() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": 3})).await;
    let alumnus = app.alumnus(2).await;
    let me = alumnus.get("/me").await.expect(200);
    let secretary = app.secretary_of("shenzhen").await;
    let person =
        secretary.register(&event, json!({"person_id": me.json["person_id"], "party_size": 2})).await.expect(201);
    assert_eq!(person.json["person_id"], me.json["person_id"]);
    assert_eq!((&person.json["guest_name"], person.text("name")), (&Value::Null, me.text("name")));
    let guest = secretary.register(&event, json!({"guest_name": "  来宾甲 "})).await.expect(201);
    assert_eq!((&guest.json["person_id"], guest.text("name")), (&Value::Null, "来宾甲".to_owned()));
    assert_eq!(guest.text("guest_name"), "来宾甲");
    // Guests may bear one name; each is somebody.
    let second = secretary.register(&event, json!({"guest_name": "来宾甲"})).await.expect(201);
    assert_eq!(second.place(), ("waitlisted", Some(1)));
    let mine = alumnus.all("/me/registrations").await;
    assert!(mine.iter().any(|row| row["id"] == person.json["id"]));
    alumnus.get(&person.path()).await.expect(200);
    assert_eq!(app.seats(&event).await["seats_taken"], 3);
    let own = secretary.register(&event, json!({})).await.expect(201);
    assert_eq!(own.json["person_id"], secretary.get("/me").await.json["person_id"]);
}

#[actix_web::test]
async fn the_office_and_the_college_register_others_where_their_grants_reach() {
    let app = App::start().await;
    let event = app.published_event(json!({"capacity": null})).await;
    let guest = json!({"guest_name": "来宾"});
    for login in ["office", "director", "secretary.shenzhen"] {
        let answer = app.sign_in(login).await.register(&event, guest.clone()).await;
        assert_eq!(answer.status, 201, "{login}: {}", answer.json);
    }
    let others = ["alumnus1", "secretary.shijiazhuang", "college.cs", "auditor", "admin", "treasurer", "liaison.2019"];
    let person = app.alumnus(5).await.get("/me").await.text("person_id");
    for login in others {
        let actor = app.sign_in(login).await;
        for body in [guest.clone(), json!({"person_id": person})] {
            let answer = actor.register(&event, body).await;
            assert_eq!((answer.status, answer.text("code").as_str()), (403, "not_allowed"), "{login}");
        }
    }
    app.anyone().register(&event, guest).await.expect_problem(401, "not_signed_in");
    assert_eq!(app.seats(&event).await["seats_taken"], 3);
}

#[actix_web::test]
async fn a_check_in_device_registers_nobody() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let id = event.trim_start_matches("/events/");
    app.grant("alumnus3", json!({"role": "check_in", "scope": {"kind": "event", "id": id}})).await;
    let device = app.alumnus(3).await;
    device.register(&event, json!({"guest_name": "来宾"})).await.expect_problem(403, "not_allowed");
    let person = app.alumnus(1).await.register(&event, json!({})).await.expect(201);
    let rows = device.all(&format!("{event}/registrations")).await;
    assert_eq!(rows.len(), 1);
    device.get(&person.path()).await.expect(200);
    device.delete(&person.path()).await.expect_problem(403, "not_allowed");
    let other = app.published_event(json!({})).await;
    device.get(&format!("{other}/registrations")).await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn one_names_a_person_or_a_guest_who_is_there() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let secretary = app.secretary_of("shenzhen").await;
    let nobody = "01914a6b-7c00-7000-8000-000000000001";
    secretary
        .register(&event, json!({"person_id": nobody, "guest_name": "来宾"}))
        .await
        .expect_fault("/guest_name", "one_of");
    secretary.register(&event, json!({ "person_id": nobody })).await.expect_fault("/person_id", "not_found");
    secretary.register(&event, json!({"person_id": "x"})).await.expect_fault("/person_id", "type");
    secretary.register(&event, json!({"guest_name": " "})).await.expect_fault("/guest_name", "length");
    secretary.register(&event, json!({"guest_name": "来".repeat(101)})).await.expect_fault("/guest_name", "length");
    let seats = app.seats(&event).await;
    assert_eq!((&seats["seats_taken"], &seats["waiting"]), (&json!(0), &json!(0)));
}

#[actix_web::test]
async fn an_account_without_a_person_cannot_register_itself() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    for login in ["office", "auditor", "admin", "college.cs"] {
        let actor = app.sign_in(login).await;
        let answer = actor.register(&event, json!({})).await;
        assert_eq!((answer.status, answer.text("code").as_str()), (403, "not_allowed"), "{login}");
        assert_eq!(actor.get("/me/registrations").await.expect(200).items().len(), 0);
    }
    assert_eq!(app.seats(&event).await["seats_taken"], 0);
}
