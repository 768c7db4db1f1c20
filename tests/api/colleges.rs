//! Colleges and classes.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::{App, fresh_id};

#[actix_web::test]
async fn a_college_is_made_read_and_changed() {
    let app = App::start().await;
    let office = app.office().await;
    let new = json!({"code": "art", "name": "  艺术学院 ", "campus": "qingdao"});
    let made = office.post("/colleges", new).await.expect(201);
    let path = format!("/colleges/{}", made.text("id"));
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!(made.text("name"), "艺术学院", "trimmed");
    assert_eq!(made.json["name_en"], Value::Null, "there, though empty");
    let read = app.anyone().get(&path).await.expect(200);
    assert_eq!(read.json, made.json);
    assert_eq!(read.header("etag"), made.header("etag"));
    assert_eq!(read.header("cache-control"), "public, max-age=60");
    let changed = office.patch(&path, json!({"name_en": "College of Art", "campus": null})).await.expect(200);
    assert_eq!((changed.text("name"), changed.text("name_en")), ("艺术学院".into(), "College of Art".into()));
    assert_eq!(changed.json["campus"], Value::Null);
    assert_ne!(changed.header("etag"), read.header("etag"));
    assert_eq!(app.anyone().get(&path).await.json, changed.json);
    let known = app.anyone().call(Method::GET, &path).header("if-none-match", &changed.header("etag")).send().await;
    assert_eq!(known.status, 304);
    app.anyone().get(&format!("/colleges/{}", fresh_id())).await.expect_problem(404, "not_found");
    app.anyone().get("/colleges/cs").await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn colleges_are_listed_by_code_page_by_page() {
    let app = App::start().await;
    let anyone = app.anyone();
    let rows = anyone.paged("/colleges", 4).await;
    let codes: Vec<_> = rows.iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect();
    let mut sorted = codes.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(codes, sorted);
    assert_eq!(i64::try_from(codes.len()).unwrap(), app.count("select count(*) from colleges").await);
    let two = anyone.get("/colleges?code=cs&code=econ&include_total=true").await.expect(200);
    assert_eq!((two.items().len(), two.json["total"].as_i64(), &two.json["next"]), (2, Some(2), &Value::Null));
    assert_eq!(anyone.get("/colleges?code=none").await.expect(200).items().len(), 0);
    anyone.get("/colleges?name=x").await.expect_problem(400, "unknown_parameter");
    for limit in ["0", "101", "-1", "x"] {
        anyone.get(&format!("/colleges?limit={limit}")).await.expect_problem(400, "invalid_parameter");
    }
    // A cursor belongs to the question that it came from.
    let next = anyone.get("/colleges?limit=2").await.text("next");
    anyone.get(&format!("/colleges?limit=2&code=cs&cursor={next}")).await.expect_problem(400, "invalid_parameter");
    anyone.get(&format!("/colleges?limit=2&cursor={next}x")).await.expect_problem(400, "invalid_parameter");
}

#[actix_web::test]
async fn what_is_wrong_with_a_college_is_pointed_at() {
    let app = App::start().await;
    let office = app.office().await;
    for (body, pointer, code) in [
        (json!({"name": "x"}), "/code", "required"),
        (json!({"code": "x"}), "/name", "required"),
        (json!({"code": "CS", "name": "x"}), "/code", "code"),
        (json!({"code": "", "name": "x"}), "/code", "code"),
        (json!({"code": "c".repeat(41), "name": "x"}), "/code", "length"),
        (json!({"code": "x", "name": "   "}), "/name", "length"),
        (json!({"code": "x", "name": "名".repeat(201)}), "/name", "length"),
        (json!({"code": "x", "name": "a\u{0}b"}), "/name", "control_character"),
        (json!({"code": "x", "name": 1}), "/name", "type"),
        (json!({"code": "x", "name": null}), "/name", "not_null"),
        (json!({"code": "x", "name": "x", "id": fresh_id()}), "/id", "unknown_field"),
        (json!({"code": "x", "name": "x", "version": 9}), "/version", "unknown_field"),
    ] {
        office.post("/colleges", body).await.expect_fault(pointer, code);
    }
    office.post("/colleges", json!({"code": "cs", "name": "x"})).await.expect_problem(409, "code_taken");
    office.post("/colleges?x=1", json!({"code": "x", "name": "x"})).await.expect_problem(400, "unknown_parameter");
    let path = format!("/colleges/{}", app.college("cs").await);
    let before = app.anyone().get(&path).await.json;
    office.patch(&path, json!({"code": "x"})).await.expect_fault("/code", "unknown_field");
    office.patch(&path, json!({"name": null})).await.expect_fault("/name", "not_null");
    office
        .patch(&path, json!({"created_at": "2020-01-01T00:00:00Z"}))
        .await
        .expect_fault("/created_at", "unknown_field");
    assert_eq!(app.anyone().get(&path).await.json, before, "unchanged");
}

#[actix_web::test]
async fn a_change_needs_the_version_that_it_was_made_from() {
    let app = App::start().await;
    let office = app.office().await;
    let path = format!("/colleges/{}", app.college("cs").await);
    let etag = office.get(&path).await.header("etag");
    let patch = |tag: Option<String>, campus: &str| {
        let mut call = office.call(Method::PATCH, &path).json(&json!({"campus": campus}));
        if let Some(tag) = tag {
            call = call.header("if-match", &tag);
        }
        call.send()
    };
    patch(None, "a").await.expect_problem(428, "version_required");
    patch(Some("\"999\"".into()), "a").await.expect_problem(412, "stale_version");
    patch(Some(etag.clone()), "b").await.expect(200);
    patch(Some(etag.clone()), "c").await.expect_problem(412, "stale_version");
    patch(Some("*".into()), "d").await.expect(200);
    patch(Some(format!("\"998\", {}", office.get(&path).await.header("etag"))), "e").await.expect(200);
    assert_eq!(office.get(&path).await.text("campus"), "e");
    // Of two who saw the same version one is told.
    let etag = office.get(&path).await.header("etag");
    let (one, two) = futures::join!(patch(Some(etag.clone()), "f"), patch(Some(etag), "g"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[actix_web::test]
async fn only_office_and_administrator_change_colleges() {
    let app = App::start().await;
    let path = format!("/colleges/{}", app.college("cs").await);
    for (n, actor) in [app.admin().await, app.office().await, app.director().await].into_iter().enumerate() {
        actor.post("/colleges", json!({"code": format!("new-{n}"), "name": "x"})).await.expect(201);
        actor.patch(&path, json!({"campus": "x"})).await.expect(200);
    }
    let refused = [
        app.college_admin_of("cs").await,
        app.secretary_of("shenzhen").await,
        app.auditor().await,
        app.alumnus(1).await,
    ];
    for actor in refused {
        actor.post("/colleges", json!({"code": "zz", "name": "x"})).await.expect_problem(403, "not_allowed");
        actor.patch(&path, json!({"campus": "y"})).await.expect_problem(403, "not_allowed");
    }
    app.anyone().post("/colleges", json!({"code": "zz", "name": "x"})).await.expect_problem(401, "not_signed_in");
    assert_eq!(app.anyone().get(&path).await.text("campus"), "x");
    assert_eq!(app.anyone().get("/colleges?code=zz").await.items().len(), 0);
}

#[actix_web::test]
async fn a_class_is_made_read_and_changed_by_its_college() {
    let app = App::start().await;
    let (cs, econ) = (app.college("cs").await, app.college("econ").await);
    let admin = app.college_admin_of("cs").await;
    let new = json!({"college_id": cs, "major": "人工智能", "label": "1班", "entry_year": 2020, "headcount": 30});
    let made = admin.post("/class-groups", new.clone()).await.expect(201);
    let path = format!("/class-groups/{}", made.text("id"));
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!(made.json["graduation_year"], Value::Null);
    assert_eq!(app.alumnus(1).await.get(&path).await.expect(200).json, made.json);
    admin.post("/class-groups", new).await.expect_problem(409, "class_exists");
    // Without a label it is the same class as another without one.
    let plain = json!({"college_id": cs, "major": "人工智能", "entry_year": 2020});
    let second = admin.post("/class-groups", plain.clone()).await.expect(201);
    admin.post("/class-groups", plain).await.expect_problem(409, "class_exists");
    admin.patch(&path, json!({"label": null})).await.expect_problem(409, "class_exists");
    let changed = admin.patch(&path, json!({"graduation_year": 2024, "headcount": null})).await.expect(200);
    assert_eq!((&changed.json["graduation_year"], &changed.json["headcount"]), (&json!(2024), &Value::Null));
    admin.patch(&path, json!({"graduation_year": 2019})).await.expect_fault("/graduation_year", "year_order");
    let second = format!("/class-groups/{}", second.text("id"));
    admin.patch(&second, json!({"entry_year": null})).await.expect_fault("/graduation_year", "year_needed");
    admin.patch(&path, json!({"college_id": econ})).await.expect_fault("/college_id", "unknown_field");
    let foreign = json!({"college_id": econ, "major": "x", "entry_year": 2020});
    admin.post("/class-groups", foreign).await.expect_problem(403, "not_allowed");
    let other = app.college_admin_of("econ").await;
    other.patch(&path, json!({"major": "x"})).await.expect_problem(403, "not_allowed");
    let refused = [app.admin().await, app.secretary_of("shenzhen").await, app.auditor().await, app.alumnus(1).await];
    for actor in refused {
        let new = json!({"college_id": cs, "major": "x", "entry_year": 2021});
        actor.post("/class-groups", new).await.expect_problem(403, "not_allowed");
        actor.patch(&path, json!({"major": "x"})).await.expect_problem(403, "not_allowed");
    }
    app.anyone().get(&path).await.expect_problem(401, "not_signed_in");
    app.anyone().get("/class-groups").await.expect_problem(401, "not_signed_in");
    assert_eq!(admin.get(&path).await.json, changed.json);
}

#[actix_web::test]
async fn what_is_wrong_with_a_class_is_pointed_at() {
    let app = App::start().await;
    let office = app.office().await;
    let cs = app.college("cs").await;
    for (more, pointer, code) in [
        (json!({}), "/graduation_year", "year_needed"),
        (json!({"entry_year": 2000, "graduation_year": 1999}), "/graduation_year", "year_order"),
        (json!({"entry_year": 1849}), "/entry_year", "range"),
        (json!({"graduation_year": 2201}), "/graduation_year", "range"),
        (json!({"entry_year": 2000.5}), "/entry_year", "type"),
        (json!({"entry_year": "2000"}), "/entry_year", "type"),
        (json!({"entry_year": 2000, "headcount": -1}), "/headcount", "range"),
        (json!({"entry_year": 2000, "major": ""}), "/major", "length"),
        (json!({"entry_year": 2000, "college_id": fresh_id()}), "/college_id", "not_found"),
        (json!({"entry_year": 2000, "college_id": "x"}), "/college_id", "type"),
        (json!({"entry_year": 2000, "grade": 1}), "/grade", "unknown_field"),
    ] {
        let mut body = json!({"college_id": cs, "major": "物理"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        office.post("/class-groups", body).await.expect_fault(pointer, code);
    }
}

#[actix_web::test]
async fn classes_are_found_by_college_and_by_either_year_which_are_never_mixed() {
    let app = App::start().await;
    let alumnus = app.alumnus(1).await;
    let all = alumnus.paged("/class-groups", 9).await;
    assert_eq!(i64::try_from(all.len()).unwrap(), app.count("select count(*) from class_groups").await);
    let econ = app.college("econ").await;
    let matching = |field: &str, value: &Value| all.iter().filter(|class| class[field] == *value).count();
    for (query, expected) in [
        (format!("college_id={econ}"), matching("college_id", &json!(econ))),
        ("graduation_year=1969".into(), matching("graduation_year", &json!(1969))),
        ("entry_year=1969".into(), matching("entry_year", &json!(1969))),
        ("entry_year=1981".into(), matching("entry_year", &json!(1981))),
        (
            "graduation_year=2019&graduation_year=2020".into(),
            matching("graduation_year", &json!(2019)) + matching("graduation_year", &json!(2020)),
        ),
    ] {
        assert_eq!(alumnus.paged(&format!("/class-groups?{query}"), 3).await.len(), expected, "{query}");
    }
    assert!(matching("graduation_year", &json!(1969)) > 0 && matching("entry_year", &json!(1969)) == 0);
    alumnus.get("/class-groups?entry_year=x").await.expect_problem(400, "invalid_parameter");
    alumnus.get("/class-groups?year=1").await.expect_problem(400, "unknown_parameter");
}
