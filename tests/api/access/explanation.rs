//! What is explained is what is decided: compared with what the real calls answer, for every role and act.

use homecoming::access::Role;
use homecoming::access::policy::{Act, Who};
use homecoming::base::state::Word as _;
use serde_json::json;

use super::matrix::{Op, Things, is_allowed};
use crate::support::{Actor, Answer, App, fresh_id};

/// What an operation of the matrix is done to, as the explanation names it.
fn resource(things: &Things, op: &Op) -> Option<String> {
    if op.act == Act::CreateClassGroup {
        return Some(format!("college:{}", things.college));
    }
    if op.act == Act::CreateOrganization {
        let parent = op.parent();
        return Some(format!("organization:{parent}"));
    }
    let mut parts = op.path.trim_start_matches('/').split(['/', '?']);
    let kind = match parts.next()? {
        "people" => "person",
        "organizations" => "organization",
        "events" => "event",
        "colleges" => "college",
        "class-groups" => "class_group",
        "registrations" => "registration",
        _ => return None,
    };
    parts.next().filter(|id| id.len() == 36).map(|id| format!("{kind}:{id}"))
}

async fn explain(who: &Actor, act: &str, resource: Option<&str>, of: Option<&str>) -> Answer {
    let resource = resource.map_or(String::new(), |it| format!("&resource={it}"));
    let of = of.map_or(String::new(), |it| format!("&account_id={it}"));
    who.get(&format!("/access/explanation?action={act}{resource}{of}")).await
}

/// Everything in which the explanation and the calls differ for somebody.
async fn differences(things: &Things, who: &str, actor: &Actor, n: usize) -> Vec<String> {
    compare(things, who, (actor, actor), n).await
}

/// What one is told, compared with what the calls of another are answered.
async fn compare(things: &Things, who: &str, (asking, calling): (&Actor, &Actor), n: usize) -> Vec<String> {
    let mut found = vec![];
    for op in things.ops(n) {
        let resource = resource(things, &op);
        // First explained: the call changes the thing.
        let told = explain(asking, op.act.name(), resource.as_deref(), None).await;
        let (allowed, status) = is_allowed(calling, &op).await;
        let list = resource.is_none() && op.act.rule().who != Who::Holders;
        let agrees = match told.status {
            200 if list => told.json["allowed"] == true,
            200 => told.json["allowed"] == allowed,
            // What is not seen is not explained, and is not there for the call either.
            404 => !allowed && [403, 404].contains(&status),
            _ => false,
        };
        if !agrees {
            found.push(format!("{who} {}: {status}, but told {} {}", op.act.name(), told.status, told.json));
        }
    }
    found
}

#[actix_web::test]
async fn the_explanation_never_disagrees_with_the_calls_for_a_role_everywhere() {
    let app = App::start().await;
    let things = Things::make(&app).await;
    let mut found = vec![];
    for (n, role) in Role::ALL.iter().copied().enumerate() {
        things.put_back(&app).await;
        let holder = app.holder(role.as_str(), "all", "").await;
        found.extend(differences(&things, role.as_str(), &holder, n).await);
    }
    assert_eq!(found, Vec::<String>::new());
}

#[actix_web::test]
async fn the_explanation_never_disagrees_with_the_calls_for_a_role_somewhere() {
    let app = App::start().await;
    let things = Things::make(&app).await;
    let (here, there) = (app.organization("shenzhen").await, app.organization("qingdao").await);
    let (cs, law) = (app.college("cs").await, app.college("law").await);
    let mut found = vec![];
    let places = [("organization", &here), ("organization", &there), ("college", &cs), ("college", &law)];
    for (n, (kind, id)) in places.iter().enumerate() {
        for (m, role) in [Role::OfficeStaff, Role::CollegeAdmin, Role::ChapterSecretary].iter().enumerate() {
            things.put_back(&app).await;
            let holder = app.holder(role.as_str(), kind, id).await;
            let who = format!("{} of {kind} {n}", role.as_str());
            found.extend(differences(&things, &who, &holder, 20 + n * 3 + m).await);
        }
    }
    things.put_back(&app).await;
    found.extend(differences(&things, "nobody's role", &app.somebody().await.1, 40).await);
    assert_eq!(found, Vec::<String>::new());
}

/// The negative control: the comparison sees an explanation that is not the caller's.
#[actix_web::test]
async fn the_comparison_detects_an_explanation_of_somebody_else() {
    let app = App::start().await;
    let things = Things::make(&app).await;
    things.put_back(&app).await;
    let (office, auditor) = (app.office().await, app.auditor().await);
    let found = compare(&things, "office", (&office, &auditor), 50).await;
    assert!(found.len() > 10, "{found:?}");
}

