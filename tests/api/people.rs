//! People and what they studied: entered, read aloud, found, and seen by those who may.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::{Actor, App, fresh_id};

mod sight;

async fn make(app: &App, more: Value) -> String {
    let mut body = json!({"name": "张三"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = app.office().await.post("/people", body).await.expect(201);
    format!("/people/{}", made.text("id"))
}

/// A study added by the office, as its path.
async fn study(app: &App, person: &str, body: Value) -> String {
    let path = format!("{person}/educations");
    let made = app.office().await.post(&path, body).await.expect(201);
    format!("{path}/{}", made.text("id"))
}

async fn found(actor: &Actor, query: &str, person: &str) -> bool {
    let ids = actor.all_of(&format!("/people?{query}"), "id").await;
    ids.iter().any(|id| person.ends_with(id))
}

#[actix_web::test]
async fn a_person_is_made_read_and_changed() {
    let app = App::start().await;
    let office = app.office().await;
    let new = json!({
        "name": " 王小明 ", "name_latin": "Xiaoming Wang", "former_names": ["王明"], "gender": "male", "birth_year": 1980, "city": "青岛",
        "country": "CN", "employer": "某公司", "title": "工程师", "industry": "software", "alumni_status": "verified", "key_contact": true,
        "deceased_on": "2020-02-29", "do_not_contact": true,
    });
    let made = office.post("/people", new).await.expect(201);
    let path = format!("/people/{}", made.text("id"));
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!((made.text("name"), made.text("name_pinyin")), ("王小明".into(), "wang xiao ming".into()));
    assert!(made.json.get("tokens").is_none() && made.json.get("version").is_none());
    let read = office.get(&path).await.expect(200);
    assert_eq!(read.json, made.json);
    assert_eq!(read.header("cache-control"), "private, no-store");
    let clear = json!({"city": null, "former_names": [], "deceased_on": null, "gender": null, "key_contact": false});
    let changed = office.patch(&path, clear).await.expect(200);
    for field in ["city", "deceased_on", "gender"] {
        assert_eq!(changed.json[field], Value::Null, "{field}");
    }
    assert_eq!((&changed.json["former_names"], &changed.json["key_contact"]), (&json!([]), &json!(false)));
    assert_eq!(changed.text("employer"), "某公司", "absent fields stay");
    assert_eq!(office.get(&path).await.json, changed.json);
    let least = office.post("/people", json!({"name": "李四"})).await.expect(201);
    assert_eq!((least.text("alumni_status").as_str(), &least.json["key_contact"]), ("unverified", &json!(false)));
    office.get(&format!("/people/{}", fresh_id())).await.expect_problem(404, "not_found");
    office.get("/people/nobody").await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn what_is_wrong_with_a_person_is_pointed_at() {
    let app = App::start().await;
    let office = app.office().await;
    let path = make(&app, json!({})).await;
    for (more, pointer, code) in [
        (json!({"name": ""}), "/name", "length"),
        (json!({"name": "名".repeat(101)}), "/name", "length"),
        (json!({"name": null}), "/name", "not_null"),
        (json!({"name": "a\u{7}b"}), "/name", "control_character"),
        (json!({"gender": "man"}), "/gender", "unknown_value"),
        (json!({"birth_year": 1800}), "/birth_year", "range"),
        (json!({"birth_year": 99_999}), "/birth_year", "type"),
        (json!({"country": "cn"}), "/country", "country"),
        (json!({"country": "CHN"}), "/country", "country"),
        (json!({"former_names": [""]}), "/former_names", "names"),
        (json!({"former_names": vec!["x"; 11]}), "/former_names", "length"),
        (json!({"alumni_status": "alumnus"}), "/alumni_status", "unknown_value"),
        (json!({"alumni_status": null}), "/alumni_status", "not_null"),
        (json!({"alumni_status": 1}), "/alumni_status", "type"),
        (json!({"gender": ["male"]}), "/gender", "type"),
        (json!({"deceased_on": "2019-02-29"}), "/deceased_on", "type"),
        (json!({"key_contact": "yes"}), "/key_contact", "type"),
        (json!({"id": fresh_id()}), "/id", "unknown_field"),
        (json!({"tokens": ["all"]}), "/tokens", "unknown_field"),
        (json!({"id_card": "x"}), "/id_card", "unknown_field"),
    ] {
        let mut body = json!({"name": "张三"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        office.post("/people", body).await.expect_fault(pointer, code);
        office.patch(&path, more).await.expect_fault(pointer, code);
    }
    let many = json!({"name": "", "country": "x", "birth_year": 1});
    let faults = office.post("/people", many).await.expect(422);
    assert_eq!(faults.json["errors"].as_array().unwrap().len(), 3, "all at once");
    office.call(Method::PATCH, &path).json(&json!({})).send().await.expect_problem(428, "version_required");
    let stale = office.call(Method::PATCH, &path).header("if-match", "\"0\"").json(&json!({})).send();
    stale.await.expect_problem(412, "stale_version");
    assert_eq!(office.get(&path).await.text("name"), "张三");
}

#[actix_web::test]
async fn a_name_is_read_as_a_surname_is() {
    let app = App::start().await;
    let office = app.office().await;
    for (name, reading) in [
        ("单小明", "shan xiao ming"),
        ("仇安然", "qiu an ran"),
        ("解海宁", "xie hai ning"),
        ("曾宇航", "zeng yu hang"),
        ("尉迟安", "yu chi an"),
        ("欧阳清", "ou yang qing"),
        ("Daniel  Whitfield", "daniel whitfield"),
    ] {
        let made = office.post("/people", json!({"name": name})).await.expect(201);
        assert_eq!(made.text("name_pinyin"), reading, "{name}");
    }
}

#[actix_web::test]
async fn a_corrected_reading_is_kept_until_the_name_changes() {
    let app = App::start().await;
    let office = app.office().await;
    let path = make(&app, json!({"name": "盖晓峰"})).await;
    assert_eq!(office.get(&path).await.text("name_pinyin"), "ge xiao feng");
    let corrected = office.patch(&path, json!({"name_pinyin": "gai xiao feng"})).await.expect(200);
    assert_eq!(corrected.text("name_pinyin"), "gai xiao feng");
    for other in [json!({"city": "泰安"}), json!({"name": "盖晓峰"})] {
        assert_eq!(office.patch(&path, other).await.expect(200).text("name_pinyin"), "gai xiao feng");
    }
    let renamed = office.patch(&path, json!({"name": "单晓峰"})).await.expect(200);
    assert_eq!(renamed.text("name_pinyin"), "shan xiao feng", "a new name is read anew");
    let both = json!({"name": "盖晓峰", "name_pinyin": "gai xiao feng"});
    assert_eq!(office.patch(&path, both).await.expect(200).text("name_pinyin"), "gai xiao feng");
    let given = office.post("/people", json!({"name": "乐乐", "name_pinyin": "le le"})).await.expect(201);
    assert_eq!(given.text("name_pinyin"), "le le");
}

#[actix_web::test]
async fn a_study_is_added_changed_and_taken_away() {
    let app = App::start().await;
    let (office, cs) = (app.office().await, app.college("cs").await);
    let person = make(&app, json!({})).await;
    let class = office.get(&format!("/class-groups?college_id={cs}&limit=1")).await.items()[0]["id"].clone();
    let body = json!({"college_id": cs, "major": "软件工程", "class_group_id": class, "level": "master", "entry_year": 2015, "graduation_year": 2018, "student_no": "S1"});
    let path = study(&app, &person, body).await;
    let read = office.get(&path).await.expect(200);
    assert_eq!((read.text("level"), read.json["entry_year"].as_i64()), ("master".into(), Some(2015)));
    assert_eq!(office.paged(&format!("{person}/educations"), 1).await, std::slice::from_ref(&read.json));
    let changed = office.patch(&path, json!({"graduation_year": 2019, "class_group_id": null})).await.expect(200);
    assert_eq!((&changed.json["graduation_year"], &changed.json["class_group_id"]), (&json!(2019), &Value::Null));
    office.patch(&path, json!({"graduation_year": 2014})).await.expect_fault("/graduation_year", "year_order");
    office.patch(&path, json!({"college_id": cs})).await.expect_fault("/college_id", "unknown_field");
    office.call(Method::PATCH, &path).json(&json!({})).send().await.expect_problem(428, "version_required");
    let stale = office.call(Method::DELETE, &path).header("if-match", &read.header("etag")).send().await;
    stale.expect_problem(412, "stale_version");
    office.delete(&path).await.expect(204);
    office.get(&path).await.expect_problem(404, "not_found");
    office.delete(&path).await.expect_problem(404, "not_found");
    assert_eq!(office.paged(&format!("{person}/educations"), 5).await.len(), 0);
}

#[actix_web::test]
async fn what_is_wrong_with_a_study_is_pointed_at() {
    let app = App::start().await;
    let (office, cs, econ) = (app.office().await, app.college("cs").await, app.college("econ").await);
    let (person, other) = (make(&app, json!({})).await, make(&app, json!({})).await);
    let educations = format!("{person}/educations");
    let foreign = office.get(&format!("/class-groups?college_id={econ}&limit=1")).await.items()[0]["id"].clone();
    for (more, pointer, code) in [
        (json!({"college_id": fresh_id()}), "/college_id", "not_found"),
        (json!({"class_group_id": foreign}), "/class_group_id", "not_found"),
        (json!({"class_group_id": fresh_id()}), "/class_group_id", "not_found"),
        (json!({"entry_year": 2000, "graduation_year": 1999}), "/graduation_year", "year_order"),
        (json!({"entry_year": 1}), "/entry_year", "range"),
        (json!({"level": "phd"}), "/level", "unknown_value"),
        (json!({"student_no": ""}), "/student_no", "length"),
        (json!({"person_id": fresh_id()}), "/person_id", "unknown_field"),
    ] {
        let mut body = json!({"college_id": cs});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        office.post(&educations, body).await.expect_fault(pointer, code);
    }
    office.post(&educations, json!({})).await.expect_fault("/college_id", "required");
    let mine = study(&app, &person, json!({"college_id": cs, "student_no": "S1"})).await;
    let body = json!({"college_id": cs, "student_no": "S1"});
    office.post(&format!("{other}/educations"), body).await.expect_problem(409, "student_no_taken");
    let second = study(&app, &person, json!({"college_id": econ, "student_no": "S2"})).await;
    office.patch(&second, json!({"student_no": "S1"})).await.expect_problem(409, "student_no_taken");
    let class = office.get(&format!("/class-groups?college_id={cs}&limit=1")).await.items()[0]["id"].clone();
    office.patch(&second, json!({"class_group_id": class})).await.expect_fault("/class_group_id", "not_found");
    // A study is read below its own person only.
    let elsewhere = mine.replace(&person, &other);
    office.get(&elsewhere).await.expect_problem(404, "not_found");
    office.delete(&elsewhere).await.expect_problem(404, "not_found");
    let nobody = format!("/people/{}/educations", fresh_id());
    office.get(&nobody).await.expect_problem(404, "not_found");
    office.post(&nobody, json!({"college_id": cs})).await.expect_problem(404, "not_found");
    office.get(&mine).await.expect(200);
}

#[actix_web::test]
async fn the_conditions_on_a_study_hold_of_one_and_the_same_study() {
    let app = App::start().await;
    let (office, cs, econ) = (app.office().await, app.college("cs").await, app.college("econ").await);
    let person = make(&app, json!({})).await;
    study(&app, &person, json!({"college_id": cs, "entry_year": 1990, "graduation_year": 1994})).await;
    study(&app, &person, json!({"college_id": econ, "entry_year": 1994, "graduation_year": 1997})).await;
    for (query, expected) in [
        ("graduation_year=1994".to_owned(), true),
        ("entry_year=1994".to_owned(), true),
        ("graduation_year=1990".to_owned(), false),
        ("entry_year=1990&graduation_year=1994".to_owned(), true),
        ("entry_year=1990&graduation_year=1997".to_owned(), false),
        (format!("college_id={cs}&graduation_year=1994"), true),
        (format!("college_id={cs}&graduation_year=1997"), false),
        (format!("college_id={cs}&college_id={econ}&graduation_year=1997"), true),
        (format!("college_id={econ}&entry_year=1990"), false),
    ] {
        assert_eq!(found(&office, &query, &person).await, expected, "{query}");
    }
}

#[actix_web::test]
async fn people_are_found_by_what_is_known_of_them() {
    let app = App::start().await;
    let office = app.office().await;
    let person = make(&app, json!({"city": "拉萨", "alumni_status": "non_alumnus", "key_contact": true})).await;
    for (query, expected) in [
        ("city=拉萨", true),
        ("city=昌都", false),
        ("city=昌都&city=拉萨", true),
        ("alumni_status=non_alumnus", true),
        ("alumni_status=verified", false),
        ("key_contact=true", true),
        ("key_contact=false", false),
        ("city=拉萨&key_contact=false", false),
    ] {
        assert_eq!(found(&office, query, &person).await, expected, "{query}");
    }
    office.get("/people?alumni_status=none").await.expect_problem(400, "invalid_parameter");
    office.get("/people?college_id=cs").await.expect_problem(400, "invalid_parameter");
    office.get("/people?graduation_year=1849").await.expect_problem(400, "invalid_parameter");
    office.get("/people?entry_year=2201").await.expect_problem(400, "invalid_parameter");
    office.get("/people?phone=1").await.expect_problem(400, "unknown_parameter");
    let all = office.all_of("/people", "id").await;
    let mut once = all.clone();
    once.dedup();
    assert_eq!(all, once);
    assert_eq!(i64::try_from(all.len()).unwrap(), app.count("select count(*) from people").await);
    let total = office.get("/people?limit=1&include_total=true").await.expect(200);
    assert_eq!(total.json["total"], all.len());
}

#[actix_web::test]
async fn a_page_shows_each_row_of_the_start_once_while_rows_are_added() {
    let app = App::start().await;
    let office = app.office().await;
    let start = office.all_of("/people", "id").await;
    let (mut seen, mut next) = (vec![], String::new());
    loop {
        let page = office.get(&format!("/people?limit=23{next}")).await.expect(200);
        seen.extend(page.items().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        make(&app, json!({})).await;
        match page.json["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    for id in &start {
        assert_eq!(seen.iter().filter(|one| *one == id).count(), 1);
    }
}
