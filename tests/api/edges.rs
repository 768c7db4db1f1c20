//! Limits and edges: how often, how deep, from which origin, through which proxy.

use actix_web::http::Method;
use homecoming::access::limits::Limits;
use serde_json::json;

use crate::support::{Actor, Answer, App};

/// The same database and keys with limits: so many requests a minute of an account, so many of an address.
async fn limited(account: u32, client: u32) -> App {
    let mut office = App::start().await.office;
    office.limits = Limits::per_minute(account, client);
    App::of(office).await
}

fn left(answer: &Answer) -> u32 {
    answer.header("ratelimit").split(";r=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap()
}

/// Asks until refused, at most so often: how often it was let through. A new minute in between starts anew.
async fn admitted(actor: &Actor, most: u32) -> u32 {
    for done in 0..most {
        if actor.get("/me").await.status == 429 {
            return done;
        }
    }
    most
}

#[actix_web::test]
async fn an_account_has_so_many_requests_a_minute_and_is_told_what_is_left() {
    let app = limited(20, 1_000).await;
    let office = app.office().await;
    let first = office.call_from("192.0.2.1", Method::GET, "/me").send().await.expect(200);
    assert_eq!(first.header("ratelimit-policy"), "\"client\";q=1000;w=60", "a token not met before is the address's");
    let second = office.get("/me").await.expect(200);
    assert_eq!(second.header("ratelimit-policy"), "\"account\";q=20;w=60");
    let third = office.get("/me").await.expect(200);
    assert!(left(&third) < left(&second) || left(&third) == 19, "{} then {}", left(&second), left(&third));
    let through = admitted(&office, 60).await;
    assert!(through <= 40, "{through} of 60 within at most two minutes");
    let refused = office.get("/me").await;
    if refused.status == 429 {
        refused.expect_problem(429, "too_many_requests");
    }
}

#[actix_web::test]
async fn a_refusal_says_when_to_come_back_and_others_go_on() {
    let app = limited(10, 1_000).await;
    let (office, alumnus) = (app.office().await, app.alumnus(1).await);
    let mut refused = office.get("/me").await;
    for _ in 0..40 {
        refused = office.get("/me").await;
        if refused.status == 429 {
            break;
        }
    }
    assert_eq!(refused.json["code"], "too_many_requests");
    let seconds: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds) && left(&refused) == 0);
    alumnus.get("/me").await.expect(200);
    app.anyone().get("//livez").await.expect(200);
}

#[actix_web::test]
async fn without_limits_nobody_is_counted() {
    let app = App::start().await;
    let answer = app.office().await.get("/me").await.expect(200);
    assert!(answer.headers.get("ratelimit").is_none() && answer.headers.get("ratelimit-policy").is_none());
}

#[actix_web::test]
async fn several_processes_agree_within_a_tenth_for_each() {
    let one = limited(100, 10_000).await;
    let mut office = one.office.clone();
    office.limits = Limits::per_minute(100, 10_000);
    let other = App::of(office).await;
    let here = one.office().await;
    let there = Actor::new(other, Some(here.token().into()));
    let minute = || homecoming::base::clock::Clock::wall().timestamp().div_euclid(60);
    let began = minute();
    let (mut through, mut refused) = (0, 0);
    for _ in 0..200 {
        for actor in [&here, &there] {
            match actor.get("/me").await.status {
                200 => through += 1,
                _ => refused += 1,
            }
        }
        if refused >= 20 {
            break;
        }
    }
    let minutes = u32::try_from(minute() - began).unwrap() + 1;
    assert!(through >= 90 && through <= 111 * minutes, "{through} in {minutes} minutes, quota 100, two processes");
}

#[actix_web::test]
async fn strangers_share_the_budget_of_their_address_whatever_they_write_into_headers() {
    let app = limited(1_000, 20).await;
    let mut through = 0;
    for number in 0..60 {
        let call = app.anyone();
        let call = call.call_from("192.0.2.7", Method::GET, "/events?limit=1");
        let answer = call.header("x-forwarded-for", &format!("198.51.100.{number}")).send().await;
        through += u32::from(answer.status == 200);
    }
    assert!(through <= 40, "{through} of 60");
    let elsewhere = app.anyone();
    elsewhere.call_from("192.0.2.8", Method::GET, "/events?limit=1").send().await.expect(200);
}

