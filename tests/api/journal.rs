//! The journal: who, when, why of every write, and nothing of a person.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, App, draft_body};

mod chain;

/// The entries of one request: act, actor, kind and id of the subject, fields.
async fn entries(app: &App, answer: &Answer) -> Vec<String> {
    let request = answer.header("x-request-id");
    let sql = "select concat_ws(' ', act, actor_id::text, subject_kind, subject_id::text, array_to_string(fields, ',')) as text from journal_entries";
    app.texts(&format!("{sql} where request_id = '{request}' order by id")).await
}

async fn all(app: &App) -> i64 {
    app.count("select count(*) from journal_entries").await
}

/// An answer whose request left exactly this entry, by that actor.
async fn told(app: &App, actor: &Actor, answer: Answer, act: &str, kind: &str, fields: &str) -> Answer {
    assert!([200, 201, 204].contains(&answer.status), "{act}: {}", answer.json);
    let found = entries(app, &answer).await;
    assert_eq!(found.len(), 1, "{act}: {found:?}");
    let start = format!("{act} {} {kind} ", actor.account().await);
    assert!(found[0].starts_with(&start) && found[0].ends_with(fields), "{start}…{fields}: {found:?}");
    if answer.json["id"].is_string() && kind != "organization" {
        assert!(found[0].contains(&answer.text("id")), "{found:?}");
    }
    answer
}

#[actix_web::test]
async fn every_write_leaves_an_entry_with_who_what_and_the_request() {
    let app = App::start().await;
    let (office, admin) = (app.office().await, app.admin().await);
    let made = office.post("/colleges", json!({"code": "new", "name": "x"})).await;
    let college = told(&app, &office, made, "college.created", "college", "").await.text("id");
    let changed = office.patch(&format!("/colleges/{college}"), json!({"name": "y", "campus": null})).await;
    told(&app, &office, changed, "college.updated", "college", "campus,name").await;
    let new = json!({"college_id": college, "major": "x", "entry_year": 2000});
    let made = office.post("/class-groups", new).await;
    let class = told(&app, &office, made, "class_group.created", "class_group", "").await.text("id");
    let changed = office.patch(&format!("/class-groups/{class}"), json!({"headcount": 1})).await;
    told(&app, &office, changed, "class_group.updated", "class_group", "headcount").await;

    let made = office.post("/people", json!({"name": "张三"})).await;
    let person = format!("/people/{}", told(&app, &office, made, "person.created", "person", "").await.text("id"));
    let changed = office.patch(&person, json!({"city": "x", "title": "y"})).await;
    told(&app, &office, changed, "person.updated", "person", "city,title").await;
    let made = office.post(&format!("{person}/educations"), json!({"college_id": college})).await;
    let education = told(&app, &office, made, "education.created", "education", "").await.text("id");
    let education = format!("{person}/educations/{education}");
    let changed = office.patch(&education, json!({"major": "x"})).await;
    told(&app, &office, changed, "education.updated", "education", "major").await;
    told(&app, &office, office.delete(&education).await, "education.deleted", "education", "").await;

    let parent = app.organization("association").await;
    let new = json!({"kind": "regional_chapter", "name": "x", "code": "new", "parent_id": parent});
    let made = office.post("/organizations", new).await;
    let chapter = told(&app, &office, made, "organization.created", "organization", "").await.text("id");
    let chapter = format!("/organizations/{chapter}");
    let changed = office.patch(&chapter, json!({"name_en": "x"})).await;
    told(&app, &office, changed, "organization.updated", "organization", "name_en").await;
    let step = office.post(&format!("{chapter}/transitions"), json!({"to": "approved", "on": "2019-05-18"})).await;
    told(&app, &office, step, "organization.transitioned", "organization", "").await;

    let made = office.post(&format!("{chapter}/events"), draft_body()).await;
    let event = format!("/events/{}", told(&app, &office, made, "event.created", "event", "").await.text("id"));
    let changed = office.patch(&event, json!({"summary": "x"})).await;
    told(&app, &office, changed, "event.updated", "event", "summary").await;
    for (noun, act) in
        [("submission", "event.submitted"), ("approval", "event.approved"), ("cancellation", "event.cancelled")]
    {
        let step = office.put(&format!("{event}/{noun}"), json!({})).await;
        told(&app, &office, step, act, "event", "").await;
    }
    let again = office.put(&format!("{event}/cancellation"), json!({})).await.expect(200);
    assert!(entries(&app, &again).await.is_empty(), "what is done already changes nothing");

    let (account, somebody) = app.somebody().await;
    let given =
        admin.post(&format!("/accounts/{account}/grants"), json!({"role": "auditor", "scope": {"kind": "all"}})).await;
    let grant = told(&app, &admin, given, "grant.created", "grant", "").await.text("id");
    told(&app, &admin, admin.delete(&format!("/grants/{grant}")).await, "grant.deleted", "grant", "").await;
    let out = somebody.delete("/auth/tokens/current").await.expect(204);
    let found = entries(&app, &out).await;
    assert!(found.len() == 1 && found[0].starts_with(&format!("session.ended {account} session ")), "{found:?}");
}

