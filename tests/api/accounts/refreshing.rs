//! Staying signed in: one live branch of a session, a lost answer that may be asked for again, a copy that ends it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{refresh, sign_in};
use crate::support::{Answer, App, sign_in_body};

/// The refresh token of a session that began just now.
async fn begun(app: &App) -> Answer {
    sign_in(app, sign_in_body("alumnus1@demo.example")).await.expect(201)
}

async fn again(app: &App, pair: &Answer) -> Answer {
    refresh(app, &pair.text("refresh_token")).await
}

async fn has_ended(app: &App, pair: &Answer) {
    app.anyone().with_token(&pair.text("access_token")).get("/me").await.expect_problem(401, "invalid_token");
    again(app, pair).await.expect_problem(401, "invalid_refresh_token");
}

async fn goes_on(app: &App, pair: &Answer) {
    app.anyone().with_token(&pair.text("access_token")).get("/me").await.expect(200);
}

/// Refresh tokens that would be good for a pair, as the first to come.
async fn living(app: &App) -> i64 {
    let sql = "select count(*) from refresh_tokens t join sessions s on s.id = t.session_id \
        where t.used_at is null and t.superseded_at is null and s.ended_at is null";
    app.count(sql).await
}

async fn replays(app: &App) -> i64 {
    app.count("select count(*) from journal_entries where act = 'session.replayed'").await
}

/// Lets time pass since the tokens were used.
async fn wait(app: &App, seconds: i64) {
    app.sql(&format!("update refresh_tokens set used_at = used_at - interval '{seconds} seconds'")).await;
}

#[actix_web::test]
async fn a_refresh_gives_a_new_pair_and_the_access_token_before_it_stays_good() {
    let app = App::start().await;
    let first = sign_in(&app, sign_in_body("alumnus1@demo.example")).await.expect(201);
    let second = refresh(&app, &first.text("refresh_token")).await.expect(201);
    assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
    let third = refresh(&app, &second.text("refresh_token")).await.expect(201);
    for pair in [&first, &second, &third] {
        app.anyone().with_token(&pair.text("access_token")).get("/me").await.expect(200);
    }
    assert_eq!(app.count("select count(*) from sessions").await, 1, "one family");
}

#[actix_web::test]
async fn a_lost_answer_may_be_asked_for_again_within_the_grace() {
    let app = App::start().await;
    let first = begun(&app).await;
    let lost = again(&app, &first).await.expect(201);
    wait(&app, 20).await;
    let second = again(&app, &first).await.expect(201);
    assert_eq!(living(&app).await, 1, "the lost one lost its place");
    let third = again(&app, &second).await.expect(201);
    for pair in [&first, &lost, &second, &third] {
        goes_on(&app, pair).await;
    }
    assert_eq!((app.count("select count(*) from sessions").await, replays(&app).await), (1, 0));
}

#[actix_web::test]
async fn a_refresh_token_that_comes_after_the_grace_ends_the_whole_family_and_no_other() {
    let app = App::start().await;
    let (elsewhere, first) = (begun(&app).await, begun(&app).await);
    let second = again(&app, &first).await.expect(201);
    wait(&app, 31).await;
    again(&app, &first).await.expect_problem(401, "invalid_refresh_token");
    for pair in [&first, &second] {
        has_ended(&app, pair).await;
    }
    goes_on(&app, &elsewhere).await;
    again(&app, &elsewhere).await.expect(201);
    assert_eq!(replays(&app).await, 1, "told once");
}

#[actix_web::test]
async fn the_grace_counts_from_the_first_use() {
    let app = App::start().await;
    let first = begun(&app).await;
    again(&app, &first).await.expect(201);
    wait(&app, 20).await;
    again(&app, &first).await.expect(201);
    wait(&app, 20).await;
    again(&app, &first).await.expect_problem(401, "invalid_refresh_token");
    assert_eq!((living(&app).await, replays(&app).await), (0, 1));
}

#[actix_web::test]
async fn a_refresh_token_whose_successor_was_used_ends_the_family_within_the_grace_too() {
    let app = App::start().await;
    let first = begun(&app).await;
    let second = again(&app, &first).await.expect(201);
    let third = again(&app, &second).await.expect(201);
    again(&app, &first).await.expect_problem(401, "invalid_refresh_token");
    for pair in [&first, &second, &third] {
        has_ended(&app, pair).await;
    }
    assert_eq!(replays(&app).await, 1);
}

#[actix_web::test]
async fn thief_and_owner_do_not_both_live_on_whoever_comes_first() {
    let app = App::start().await;
    // One of them has what the other's retry took the place of, whether the other has used theirs or not.
    for used in [false, true] {
        let before = replays(&app).await;
        let stolen = begun(&app).await;
        let (older, newer) = (again(&app, &stolen).await.expect(201), again(&app, &stolen).await.expect(201));
        let newest = if used { again(&app, &newer).await.expect(201) } else { newer };
        again(&app, &older).await.expect_problem(401, "invalid_refresh_token");
        for pair in [&older, &newest] {
            has_ended(&app, pair).await;
        }
        assert_eq!(replays(&app).await, before + 1);
    }
}

#[actix_web::test]
async fn refreshes_at_once_leave_one_living_branch_and_do_not_end_the_session() {
    let app = App::start().await;
    let first = begun(&app).await;
    let token = first.text("refresh_token");
    let answers = futures::future::join_all((0..6).map(|_| refresh(&app, &token))).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    assert_eq!((living(&app).await, replays(&app).await), (1, 0));
    goes_on(&app, &first).await;
    // Exactly one of them goes on: the others lost their place, and using one says that two have one each.
    let sql =
        "select encode(hash, 'base64') as text from refresh_tokens where used_at is null and superseded_at is null";
    let tip = app.texts(sql).await.remove(0);
    let is_tip = |answer: &&Answer| {
        let hash = homecoming::access::tokens::hash_of(&answer.text("refresh_token"));
        STANDARD.encode(hash) == tip
    };
    let newest = answers.iter().find(is_tip).expect("somebody was given it");
    again(&app, newest).await.expect(201);
}

#[actix_web::test]
async fn an_unknown_or_expired_refresh_token_is_refused() {
    let app = App::start().await;
    for token in ["", "x", &"x".repeat(10_000)] {
        refresh(&app, token).await.expect_problem(401, "invalid_refresh_token");
    }
    let pair = sign_in(&app, sign_in_body("alumnus1@demo.example")).await.expect(201);
    app.sql("update refresh_tokens set expires_at = now() - interval '1 second'").await;
    refresh(&app, &pair.text("refresh_token")).await.expect_problem(401, "invalid_refresh_token");
    // It expired unused: the session itself goes on until its access token ends.
    app.anyone().with_token(&pair.text("access_token")).get("/me").await.expect(200);
}
