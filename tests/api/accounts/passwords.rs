//! A password is changed by who knows it, and kept under a hash of today's parameters.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Value, json};

use super::{refresh, sign_in};
use crate::support::{Answer, App, sign_in_body};

const OLD: &str = homecoming::demo::PASSWORD;
const NEW: &str = "another password";

async fn begin(app: &App, password: &str) -> Answer {
    let body = json!({"grant_type": "password", "email": "alumnus1@demo.example", "password": password});
    sign_in(app, body).await
}

fn change(current: &str, new: &str) -> Value {
    json!({"current_password": current, "password": new})
}

#[actix_web::test]
async fn a_changed_password_ends_the_other_sessions_and_only_the_new_one_signs_in() {
    let app = App::start().await;
    let (here, there) = (begin(&app, OLD).await.expect(201), begin(&app, OLD).await.expect(201));
    let me = app.anyone().with_token(&here.text("access_token"));
    let changed = me.put("/me/password", change(OLD, NEW)).await.expect(204);
    me.get("/me").await.expect(200);
    refresh(&app, &here.text("refresh_token")).await.expect(201);
    for path in ["/me", "/colleges"] {
        app.anyone().with_token(&there.text("access_token")).get(path).await.expect_problem(401, "invalid_token");
    }
    refresh(&app, &there.text("refresh_token")).await.expect_problem(401, "invalid_refresh_token");
    begin(&app, OLD).await.expect_problem(401, "invalid_credentials");
    begin(&app, NEW).await.expect(201);
    let request = changed.header("x-request-id");
    let sql = format!("select act as text from journal_entries where request_id = '{request}'");
    assert_eq!(app.texts(&sql).await, ["account.password_changed"]);
    app.anyone().put("/me/password", change(OLD, NEW)).await.expect_problem(401, "not_signed_in");
}

#[actix_web::test]
async fn a_password_that_is_short_long_or_known_to_everybody_is_refused() {
    let app = App::start().await;
    let me = app.alumnus(16).await;
    for new in ["1234567", "七个汉字的密码", &"x".repeat(129), ""] {
        me.put("/me/password", change(OLD, new)).await.expect_fault("/password", "password_length");
    }
    for new in ["alumnus16@demo.example", " Alumnus16@Demo.Example ", "alumnus16", "daniel whitfield"] {
        me.put("/me/password", change(OLD, new)).await.expect_fault("/password", "password_known");
    }
    me.put("/me/password", json!({"password": NEW})).await.expect_fault("/current_password", "required");
    me.put("/me/password", change(OLD, &"é".repeat(64))).await.expect(204);
}

#[actix_web::test]
async fn the_current_password_is_not_guessed_with_a_token() {
    let app = App::start().await;
    let me = app.alumnus(1).await;
    for _ in 0..10 {
        me.put("/me/password", change("wrong wrong", NEW)).await.expect_fault("/current_password", "wrong_password");
    }
    let refused = me.put("/me/password", change(OLD, NEW)).await.expect_problem(429, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
    // Signing in is counted apart: who has a token cannot shut the owner out.
    begin(&app, OLD).await.expect(201);
}

#[actix_web::test]
async fn of_two_changes_at_once_one_holds_and_no_session_survives_the_other() {
    let app = App::start().await;
    let (one, two) = (app.alumnus(1).await, app.alumnus(1).await);
    let (first, second) = ("the first password", "the second password");
    let (a, b) =
        futures::join!(one.put("/me/password", change(OLD, first)), two.put("/me/password", change(OLD, second)));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 204, "{} {}", a.json, b.json);
    assert!([401, 422].contains(&statuses[1]), "{} {}", a.json, b.json);
    let holds = if a.status == 204 { first } else { second };
    begin(&app, holds).await.expect(201);
    assert_eq!(app.count("select count(*) from sessions where ended_at is null").await, 2);
}

#[actix_web::test]
async fn a_hash_of_old_parameters_is_renewed_by_signing_in_and_by_nothing_else() {
    let app = App::start().await;
    let (salt, mut out) = ([7; 16], [0; 32]);
    let params = Params::new(8_192, 1, 1, Some(32)).unwrap();
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(OLD.as_bytes(), &salt, &mut out).unwrap();
    let old = format!("$argon2id$v=19$m=8192,t=1,p=1${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(out));
    let of = "(select account_id from account_identifiers where value = 'alumnus1@demo.example')";
    app.sql(&format!("update accounts set password_hash = '{old}' where id = {of}")).await;
    let kept = format!("select password_hash as text from accounts where id = {of}");
    begin(&app, "wrong wrong").await.expect(401);
    assert_eq!(app.texts(&kept).await, [old]);
    let at_once = futures::future::join_all((0..3).map(|_| begin(&app, OLD))).await;
    assert!(at_once.iter().all(|answer| answer.status == 201), "{at_once:?}");
    let renewed = app.texts(&kept).await.remove(0);
    assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed}");
    begin(&app, OLD).await.expect(201);
    assert_eq!(app.texts(&kept).await, [renewed], "a current one stays");
    sign_in(&app, sign_in_body("alumnus2@demo.example")).await.expect(201);
}