#[actix_web::test]
async fn the_journal_holds_nothing_of_a_person() {
    let app = App::start().await;
    let office = app.office().await;
    let mut person = json!({
        "name": "CANARY-name", "name_latin": "CANARY-latin", "name_pinyin": "CANARY-pinyin", "former_names": ["CANARY-former"],
        "city": "CANARY-city", "employer": "CANARY-employer", "title": "CANARY-title", "industry": "CANARY-industry",
        "gender": "female", "birth_year": 1977, "country": "ZZ", "deceased_on": "1999-12-31",
    });
    let made = office.post_keyed("/people", "CANARY-key", person.clone()).await.expect(201);
    let path = format!("/people/{}", made.text("id"));
    person["name"] = json!("CANARY-other");
    office.patch(&path, person).await.expect(200);
    let study = json!({"college_id": app.college("cs").await, "major": "CANARY-major", "student_no": "CANARY-no"});
    let study = office.post(&format!("{path}/educations"), study).await.expect(201);
    office.patch(&format!("{path}/educations/{}", study.text("id")), json!({"major": "CANARY-m2"})).await.expect(200);
    let event = app.published_event(json!({"questions": [{"key": "q", "label": "x", "type": "text"}]})).await;
    let body = json!({"answers": {"q": "CANARY-answer"}, "guest_name": "CANARY-guest"});
    let registration = app.secretary_of("shenzhen").await.register(&event, body).await.expect(201);
    app.secretary_of("shenzhen").await.delete(&format!("/registrations/{}", registration.text("id"))).await.expect(204);
    // A refused one too, whose words could have come in by another way.
    office.post("/people", json!({"name": "CANARY-refused", "gender": "CANARY-gender"})).await.expect(422);
    // Short values are looked for as values: within an id they may stand by chance.
    let found = app
        .texts(
            r#"select e::text as text from journal_entries e
            where e::text ilike '%canary%' or e::text like '%1999-12-31%' or e.fields && '{ZZ,1977}'
                or jsonb_path_exists(e.facts, '$.** ? (@ == 1977 || @ == "1977" || @ == "ZZ")')"#,
        )
        .await;
    assert_eq!(found, Vec::<String>::new());
    // The control: these writes are in it, by the names of their fields.
    assert_eq!(
        app.count("select count(*) from journal_entries where act = 'person.updated' and 'employer' = any(fields)")
            .await,
        1
    );
    assert_eq!(app.count("select count(*) from people where name like 'CANARY%'").await, 1);
}