#[actix_web::test]
async fn the_path_names_the_grant_and_through_what_it_reaches() {
    let app = App::start().await;
    let draft = app.draft(json!({})).await.replace("/events/", "event:");
    let shenzhen = app.organization("shenzhen").await;
    let secretary = app.secretary_of("shenzhen").await;
    let told = explain(&secretary, "update_event", Some(&draft), None).await.expect(200);
    assert_eq!((&told.json["allowed"], &told.json["reason"]), (&json!(true), &json!("grant")));
    let path = told.json["path"].as_array().unwrap();
    let grant = &secretary.get("/me").await.json["grants"][0];
    assert_eq!((path.len(), &path[0]["id"], &path[0]["role"]), (1, &grant["id"], &grant["role"]));
    assert_eq!(path[0]["source"], "manual");
    assert_eq!(path[0]["through"], json!({"kind": "organization", "id": shenzhen}));
    // Through what stands above it.
    let association = app.organization("association").await;
    let above = app.holder("chapter_secretary", "organization", &association).await;
    let told = explain(&above, "update_event", Some(&draft), None).await.expect(200);
    assert_eq!(told.json["path"][0]["through"]["id"], json!(association));
    // What is missing.
    let refused = explain(&secretary, "approve_event", Some(&draft), None).await.expect(200);
    assert_eq!((&refused.json["allowed"], &refused.json["reason"]), (&json!(false), &json!("no_grant")));
    assert_eq!(refused.json["needed_roles"], json!(["office_staff", "office_director"]));
    let scopes = refused.json["scopes"].as_array().unwrap();
    assert_eq!(scopes[0], json!({"kind": "all", "id": null}));
    assert!(scopes.contains(&json!({"kind": "organization", "id": shenzhen})));
    assert_eq!(refused.json["path"], json!([]));
}

#[actix_web::test]
async fn what_one_may_not_see_is_not_explained_and_a_wrong_question_is_told() {
    let app = App::start().await;
    let draft = app.draft(json!({})).await.replace("/events/", "event:");
    let alumnus = app.alumnus(1).await;
    let own = alumnus.get("/me").await.text("person_id");
    let other = app.alumnus(2).await.get("/me").await.text("person_id");
    for (act, resource) in [
        ("update_event", draft.clone()),
        ("read_event", draft.clone()),
        ("update_event", format!("event:{}", fresh_id())),
        ("read_person", format!("person:{other}")),
    ] {
        explain(&alumnus, act, Some(&resource), None).await.expect_problem(404, "not_found");
    }
    let told = explain(&alumnus, "read_person", Some(&format!("person:{own}")), None).await.expect(200);
    assert_eq!((&told.json["allowed"], &told.json["reason"]), (&json!(true), &json!("signed_in")));
    let event = draft.as_str();
    // What is no thing, or none of the act's, is not there; an act that does not exist is a wrong question.
    for (act, resource) in [("update_event", "event:x"), ("update_event", "x"), ("update_person", event)] {
        explain(&app.office().await, act, Some(resource), None).await.expect_problem(404, "not_found");
    }
    explain(&app.office().await, "wish", None, None).await.expect_problem(400, "invalid_parameter");
    alumnus.get("/access/explanation").await.expect_problem(400, "invalid_parameter");
    explain(&app.anyone(), "read_me", None, None).await.expect_problem(401, "not_signed_in");
}

#[actix_web::test]
async fn the_office_asks_for_another_account_and_others_do_not() {
    let app = App::start().await;
    let draft = app.draft(json!({})).await.replace("/events/", "event:");
    let secretary = app.secretary_of("shenzhen").await.account().await;
    let alumnus = app.alumnus(1).await;
    let (of_alumnus, director) = (alumnus.account().await, app.director().await);
    let told = explain(&director, "update_event", Some(&draft), Some(&secretary)).await.expect(200);
    assert_eq!((&told.json["allowed"], told.text("account_id")), (&json!(true), secretary.clone()));
    let told = explain(&director, "update_event", Some(&draft), Some(&of_alumnus)).await.expect(200);
    assert_eq!((&told.json["allowed"], &told.json["reason"]), (&json!(false), &json!("not_visible")));
    let own = alumnus.get("/me").await.text("person_id");
    let told = explain(&director, "read_person", Some(&format!("person:{own}")), Some(&of_alumnus)).await.expect(200);
    assert_eq!(told.json["allowed"], true);
    explain(&director, "read_me", None, Some(&fresh_id())).await.expect_problem(404, "not_found");
    let (disabled, _) = app.somebody().await;
    app.sql(&format!("update accounts set status = 'disabled' where id = '{disabled}'")).await;
    explain(&director, "read_me", None, Some(&disabled)).await.expect_problem(404, "not_found");
    // An administrator does not see the draft: nothing of it is told about others either.
    explain(&app.admin().await, "update_event", Some(&draft), Some(&secretary)).await.expect(404);
    explain(&app.admin().await, "list_accounts", None, Some(&secretary)).await.expect(200);
    for who in [app.office().await, app.secretary_of("cs-beijing").await, alumnus] {
        explain(&who, "list_accounts", None, Some(&secretary)).await.expect_problem(403, "not_allowed");
    }
}
