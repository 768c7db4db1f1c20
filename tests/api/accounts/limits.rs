//! Wrong passwords are limited, in every process and after a restart, and nobody is shut out for long.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::without_instance;
use crate::support::{Answer, App};

const HOME: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.7";

async fn try_from(app: &App, address: &str, login: &str, password: &str) -> Answer {
    let body: Value = json!({"grant_type": "password", "email": format!("{login}@demo.example"), "password": password});
    app.anyone().call(Method::POST, "/auth/tokens").from(address).json(&body).send().await
}

async fn wrong(app: &App, address: &str, login: &str) -> Answer {
    try_from(app, address, login, "wrong wrong").await
}

async fn right(app: &App, address: &str, login: &str) -> Answer {
    try_from(app, address, login, homecoming::demo::PASSWORD).await
}

/// The seconds of a 429.
#[track_caller]
fn wait(answer: Answer) -> i64 {
    answer.expect_problem(429, "too_many_requests").header("retry-after").parse().unwrap()
}

/// Lets the blocks run out.
async fn wait_for_blocks(app: &App) {
    app.sql("update sign_in_failures set blocked_until = now() - interval '1 second' where blocked_until is not null")
        .await;
}

async fn block_ten(app: &App, login: &str) {
    for _ in 0..10 {
        wrong(app, HOME, login).await.expect_problem(401, "invalid_credentials");
    }
}

#[actix_web::test]
async fn after_ten_wrong_passwords_one_waits_whether_the_account_exists_or_not() {
    let app = App::start().await;
    let mut told = vec![];
    for login in ["alumnus1", "nobody"] {
        block_ten(&app, login).await;
        let refused = wrong(&app, HOME, login).await;
        told.push(without_instance(&refused));
        assert!((1..=31).contains(&wait(refused)));
        // The right one is not told from a wrong one while the block lasts.
        assert!(wait(right(&app, HOME, login).await) <= 31);
    }
    assert_eq!(told[0], told[1]);
    // Written otherwise it is the same identifier.
    wait(wrong(&app, HOME, " Alumnus1").await);
    // Somebody else there, and the same somewhere else, are not concerned.
    right(&app, HOME, "alumnus2").await.expect(201);
    right(&app, ELSEWHERE, "alumnus1").await.expect(201);
}

#[actix_web::test]
async fn a_block_survives_a_restart_and_holds_in_every_process() {
    let app = App::start().await;
    block_ten(&app, "alumnus1").await;
    let other = App::on(&app.url().await).await;
    wait(right(&other, HOME, "alumnus1").await);
}

#[actix_web::test]
async fn each_further_failure_blocks_longer_and_what_is_refused_does_not_count() {
    let app = App::start().await;
    block_ten(&app, "alumnus1").await;
    for _ in 0..5 {
        assert!(wait(wrong(&app, HOME, "alumnus1").await) <= 31);
    }
    for (least, most) in [(31, 61), (61, 121), (121, 241)] {
        wait_for_blocks(&app).await;
        wrong(&app, HOME, "alumnus1").await.expect_problem(401, "invalid_credentials");
        let seconds = wait(wrong(&app, HOME, "alumnus1").await);
        assert!((least..=most).contains(&seconds), "{seconds}");
    }
}

#[actix_web::test]
async fn a_success_clears_the_failures_and_so_does_a_quiet_quarter_of_an_hour() {
    let app = App::start().await;
    block_ten(&app, "alumnus1").await;
    wait_for_blocks(&app).await;
    right(&app, HOME, "alumnus1").await.expect(201);
    block_ten(&app, "alumnus1").await;
    wait(wrong(&app, HOME, "alumnus1").await);
    app.sql("update sign_in_failures set blocked_until = now() - interval '16 minutes', started_at = now() - interval '20 minutes'").await;
    block_ten(&app, "alumnus1").await;
    wait(wrong(&app, HOME, "alumnus1").await);
}

#[actix_web::test]
async fn many_addresses_block_an_identifier_but_not_where_its_owner_signed_in() {
    let app = App::start().await;
    right(&app, HOME, "alumnus1").await.expect(201);
    wrong(&app, ELSEWHERE, "alumnus1").await.expect(401);
    app.sql("update sign_in_failures set failures = 99 where get_byte(key, 0) = 1").await;
    wrong(&app, "198.51.100.8", "alumnus1").await.expect_problem(401, "invalid_credentials");
    wait(right(&app, "198.51.100.9", "alumnus1").await);
    // Here a wrong one counts for this address alone, and the right one clears the rest.
    wrong(&app, HOME, "alumnus1").await.expect_problem(401, "invalid_credentials");
    right(&app, HOME, "alumnus1").await.expect(201);
    right(&app, "198.51.100.9", "alumnus1").await.expect(201);
}

#[actix_web::test]
async fn one_address_cannot_try_everybody() {
    let app = App::start().await;
    wrong(&app, HOME, "nobody1").await.expect(401);
    app.sql("update sign_in_failures set failures = 999 where get_byte(key, 0) = 3").await;
    wrong(&app, HOME, "nobody2").await.expect_problem(401, "invalid_credentials");
    wait(right(&app, HOME, "alumnus1").await);
    right(&app, ELSEWHERE, "alumnus1").await.expect(201);
}

#[actix_web::test]
async fn of_many_tries_at_once_in_two_processes_ten_are_told() {
    let app = App::start().await;
    let other = App::on(&app.url().await).await;
    let tries = (0..30).map(|n| wrong(if n % 2 == 0 { &app } else { &other }, HOME, "alumnus1"));
    let answers = futures::future::join_all(tries).await;
    let with = |status| answers.iter().filter(|answer| answer.status == status).count();
    // A slow machine may be too busy for some of them.
    assert_eq!(with(401) + with(429) + with(503), 30, "{answers:?}");
    assert!(with(401) <= 10 && (with(401) == 10 || with(503) > 0), "{}", with(401));
}

#[actix_web::test]
async fn right_passwords_at_once_are_not_limited() {
    let app = App::start().await;
    let answers = futures::future::join_all((0..30).map(|_| right(&app, HOME, "alumnus1"))).await;
    assert!(answers.iter().all(|answer| [201, 503].contains(&answer.status)), "{answers:?}");
    assert!(answers.iter().any(|answer| answer.status == 201));
}

#[actix_web::test]
async fn without_limits_nobody_waits() {
    let app = App::unlimited().await;
    for _ in 0..12 {
        wrong(&app, HOME, "alumnus1").await.expect_problem(401, "invalid_credentials");
    }
    assert_eq!(app.count("select count(*) from sign_in_failures").await, 0);
}

#[actix_web::test]
async fn what_limits_nobody_any_more_is_swept_and_no_row_names_anybody() {
    let app = App::start().await;
    right(&app, HOME, "alumnus1").await.expect(201);
    wrong(&app, HOME, "alumnus2").await.expect(401);
    let rows = "select count(*) from sign_in_failures";
    let sweep = async || {
        let mut connection = app.database().await;
        homecoming::accounts::sweep(&mut connection).await.unwrap();
    };
    sweep().await;
    assert_eq!(app.count(rows).await, 4);
    assert_eq!(app.count(&format!("{rows} where encode(key, 'escape') ~ '(alumnus|192)'")).await, 0);
    app.sql("update sign_in_failures set started_at = now() - interval '16 minutes'").await;
    sweep().await;
    assert_eq!(app.count(rows).await, 1, "the familiar address");
    app.sql("update sign_in_failures set familiar_until = now() - interval '1 second'").await;
    sweep().await;
    assert_eq!(app.count(rows).await, 0);
}
