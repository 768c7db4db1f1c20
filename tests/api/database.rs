//! The database as the program meets it: the wrong kind, many starters, connections that run out or are cut.

use std::time::Instant;

use actix_web::{test, web};
use diesel_async::SimpleAsyncConnection as _;
use futures::future::join_all;
use homecoming::access::office::Office;
use homecoming::base::clock::Clock;
use homecoming::db::migrate::{is_current, migrate};
use homecoming::db::pool::Pool;
use homecoming::demo;
use homecoming::http::system::Ready;

use crate::support::{App, databases};

#[actix_web::test]
async fn a_database_that_cannot_tell_chinese_letters_apart_is_refused_with_what_to_do() {
    let url = databases::with_ctype_c().await;
    let refused = databases::on_threads(async move { migrate(&url).await }).await.unwrap_err().to_string();
    assert!(refused.contains("LC_CTYPE") && refused.contains("create database"), "{refused}");
}

#[actix_web::test]
async fn eight_starters_on_an_empty_database_all_come_up_and_make_one_demo() {
    let url = databases::empty().await;
    let start = |url: String| async move {
        migrate(&url).await?;
        let office = Office::open(Pool::new(&url, 1)?, Clock::default(), chrono_tz::Asia::Shanghai).await?;
        let made = demo::make(&office, demo::Size::Tiny, None, |_| ()).await?;
        Ok::<_, homecoming::base::error::Error>((made, office.tokens.key_set()))
    };
    let starters = (0..8).map(|_| databases::on_threads(start(url.clone())));
    let started: Vec<_> = join_all(starters).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(started.iter().filter(|(made, _)| *made).count(), 1);
    assert!(started.iter().all(|(_, keys)| *keys == started[0].1), "they sign with different keys");
    let mut connection = Pool::new(&url, 1).unwrap().get().await.unwrap();
    assert!(is_current(&mut connection).await.unwrap());
}

#[actix_web::test]
async fn without_a_free_connection_the_answer_is_503_after_two_seconds_and_alive_stays_alive() {
    let app = App::start().await;
    let held = join_all((0..8).map(|_| app.database())).await;
    let start = Instant::now();
    let answer = app.anyone().get("/events").await.expect_problem(503, "unavailable");
    assert!((1.9..4.0).contains(&start.elapsed().as_secs_f32()), "{:?}", start.elapsed());
    assert!(!answer.header("retry-after").is_empty());
    app.anyone().get("//livez").await.expect(200);
    app.anyone().get("//readyz").await.expect(503);
    drop(held);
    app.anyone().get("/events").await.expect(200);
}

#[actix_web::test]
async fn cut_connections_are_replaced_without_a_restart() {
    let app = App::start().await;
    drop(join_all((0..8).map(|_| app.database())).await);
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    app.sql(cut).await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    for _ in 0..10 {
        app.anyone().get("/events").await.expect(200);
    }
}

#[actix_web::test]
async fn a_statement_that_takes_too_long_is_cut_and_answered_503() {
    let app = App::start().await;
    let event = app.published_event(serde_json::json!({})).await;
    let mut connection = app.database().await;
    connection.batch_execute("begin; lock table events in access exclusive mode").await.unwrap();
    let start = Instant::now();
    app.anyone().get(&event).await.expect_problem(503, "unavailable");
    assert!((4.0..11.0).contains(&start.elapsed().as_secs_f32()), "{:?}", start.elapsed());
    connection.batch_execute("rollback").await.unwrap();
    app.anyone().get(&event).await.expect(200);
}

#[actix_web::test]
async fn a_process_that_was_told_to_stop_is_not_ready_any_more() {
    let app = App::start().await;
    let ready = web::Data::new(Ready::default());
    let service = test::init_service(homecoming::app::app(app.office.clone(), ready.clone())).await;
    let ask = || test::call_service(&service, test::TestRequest::with_uri("/readyz").to_request());
    assert_eq!(ask().await.status(), 200);
    ready.stop();
    assert_eq!(ask().await.status(), 503);
}
