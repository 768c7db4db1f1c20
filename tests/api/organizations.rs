//! Organizations: applied for, found along both axes, seen by those who may, taken through their life.

use actix_web::http::Method;
use chrono::{Days, NaiveDate};
use homecoming::base::clock::day_in;
use serde_json::{Value, json};

use crate::support::{Answer, App, fresh_id};

mod lifecycle;

fn today(app: &App) -> NaiveDate {
    day_in(app.office.clock.now(), app.office.zone)
}

fn tomorrow(app: &App) -> NaiveDate {
    today(app) + Days::new(1)
}

/// A chapter in `preparing` below another, made by the office.
async fn chapter(app: &App, code: &str, parent: &str, more: Value) -> Answer {
    let mut body =
        json!({"kind": "regional_chapter", "name": code, "code": code, "parent_id": app.organization(parent).await});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.office().await.post("/organizations", body).await
}

async fn codes(app: &App, query: &str) -> Vec<String> {
    app.director().await.all_of(&format!("/organizations?{query}"), "code").await
}

#[actix_web::test]
async fn a_chapter_is_applied_for_read_and_changed() {
    let app = App::start().await;
    let (office, association) = (app.office().await, app.organization("association").await);
    let made =
        chapter(&app, "lhasa", "association", json!({"region_code": "540100", "country": "CN"})).await.expect(201);
    let path = format!("/organizations/{}", made.text("id"));
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!((made.text("status"), made.text("parent_id")), ("preparing".into(), association));
    assert_eq!(made.text("time_zone"), "Asia/Shanghai");
    assert_eq!(office.get(&path).await.expect(200).json, made.json);
    let changed = office
        .patch(&path, json!({"name": "拉萨校友会", "country": null, "time_zone": "Asia/Urumqi"}))
        .await
        .expect(200);
    assert_eq!((changed.text("name"), &changed.json["country"]), ("拉萨校友会".into(), &Value::Null));
    assert_eq!(changed.text("region_code"), "540100");
    assert_eq!(office.get(&path).await.json, changed.json);
    for fixed in ["code", "kind", "parent_id", "college_id", "status"] {
        office.patch(&path, json!({fixed: "x"})).await.expect_fault(&format!("/{fixed}"), "unknown_field");
    }
    office.call(Method::PATCH, &path).json(&json!({})).send().await.expect_problem(428, "version_required");
    let stale = office.call(Method::PATCH, &path).header("if-match", &made.header("etag")).json(&json!({})).send();
    stale.await.expect_problem(412, "stale_version");
    office.get(&format!("/organizations/{}", fresh_id())).await.expect_problem(404, "not_found");
    office.get("/organizations/shenzhen").await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn what_is_wrong_with_an_application_is_pointed_at() {
    let app = App::start().await;
    for (more, pointer, code) in [
        (json!({"kind": "club"}), "/kind", "unknown_value"),
        (json!({"name": ""}), "/name", "length"),
        (json!({"code": "A"}), "/code", "code"),
        (json!({"parent_id": null}), "/parent_id", "required"),
        (json!({"parent_id": fresh_id()}), "/parent_id", "not_found"),
        (json!({"college_id": fresh_id()}), "/college_id", "not_found"),
        (json!({"kind": "college_branch"}), "/college_id", "required"),
        (json!({"kind": "association"}), "/parent_id", "not_expected"),
        (json!({"region_code": "1"}), "/region_code", "region_code"),
        (json!({"region_code": "1234567"}), "/region_code", "region_code"),
        (json!({"region_code": "44%"}), "/region_code", "region_code"),
        (json!({"country": "china"}), "/country", "country"),
        (json!({"time_zone": "Asia/Nowhere"}), "/time_zone", "time_zone"),
        (json!({"status": "active"}), "/status", "unknown_field"),
    ] {
        chapter(&app, "new", "association", more).await.expect_fault(pointer, code);
    }
    chapter(&app, "shenzhen", "association", json!({})).await.expect_problem(409, "code_taken");
    let branch = json!({"kind": "college_branch", "college_id": app.college("cs").await});
    chapter(&app, "second", "association", branch).await.expect_problem(409, "branch_exists");
    let second = json!({"kind": "association", "name": "x", "code": "x"});
    app.office().await.post("/organizations", second).await.expect_problem(409, "association_exists");
    assert!(codes(&app, "code=new&code=second&code=x").await.is_empty());
}

#[actix_web::test]
async fn the_database_itself_refuses_a_tree_that_is_none() {
    use diesel_async::SimpleAsyncConnection as _;
    let app = App::start().await;
    let (association, shenzhen) = (app.organization("association").await, app.organization("shenzhen").await);
    let college = app.college("cs").await;
    let row = |kind: &str, parent: &str, college: &str, code: &str| {
        format!(
            "insert into organizations (id, kind, name, code, parent_id, college_id, time_zone, status, created_at, updated_at) \
             values (gen_random_uuid(), '{kind}', 'x', '{code}', {parent}, {college}, 'UTC', 'active', now(), now())"
        )
    };
    let (root, cs) = (format!("'{association}'"), format!("'{college}'"));
    let mut connection = app.database().await;
    for (constraint, sql) in [
        ("organizations_one_association_key", row("association", "null", "null", "x")),
        ("organizations_root_check", row("regional_chapter", "null", "null", "x")),
        ("organizations_root_check", row("association", &root, "null", "x")),
        ("organizations_branch_college_check", row("college_branch", &root, "null", "x")),
        ("organizations_one_live_branch_key", row("college_branch", &root, &cs, "x")),
        ("organizations_code_check", row("regional_chapter", &root, "null", "X Y")),
        ("organizations_code_key", row("regional_chapter", &root, "null", "shenzhen")),
        ("organizations_kind_check", row("club", &root, "null", "x")),
        ("organizations_parent_check", format!("update organizations set parent_id = id where id = '{shenzhen}'")),
        (
            "organization_ancestors_pkey",
            format!("insert into organization_ancestors values ('{shenzhen}', '{association}', 2)"),
        ),
        (
            "organization_ancestors_depth_check",
            format!("insert into organization_ancestors values ('{association}', '{shenzhen}', 0)"),
        ),
        (
            "organization_transitions_step_check",
            format!(
                "insert into organization_transitions (id, organization_id, from_status, to_status, happened_on, created_at) \
             values (gen_random_uuid(), '{shenzhen}', 'active', 'active', now(), now())"
            ),
        ),
    ] {
        let error = connection.batch_execute(&sql).await.expect_err(constraint).to_string();
        assert!(error.contains(constraint), "{constraint}: {error}");
    }
}

#[actix_web::test]
async fn the_ancestors_are_the_tree() {
    let app = App::start().await;
    let below = chapter(&app, "below", "cs-beijing", json!({})).await.expect(201);
    let deeper = json!({"kind": "industry_chapter", "name": "x", "code": "deeper", "parent_id": below.text("id")});
    app.office().await.post("/organizations", deeper).await.expect(201);
    let wrong = "with recursive up (organization_id, ancestor_id, depth) as ( \
            select id, id, 0 from organizations \
            union all select up.organization_id, o.parent_id, up.depth + 1 from up join organizations o on o.id = up.ancestor_id where o.parent_id is not null) \
        select count(*) from (table up except select organization_id, ancestor_id, depth::int from organization_ancestors) missing";
    assert_eq!(app.count(wrong).await, 0);
    assert_eq!(app.count("select max(depth)::int from organization_ancestors").await, 4);
}

#[actix_web::test]
async fn both_axes_are_one_question() {
    let app = App::start().await;
    let (association, branch) = (app.organization("association").await, app.organization("branch-cs").await);
    let cs = app.college("cs").await;
    chapter(&app, "haidian", "cs-beijing", json!({"region_code": "110108"})).await.expect(201);
    chapter(&app, "beijing-2", "association", json!({"region_code": "110000"})).await.expect(201);
    let beijing = codes(&app, "region_code=11").await;
    for code in ["haidian", "beijing-2", "cs-beijing"] {
        assert!(beijing.contains(&code.to_owned()), "{code} in {beijing:?}");
    }
    assert_eq!(codes(&app, "region_code=110108").await, ["haidian"]);
    assert_eq!(codes(&app, &format!("college_id={cs}")).await, ["branch-cs", "cs-beijing"]);
    assert_eq!(codes(&app, &format!("college_id={cs}&region_code=11")).await, ["cs-beijing"]);
    assert_eq!(codes(&app, &format!("parent_id={branch}")).await, ["cs-beijing"]);
    assert_eq!(codes(&app, &format!("parent_id={branch}&descendants=true")).await, ["cs-beijing", "haidian"]);
    assert_eq!(codes(&app, &format!("parent_id={branch}&descendants=true&region_code=1101")).await, ["haidian"]);
    assert_eq!(
        codes(&app, &format!("parent_id={association}&region_code=1101&descendants=false")).await,
        Vec::<String>::new()
    );
    let all = usize::try_from(app.count("select count(*) from organizations").await).unwrap();
    assert_eq!(codes(&app, &format!("parent_id={association}&descendants=true")).await.len(), all - 1);
    // What is no beginning of a code finds nothing, and brings no wildcard.
    for none in ["region_code=99", "region_code=xx", "region_code=11%25", "region_code=%25", "region_code=______"] {
        assert_eq!(codes(&app, none).await, Vec::<String>::new(), "{none}");
    }
    assert_eq!(codes(&app, "region_code=xx&region_code=110108").await, ["haidian"]);
    for (query, code) in [("q=深圳", "shenzhen"), ("q=SHENZHEN", "shenzhen")] {
        assert!(codes(&app, query).await.contains(&code.to_owned()), "{query}");
    }
    for literal in ["q=%25", "q=_", "q=%5C"] {
        assert_eq!(codes(&app, literal).await, Vec::<String>::new(), "{literal}");
    }
    assert_eq!(codes(&app, "kind=association&kind=college_branch").await.len(), 18);
    let director = app.director().await;
    director.get("/organizations?kind=club").await.expect_problem(400, "invalid_parameter");
    director.get("/organizations?region=11").await.expect_problem(400, "unknown_parameter");
    assert_eq!(director.paged("/organizations", 5).await.len(), all);
}

#[actix_web::test]
async fn what_is_not_active_is_seen_only_by_those_whose_grants_cover_it() {
    let app = App::start().await;
    let made = chapter(&app, "below", "cs-beijing", json!({})).await.expect(201);
    let path = format!("/organizations/{}", made.text("id"));
    let shenzhen = app.organization("shenzhen").await;
    let seeing = [
        app.admin().await,
        app.office().await,
        app.director().await,
        app.auditor().await,
        app.college_admin_of("cs").await,
        app.secretary_of("cs-beijing").await,
        app.sign_in("treasurer").await,
        app.holder("chapter_secretary", "organization", &made.text("id")).await,
    ];
    for actor in seeing {
        actor.get(&path).await.expect(200);
        assert_eq!(actor.all_of("/organizations?code=below", "code").await, ["below"]);
    }
    let strangers = [
        app.anyone(),
        app.alumnus(1).await,
        app.college_admin_of("econ").await,
        app.secretary_of("shenzhen").await,
        app.sign_in("liaison.2019").await,
        app.holder("treasurer", "organization", &shenzhen).await,
        // This role's grant covers it, but reads nothing of it.
        app.sign_in("receipts").await,
    ];
    for actor in strangers {
        actor.get(&path).await.expect_problem(404, "not_found");
        assert!(actor.paged("/organizations?code=below", 5).await.is_empty());
        assert!(actor.paged("/organizations?status=preparing&status=dissolved", 5).await.is_empty());
        actor.get(&format!("{path}/transitions")).await.expect_status_of_stranger();
    }
    let active = format!("/organizations/{shenzhen}");
    app.anyone().get(&active).await.expect(200);
    app.alumnus(1).await.patch(&active, json!({"name": "x"})).await.expect_problem(403, "not_allowed");
    app.secretary_of("cs-beijing").await.patch(&active, json!({"name": "x"})).await.expect_problem(403, "not_allowed");
    app.auditor().await.patch(&active, json!({"name": "x"})).await.expect_problem(403, "not_allowed");
    let own = app.secretary_of("shenzhen").await;
    own.patch(&active, json!({"name_en": "Shenzhen"})).await.expect(200);
    own.patch(&path, json!({"name": "x"})).await.expect_problem(404, "not_found");
    app.secretary_of("cs-beijing").await.patch(&path, json!({"name": "下"})).await.expect(200);
}

impl Answer {
    /// 404 for somebody, 401 for nobody.
    #[track_caller]
    fn expect_status_of_stranger(self) {
        assert!([401, 404].contains(&self.status), "{}", self.json);
    }
}

#[actix_web::test]
async fn a_college_applies_below_its_own_branch_and_in_its_own_name_only() {
    let app = App::start().await;
    let (cs, econ) = (app.college("cs").await, app.college("econ").await);
    let (own, other) = (app.organization("branch-cs").await, app.organization("branch-econ").await);
    let (association, below) = (app.organization("association").await, app.organization("cs-beijing").await);
    let admin = app.college_admin_of("cs").await;
    let body = |code: &str, parent: &str, more: Value| {
        let mut body = json!({"kind": "regional_chapter", "name": code, "code": code, "parent_id": parent});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    admin.post("/organizations", body("a1", &own, json!({"college_id": cs}))).await.expect(201);
    admin.post("/organizations", body("a2", &own, json!({}))).await.expect(201);
    admin.post("/organizations", body("a3", &below, json!({"college_id": cs}))).await.expect(201);
    for refused in [
        body("b1", &other, json!({"college_id": cs})),
        body("b2", &association, json!({"college_id": cs})),
        body("b3", &other, json!({"college_id": econ})),
        body("b4", &own, json!({"college_id": econ})),
    ] {
        admin.post("/organizations", refused).await.expect_problem(403, "not_allowed");
    }
    let hidden = chapter(&app, "hidden", "branch-econ", json!({})).await.expect(201).text("id");
    admin.post("/organizations", body("b5", &hidden, json!({}))).await.expect_fault("/parent_id", "not_found");
    let refused = [app.admin().await, app.secretary_of("cs-beijing").await, app.auditor().await, app.alumnus(1).await];
    for actor in refused {
        actor.post("/organizations", body("b6", &below, json!({}))).await.expect_problem(403, "not_allowed");
    }
    let anyone = app.anyone().post("/organizations", body("b7", &below, json!({}))).await;
    anyone.expect_problem(401, "not_signed_in");
    assert_eq!(
        codes(&app, "code=a1&code=a2&code=a3&code=b1&code=b2&code=b3&code=b4&code=b5&code=b6&code=b7").await,
        ["a1", "a2", "a3"]
    );
}