#[actix_web::test]
async fn a_refused_request_leaves_no_entry() {
    let app = App::start().await;
    let (office, alumnus) = (app.office().await, app.alumnus(1).await);
    let path = format!("/colleges/{}", app.college("cs").await);
    let shenzhen = format!("/organizations/{}", app.organization("shenzhen").await);
    let (event, admin) = (app.draft(json!({})).await, app.admin().await);
    let before = all(&app).await;
    let new = json!({"code": "cs", "name": "x"});
    app.anyone().post("/colleges", new.clone()).await.expect(401);
    alumnus.post("/colleges", new.clone()).await.expect(403);
    office.post("/colleges", new).await.expect(409);
    office.post("/colleges", json!({"code": "x"})).await.expect(422);
    office.post("/colleges?x=1", json!({"code": "x", "name": "x"})).await.expect(400);
    office.call(Method::PATCH, &path).json(&json!({"campus": "x"})).send().await.expect(428);
    let stale = office.call(Method::PATCH, &path).header("if-match", "\"0\"").json(&json!({"campus": "x"}));
    stale.send().await.expect(412);
    office.post(&format!("{shenzhen}/transitions"), json!({"to": "approved", "on": "2019-01-01"})).await.expect(409);
    app.secretary_of("shijiazhuang").await.put(&format!("{event}/submission"), json!({})).await.expect(404);
    admin.delete(&format!("/grants/{}", crate::support::fresh_id())).await.expect(404);
    let wrong = json!({"grant_type": "password", "email": "admin@demo.example", "password": "wrong wrong"});
    app.anyone().post("/auth/tokens", wrong).await.expect(401);
    // The secretary's sign-in, and nothing of what was refused.
    assert_eq!(all(&app).await, before + 1);
}

#[actix_web::test]
async fn without_its_entry_an_act_is_not_done() {
    let app = App::start().await;
    let office = app.office().await;
    app.sql("alter table journal_entries add constraint no_colleges check (act <> 'college.created') not valid").await;
    let failed = office.post_keyed("/colleges", "key-1", json!({"code": "new", "name": "x"})).await;
    assert_eq!((failed.status, failed.text("code").as_str()), (500, "internal"));
    assert!(!failed.json.to_string().contains("no_colleges"), "the cause is not told: {}", failed.json);
    assert_eq!(app.anyone().get("/colleges?code=new").await.items().len(), 0);
    app.sql("alter table journal_entries drop constraint no_colleges").await;
    // The key was not used up by the failure.
    office.post_keyed("/colleges", "key-1", json!({"code": "new", "name": "x"})).await.expect(201);
    assert_eq!(app.anyone().get("/colleges?code=new").await.items().len(), 1);
}

#[actix_web::test]
async fn a_repeated_request_with_the_same_key_leaves_one_entry() {
    let app = App::start().await;
    let office = app.office().await;
    let before = all(&app).await;
    for _ in 0..3 {
        office.post_keyed("/people", "same", json!({"name": "张三"})).await.expect(201);
    }
    assert_eq!(all(&app).await, before + 1);
}

#[actix_web::test]
async fn the_reason_and_the_states_of_a_step_are_told() {
    let app = App::start().await;
    let event = app.draft(json!({})).await;
    let office = app.office().await;
    app.secretary_of("shenzhen").await.put(&format!("{event}/submission"), json!({})).await.expect(200);
    let back = office.put(&format!("{event}/return"), json!({"reason": "请补充议程"})).await.expect(200);
    let sql = format!(
        "select facts::text || reason as text from journal_entries where request_id = '{}'",
        back.header("x-request-id")
    );
    let told = app.texts(&sql).await.remove(0);
    let (facts, reason) = told.split_once('}').unwrap();
    let facts: Value = serde_json::from_str(&format!("{facts}}}")).unwrap();
    assert_eq!((facts, reason), (json!({"from": "submitted", "to": "returned"}), "请补充议程"));
}

#[actix_web::test]
async fn the_database_itself_refuses_to_change_the_journal() {
    use diesel_async::SimpleAsyncConnection as _;
    let app = App::start().await;
    let mut connection = app.database().await;
    let seal = "update journal_entries set position = 1, hash = 'x' where id = (select min(id::text)::uuid from journal_entries)";
    connection.batch_execute(seal).await.unwrap();
    for sql in [
        "update journal_entries set act = 'x'",
        "update journal_entries set actor_id = null, reason = 'x'",
        "update journal_entries set facts = '{\"x\": 1}'",
        "update journal_entries set position = 2 where position = 1",
        "update journal_entries set position = null, hash = null where position = 1",
        "delete from journal_entries where position = 1",
        "delete from journal_entries where position is null",
        "truncate journal_entries",
    ] {
        let refused = connection.batch_execute(sql).await.expect_err(sql).to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
}
