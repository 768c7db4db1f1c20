//! Who sees whom, and who changes whom.

use serde_json::{Value, json};

use super::{make, study};
use crate::support::App;

#[actix_web::test]
async fn office_and_auditor_see_everybody() {
    let app = App::start().await;
    let everybody = usize::try_from(app.count("select count(*) from people").await).unwrap();
    for actor in [app.office().await, app.director().await, app.auditor().await] {
        let people = actor.paged("/people", 100).await;
        assert_eq!(people.len(), everybody);
        let path = format!("/people/{}", people[0]["id"].as_str().unwrap());
        actor.get(&path).await.expect(200);
        assert!(!actor.get(&format!("{path}/educations")).await.expect(200).items().is_empty());
    }
}

#[actix_web::test]
async fn a_college_sees_its_own_people_and_no_others() {
    let app = App::start().await;
    for college in ["cs", "econ"] {
        let id = app.college(college).await;
        let expected = app
            .texts(&format!(
                "select distinct person_id::text as text from educations where college_id = '{id}' order by 1"
            ))
            .await;
        assert!(!expected.is_empty());
        let admin = app.college_admin_of(college).await;
        assert_eq!(admin.all_of("/people", "id").await, expected, "{college}");
        admin.get(&format!("/people/{}", expected[0])).await.expect(200);
    }
    let foreign = make(&app, json!({})).await;
    study(&app, &foreign, json!({"college_id": app.college("econ").await})).await;
    let cs = app.college_admin_of("cs").await;
    for path in [foreign.clone(), format!("{foreign}/educations")] {
        cs.get(&path).await.expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn who_studies_in_a_college_comes_into_its_sight_and_who_leaves_it_goes() {
    let app = App::start().await;
    let (cs, office) = (app.college_admin_of("cs").await, app.office().await);
    let person = make(&app, json!({})).await;
    cs.get(&person).await.expect_problem(404, "not_found");
    let body = json!({"college_id": app.college("cs").await});
    let first = study(&app, &person, body.clone()).await;
    cs.get(&person).await.expect(200);
    let second = study(&app, &person, body).await;
    office.delete(&first).await.expect(204);
    cs.get(&person).await.expect(200);
    office.delete(&second).await.expect(204);
    cs.get(&person).await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn a_liaison_sees_the_own_class_and_changes_nobody() {
    let app = App::start().await;
    let liaison = app.sign_in("liaison.2019").await;
    let class = liaison.get("/me").await.json["grants"][0]["scope"]["id"].as_str().unwrap().to_owned();
    let expected = app
        .texts(&format!(
            "select distinct person_id::text as text from educations where class_group_id = '{class}' order by 1"
        ))
        .await;
    assert!(expected.len() > 1);
    assert_eq!(liaison.all_of("/people", "id").await, expected);
    let path = format!("/people/{}", expected[0]);
    liaison.get(&format!("{path}/educations")).await.expect(200);
    liaison.patch(&path, json!({"city": "x"})).await.expect_problem(403, "not_allowed");
    // Who leaves the class leaves its liaison's sight.
    let education = app.office().await.get(&format!("{path}/educations")).await.items()[0]["id"].clone();
    let education = format!("{path}/educations/{}", education.as_str().unwrap());
    app.office().await.patch(&education, json!({"class_group_id": null})).await.expect(200);
    let gone = liaison.get(&path).await;
    let own = liaison.get("/me").await.text("person_id");
    assert_eq!(gone.status, if path.ends_with(&own) { 200 } else { 404 });
}

#[actix_web::test]
async fn an_alumnus_sees_only_the_own_record_and_changes_nothing() {
    let app = App::start().await;
    let alumnus = app.alumnus(1).await;
    let own = alumnus.get("/me").await.text("person_id");
    assert_eq!(alumnus.all_of("/people", "id").await, std::slice::from_ref(&own));
    let other = app.alumnus(2).await.get("/me").await.text("person_id");
    alumnus.get(&format!("/people/{own}")).await.expect(200);
    assert_eq!(alumnus.get(&format!("/people/{own}/educations")).await.expect(200).items().len(), 1);
    alumnus.patch(&format!("/people/{own}"), json!({"city": "x"})).await.expect_problem(403, "not_allowed");
    alumnus.patch(&format!("/people/{other}"), json!({"city": "x"})).await.expect_problem(404, "not_found");
    let body = json!({"college_id": app.college("cs").await});
    let educations = |id: &str| format!("/people/{id}/educations");
    alumnus.post(&educations(&own), body.clone()).await.expect_problem(403, "not_allowed");
    alumnus.post(&educations(&other), body).await.expect_problem(404, "not_found");
    alumnus.get(&educations(&other)).await.expect_problem(404, "not_found");
    alumnus.post("/people", json!({"name": "x"})).await.expect_problem(403, "not_allowed");
}

#[actix_web::test]
async fn chapters_and_accounts_without_a_person_see_nobody_yet() {
    let app = App::start().await;
    let secretary = app.secretary_of("shenzhen").await;
    let own = secretary.get("/me").await.text("person_id");
    assert_eq!(secretary.all_of("/people", "id").await, [own]);
    let stranger = app.alumnus(1).await.get("/me").await.text("person_id");
    secretary.get(&format!("/people/{stranger}")).await.expect_problem(404, "not_found");
    for actor in [app.admin().await, app.sign_in("treasurer").await, app.sign_in("receipts").await] {
        assert_eq!(actor.paged("/people", 100).await.len(), 0);
        actor.get(&format!("/people/{stranger}")).await.expect_problem(404, "not_found");
    }
    app.anyone().get("/people").await.expect_problem(401, "not_signed_in");
    app.anyone().get(&format!("/people/{stranger}")).await.expect_problem(401, "not_signed_in");
}

#[actix_web::test]
async fn a_college_changes_its_own_people_and_only_their_studies_in_it() {
    let app = App::start().await;
    let (cs, econ) = (app.college("cs").await, app.college("econ").await);
    let admin = app.college_admin_of("cs").await;
    let (ours, theirs) = (make(&app, json!({})).await, make(&app, json!({})).await);
    let here = study(&app, &ours, json!({"college_id": cs})).await;
    let there = study(&app, &ours, json!({"college_id": econ})).await;
    study(&app, &theirs, json!({"college_id": econ})).await;
    assert_eq!(admin.patch(&ours, json!({"city": "青岛"})).await.expect(200).text("city"), "青岛");
    admin.patch(&theirs, json!({"city": "青岛"})).await.expect_problem(404, "not_found");
    admin.post("/people", json!({"name": "x"})).await.expect_problem(403, "not_allowed");
    // The study elsewhere is seen, for the person is, but it is not theirs to change.
    admin.get(&there).await.expect(200);
    admin.patch(&there, json!({"major": "x"})).await.expect_problem(403, "not_allowed");
    admin.delete(&there).await.expect_problem(403, "not_allowed");
    admin.patch(&here, json!({"major": "x"})).await.expect(200);
    let add = |college: &str| json!({"college_id": college});
    admin.post(&format!("{ours}/educations"), add(&econ)).await.expect_problem(403, "not_allowed");
    admin.post(&format!("{theirs}/educations"), add(&cs)).await.expect_problem(404, "not_found");
    admin.post(&format!("{ours}/educations"), add(&cs)).await.expect(201);
    admin.delete(&here).await.expect(204);
}

#[actix_web::test]
async fn readers_change_nothing() {
    let app = App::start().await;
    let person = make(&app, json!({})).await;
    let education = study(&app, &person, json!({"college_id": app.college("cs").await})).await;
    let auditor = app.auditor().await;
    auditor.post("/people", json!({"name": "x"})).await.expect_problem(403, "not_allowed");
    auditor.patch(&person, json!({"city": "x"})).await.expect_problem(403, "not_allowed");
    auditor.patch(&education, json!({"major": "x"})).await.expect_problem(403, "not_allowed");
    auditor.delete(&education).await.expect_problem(403, "not_allowed");
    let admin = app.admin().await;
    admin.post("/people", json!({"name": "x"})).await.expect_problem(403, "not_allowed");
    admin.patch(&person, json!({"city": "x"})).await.expect_problem(404, "not_found");
    app.anyone().post("/people", json!({"name": "x"})).await.expect_problem(401, "not_signed_in");
    assert_eq!(app.office().await.get(&person).await.json["city"], serde_json::Value::Null);
}

#[actix_web::test]
async fn how_much_of_a_person_one_sees_depends_on_who_keeps_the_records() {
    let app = App::start().await;
    let liaison = app.sign_in("liaison.2019").await;
    let class = liaison.get("/me").await.expect(200).json["grants"][0]["scope"]["id"].as_str().unwrap().to_owned();
    let office = app.office().await;
    let people = office.get(&format!("/people?class_group_id={class}&limit=100")).await.expect(200);
    let own = liaison.get("/me").await.expect(200).text("person_id");
    let classmate =
        people.items().iter().find(|person| person["id"] != *own && person["birth_year"].is_number()).unwrap();
    let path = format!("/people/{}", classmate["id"].as_str().unwrap());

    let whole = office.get(&path).await.expect(200).json;
    assert!(whole["birth_year"].is_number() && whole["city"].is_string());
    let outline = liaison.get(&path).await.expect(200).json;
    assert_eq!(
        (&outline["name"], &outline["birth_year"], &outline["city"]),
        (&whole["name"], &Value::Null, &Value::Null)
    );
    let masked = app.auditor().await.get(&path).await.expect(200).json;
    let first: String = whole["name"].as_str().unwrap().chars().take(1).collect();
    assert_eq!((masked["name"].as_str().unwrap(), &masked["city"]), (format!("{first}＊").as_str(), &Value::Null));

    let studies = format!("{path}/educations");
    assert!(office.get(&studies).await.expect(200).items()[0]["student_no"].is_string());
    assert!(liaison.get(&studies).await.expect(200).items()[0]["student_no"].is_null());
    let listed = liaison.get("/people?limit=100").await.expect(200);
    let others = listed.items().iter().filter(|person| person["id"] != *own);
    assert!(others.clone().count() > 0 && others.into_iter().all(|person| person["birth_year"].is_null()));
}
