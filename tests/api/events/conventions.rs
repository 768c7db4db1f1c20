//! What holds for every resource, seen on events: tags, HEAD, 405, languages, caches, request ids.

use actix_web::http::Method;
use serde_json::json;

use crate::support::App;

#[actix_web::test]
async fn what_the_caller_has_already_is_not_sent_again() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let anyone = app.anyone();
    let tag = anyone.get(&event).await.expect(200).header("etag");
    let ask = async |known: &str| {
        let call = anyone.call(Method::GET, &event).header("if-none-match", known);
        call.send().await
    };
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let answer = ask(&known).await.expect(304);
        assert_eq!(answer.header("etag"), tag);
        assert_eq!(answer.json, "", "no body");
    }
    ask("\"x\"").await.expect(200);
    let secretary = app.secretary_of("shenzhen").await;
    secretary.patch(&event, json!({"city": "深圳"})).await.expect(200);
    assert_ne!(ask(&tag).await.expect(200).header("etag"), tag);
}

#[actix_web::test]
async fn head_is_served_wherever_get_is() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let draft = app.draft(json!({})).await;
    let anyone = app.anyone();
    for path in [event.clone(), format!("{event}/availability"), "/events".to_owned()] {
        let got = anyone.get(&path).await.expect(200);
        let head = anyone.call(Method::HEAD, &path).send().await.expect(200);
        for header in ["etag", "content-type", "cache-control"] {
            assert_eq!(head.header(header), got.header(header), "{path} {header}");
        }
    }
    anyone.call(Method::HEAD, &draft).send().await.expect(404);
    let me = "/me/registrations";
    anyone.call(Method::HEAD, me).send().await.expect(401);
    app.alumnus(1).await.call(Method::HEAD, me).send().await.expect(200);
}

#[actix_web::test]
async fn a_method_that_a_path_does_not_answer_is_405_with_those_that_it_does() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let host = app.organization("shenzhen").await;
    let office = app.office().await;
    let cases = [
        (Method::DELETE, event.clone(), "GET, HEAD, PATCH"),
        (Method::POST, event.clone(), "GET, HEAD, PATCH"),
        (Method::POST, "/events".to_owned(), "GET, HEAD"),
        (Method::GET, format!("{event}/publication"), "PUT"),
        (Method::POST, format!("{event}/publication"), "PUT"),
        (Method::PUT, format!("{event}/registrations"), "GET, HEAD, POST"),
        (Method::PATCH, format!("{event}/availability"), "GET, HEAD"),
        (Method::GET, format!("/organizations/{host}/events"), "POST"),
        (Method::PATCH, "/registrations/x".to_owned(), "DELETE, GET, HEAD"),
    ];
    for (method, path, allowed) in cases {
        let answer = office.call(method.clone(), &path).send().await;
        let mut told: Vec<_> = answer.headers.get("allow").unwrap().to_str().unwrap().split(", ").collect();
        told.sort_unstable();
        assert_eq!(told.join(", "), allowed, "{method} {path}");
        answer.expect_problem(405, "method_not_allowed");
    }
    office.call(Method::GET, &format!("{event}/nothing")).send().await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn a_problem_speaks_the_caller_s_language_and_its_code_stays() {
    let app = App::start().await;
    let draft = app.draft(json!({})).await;
    let anyone = app.anyone();
    let ask = async |lang: &str| anyone.call(Method::GET, &draft).header("accept-language", lang).send().await;
    let (chinese, english) = (ask("zh-CN").await, ask("en-GB,en;q=0.8").await);
    for (answer, tag) in [(&chinese, "zh-CN"), (&english, "en")] {
        assert_eq!(answer.header("content-language"), tag);
        assert!(answer.header("vary").to_lowercase().contains("accept-language"));
        assert_eq!(answer.text("code"), "not_found");
        assert_eq!(answer.json["status"], 404);
        assert_eq!(answer.text("instance"), format!("urn:uuid:{}", answer.header("x-request-id")));
    }
    assert_ne!(chinese.text("title"), english.text("title"));
    assert_ne!(chinese.text("detail"), english.text("detail"));
    assert!(english.text("detail").is_ascii());
    let office = app.office().await;
    let refused = async |lang: &str| {
        let path = format!("{draft}/publication");
        let call = office.call(Method::PUT, &path).header("accept-language", lang);
        call.json(&json!({})).send().await
    };
    let (chinese, english) = (refused("zh-CN").await, refused("en").await);
    assert_eq!(chinese.json["unmet"], english.json["unmet"]);
    assert_ne!(chinese.text("detail"), english.text("detail"));
}

#[actix_web::test]
async fn only_what_anybody_may_see_is_for_shared_caches() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    let (anyone, secretary) = (app.anyone(), app.secretary_of("shenzhen").await);
    for path in [event.as_str(), "/events"] {
        assert!(anyone.get(path).await.header("cache-control").starts_with("public, max-age="), "{path}");
        assert_eq!(secretary.get(path).await.header("cache-control"), "private, no-store", "{path}");
    }
    let list = secretary.get(&format!("{event}/registrations")).await.expect(200);
    assert_eq!(list.header("cache-control"), "private, no-store");
}

#[actix_web::test]
async fn a_bad_token_is_refused_even_where_none_is_needed() {
    let app = App::start().await;
    let event = app.published_event(json!({})).await;
    for token in ["x", "a.b.c", ""] {
        let answer = app.anyone().with_token(token).get(&event).await;
        assert!(answer.header("www-authenticate").contains("invalid_token"), "{token}");
        answer.expect_problem(401, "invalid_token");
    }
    let basic = app.anyone();
    let call = basic.call(Method::GET, &event).header("authorization", "Basic YTpi");
    call.send().await.expect_problem(401, "invalid_token");
}