#[actix_web::test]
async fn behind_a_trusted_proxy_every_client_has_a_budget_of_its_own() {
    let mut office = limited(1_000, 20).await.office;
    office.proxies = vec!["192.0.2.0/24".parse().unwrap()].into();
    let app = App::of(office).await;
    for number in 0..60 {
        let call = app.anyone();
        let call = call.call_from("192.0.2.7", Method::GET, "/events?limit=1");
        call.header("x-forwarded-for", &format!("198.51.100.{number}")).send().await.expect(200);
    }
}

#[actix_web::test]
async fn bad_tokens_are_paid_for_by_their_address() {
    let app = limited(1_000, 20).await;
    let forger = app.anyone().with_token("eyJhbGciOiJFZERTQSJ9.e30.c2ln");
    let mut statuses = vec![];
    for _ in 0..60 {
        statuses.push(forger.call_from("192.0.2.9", Method::GET, "/me").send().await.status);
    }
    assert_eq!(statuses[0], 401);
    assert!(statuses.iter().filter(|status| **status == 429).count() >= 20, "{statuses:?}");
}

#[actix_web::test]
async fn a_body_is_nested_at_most_thirty_two_deep() {
    let app = App::start().await;
    let office = app.office().await;
    let nested = |depth: usize| format!("{}{}", "{\"a\":".repeat(depth - 1) + "{", "}".repeat(depth));
    let send =
        async |body: String| office.call(Method::POST, "/people").raw("application/json", body.as_bytes()).send().await;
    send(nested(33)).await.expect_problem(400, "body_too_deep");
    send(nested(32)).await.expect_problem(422, "invalid_field");
    // Brackets in a text are text.
    let text = format!("{{\"name\": \"{}\\\"[\"}}", "[".repeat(40));
    send(text).await.expect(201);
}

#[actix_web::test]
async fn browsers_of_listed_origins_may_call_and_read_problems_and_others_may_not() {
    let mut office = App::start().await.office;
    office.origins = vec!["https://alumni.example.edu".to_owned()].into();
    let app = App::of(office).await;
    let anyone = app.anyone();
    let ours = anyone.call(Method::GET, "/me").header("origin", "https://alumni.example.edu").send().await;
    assert_eq!((ours.status, ours.header("access-control-allow-origin").as_str()), (401, "https://alumni.example.edu"));
    assert!(ours.header("access-control-expose-headers").contains("etag"));
    let theirs = anyone.call(Method::GET, "/events").header("origin", "https://evil.example").send().await;
    assert!(theirs.headers.get("access-control-allow-origin").is_none());
    let preflight = |origin: &'static str| {
        let call = anyone.call(Method::OPTIONS, "/people").header("origin", origin);
        call.header("access-control-request-method", "PATCH")
            .header("access-control-request-headers", "if-match")
            .send()
    };
    let answer = preflight("https://alumni.example.edu").await.expect(200);
    assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    assert!(answer.headers.get("access-control-allow-credentials").is_none(), "never with cookies");
    assert_eq!(preflight("https://evil.example").await.status, 400);
}

#[actix_web::test]
async fn every_answer_forbids_what_a_browser_need_not_do() {
    let app = App::start().await;
    for (path, page) in
        [("/events", false), ("//livez", false), ("//", true), ("//problems/event_full", true), ("/none", false)]
    {
        let answer = app.anyone().get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(policy.contains("default-src 'none'"), !page, "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
}

#[actix_web::test]
async fn metrics_know_routes_and_never_paths() {
    let app = App::start().await;
    let id = app.organization("shenzhen").await;
    app.anyone().get(&format!("/organizations/{id}")).await.expect(200);
    app.anyone().post("/auth/tokens", json!({})).await.expect(422);
    let page = app.office.metrics.page().unwrap();
    assert!(page.contains("route=\"/api/v1/organizations/{organization}\",status=\"200\""), "{page}");
    assert!(!page.contains(&id), "a path may name somebody");
}
