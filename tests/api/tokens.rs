//! Access tokens: whose they are, and every forgery refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use homecoming::base::clock::Clock;
use homecoming::schema::signing_keys;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};

use crate::support::{App, fresh_id};

/// The deployment's key, its id and public half, and claims of a session that is alive.
struct Forge {
    app: App,
    kid: String,
    private: Vec<u8>,
    public: Vec<u8>,
    claims: Value,
}

impl Forge {
    async fn open() -> Self {
        let app = App::start().await;
        let admin = app.admin().await;
        let mut connection = app.database().await;
        let columns = (signing_keys::kid, signing_keys::private_key, signing_keys::public_key);
        let keys = signing_keys::table.select(columns);
        let (kid, private, public) = keys.first::<(String, Vec<u8>, Vec<u8>)>(&mut *connection).await.unwrap();
        drop(connection);
        let claims = admin.token().split('.').nth(1).map(|part| BASE64.decode(part).unwrap());
        let claims = serde_json::from_slice(&claims.unwrap()).unwrap();
        Self { app, kid, private, public, claims }
    }

    fn header(&self) -> Header {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(self.kid.clone());
        header
    }

    /// Signed with the deployment's own key.
    fn sign(&self, header: &Header, claims: &Value) -> String {
        encode(header, claims, &EncodingKey::from_ed_der(&self.private)).unwrap()
    }

    fn claims(&self, more: Value) -> Value {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    }

    async fn is_refused(&self, what: &str, token: &str) {
        let actor = self.app.anyone().with_token(token);
        // A bad token is refused where a token is needed and where none is.
        for path in ["/me", "/colleges"] {
            let answer = actor.get(path).await;
            assert_eq!((answer.status, answer.text("code").as_str()), (401, "invalid_token"), "{what}: {path}");
            assert_eq!(answer.header("www-authenticate"), r#"Bearer error="invalid_token""#, "{what}");
        }
    }
}

#[actix_web::test]
async fn a_token_signed_with_the_deployments_key_is_good_which_is_the_control_of_the_forgeries() {
    let forge = Forge::open().await;
    let token = forge.sign(&forge.header(), &forge.claims);
    forge.app.anyone().with_token(&token).get("/me").await.expect(200);
}

#[actix_web::test]
async fn a_token_without_a_signature_is_refused() {
    let forge = Forge::open().await;
    let part = |value: &Value| BASE64.encode(value.to_string());
    for alg in ["none", "None", "NONE"] {
        let header = part(&json!({"alg": alg, "typ": "at+jwt", "kid": forge.kid}));
        let claims = part(&forge.claims);
        forge.is_refused("alg none", &format!("{header}.{claims}.")).await;
    }
    let good = forge.sign(&forge.header(), &forge.claims);
    let cut = good.rsplit_once('.').unwrap().0;
    forge.is_refused("the signature cut off", &format!("{cut}.")).await;
    forge.is_refused("two parts", cut).await;
}

#[actix_web::test]
async fn the_public_key_is_no_shared_secret() {
    let forge = Forge::open().await;
    for alg in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let header = Header { alg, ..forge.header() };
        let bytes = [forge.public.clone(), BASE64.encode(&forge.public).into_bytes()];
        for secret in bytes {
            let token = encode(&header, &forge.claims, &EncodingKey::from_secret(&secret)).unwrap();
            forge.is_refused("signed with the public key", &token).await;
        }
    }
}

#[actix_web::test]
async fn another_type_or_no_type_is_refused() {
    let forge = Forge::open().await;
    for typ in [None, Some("JWT"), Some("rt+jwt"), Some("application/at+jwt")] {
        let header = Header { typ: typ.map(str::to_owned), ..forge.header() };
        forge.is_refused("typ", &forge.sign(&header, &forge.claims)).await;
    }
}

#[actix_web::test]
async fn another_audience_issuer_time_or_subject_is_refused() {
    let forge = Forge::open().await;
    let now = Clock::wall().timestamp();
    let wrong = [
        json!({"aud": "another-api"}),
        json!({"aud": ["another-api"]}),
        json!({"iss": "somebody"}),
        json!({"exp": now - 1}),
        json!({"exp": null}),
        json!({"sub": "admin"}),
        json!({"sid": null}),
    ];
    for more in wrong {
        let token = forge.sign(&forge.header(), &forge.claims(more.clone()));
        forge.is_refused(&more.to_string(), &token).await;
    }
    // Well signed, but of nobody, of no session, or of a session of somebody else.
    let alumnus = forge.app.alumnus(1).await.account().await;
    for more in [json!({"sub": fresh_id()}), json!({"sid": fresh_id()}), json!({"sub": alumnus})] {
        let token = forge.sign(&forge.header(), &forge.claims(more.clone()));
        let answer = forge.app.anyone().with_token(&token).get("/me").await;
        answer.expect_problem(401, "invalid_token");
    }
}

#[actix_web::test]
async fn an_unknown_key_is_refused_whatever_it_says() {
    let forge = Forge::open().await;
    for kid in [None, Some("unknown".to_owned()), Some(String::new())] {
        let header = Header { kid, ..forge.header() };
        forge.is_refused("kid", &forge.sign(&header, &forge.claims)).await;
    }
    // Our kid over a key of the forger's.
    let theirs = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
    let token = encode(&forge.header(), &forge.claims, &EncodingKey::from_ed_der(theirs.as_ref())).unwrap();
    forge.is_refused("the forger's key", &token).await;
}

#[actix_web::test]
async fn garbage_and_giants_are_refused() {
    let forge = Forge::open().await;
    let giant = forge.sign(&forge.header(), &forge.claims(json!({"pad": "x".repeat(100_000)})));
    for token in ["", "x", "..", "a.b.c", "ey.ey.ey", &giant, &"a".repeat(100_000)] {
        forge.is_refused(&token[..token.len().min(20)], token).await;
    }
    let anyone = forge.app.anyone();
    for header in ["Bearer", "Basic YWRtaW46YWRtaW4=", "Token x", ""] {
        let call = anyone.call(actix_web::http::Method::GET, "/colleges");
        call.header("authorization", header).send().await.expect_problem(401, "invalid_token");
    }
}

#[actix_web::test]
async fn a_refresh_token_is_no_access_token() {
    let forge = Forge::open().await;
    let body = crate::support::sign_in_body("admin@demo.example");
    let pair = forge.app.anyone().post("/auth/tokens", body).await.expect(201);
    forge.is_refused("a refresh token", &pair.text("refresh_token")).await;
}

#[actix_web::test]
async fn the_key_set_verifies_a_token() {
    let app = App::start().await;
    let token = app.admin().await.token();
    let keys = app.anyone().get("//.well-known/jwks.json").await.expect(200);
    let key = &keys.json["keys"][0];
    assert_eq!(
        (key["kty"].as_str(), key["crv"].as_str(), key["alg"].as_str()),
        (Some("OKP"), Some("Ed25519"), Some("EdDSA"))
    );
    assert_eq!(key["d"], Value::Null, "never the private half");
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.kid.as_deref(), key["kid"].as_str());
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["homecoming-api"]);
    let decoding = DecodingKey::from_ed_components(key["x"].as_str().unwrap()).unwrap();
    let read = decode::<Value>(&token, &decoding, &validation).unwrap();
    assert_eq!(read.claims["iss"], "homecoming");
    assert!(read.claims["exp"].as_i64().unwrap() - Clock::wall().timestamp() <= 600);
}

#[actix_web::test]
async fn two_processes_on_one_database_accept_each_others_tokens() {
    let one = App::start().await;
    let two = App::on(&one.url().await).await;
    let of_one = one.admin().await.token();
    let of_two = two.admin().await.token();
    two.anyone().with_token(&of_one).get("/me").await.expect(200);
    one.anyone().with_token(&of_two).get("/me").await.expect(200);
    // Signing out at one of them holds at the other at once, although it remembers the token as good.
    one.anyone().with_token(&of_one).delete("/auth/tokens/current").await.expect(204);
    two.anyone().with_token(&of_one).get("/me").await.expect_problem(401, "invalid_token");
}

fn kid_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

async fn roll(app: &App) -> String {
    homecoming::access::tokens::roll(&mut *app.database().await).await.unwrap()
}

async fn learn(app: &App) {
    app.office.tokens.learn_keys(&mut *app.database().await).await.unwrap();
}

/// The ids of the keys that verify, as they are told to other systems.
async fn told(app: &App) -> Vec<String> {
    let keys = app.anyone().get("//.well-known/jwks.json").await.expect(200);
    keys.json["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_new_key_signs_and_the_old_one_still_verifies_in_every_process() {
    let one = App::start().await;
    let old = one.admin().await.token();
    let kid = roll(&one).await;
    let two = App::on(&one.url().await).await;
    let new = two.admin().await.token();
    assert_eq!(kid_of(&new), kid);
    assert_eq!(told(&one).await, [kid_of(&old)], "a process that runs has not heard of it yet");
    // It asks when a token names it, also on a public route.
    one.anyone().with_token(&new).get("/colleges").await.expect(200);
    for app in [&one, &two] {
        assert_eq!(told(app).await, [kid.clone(), kid_of(&old)]);
        for token in [&old, &new] {
            app.anyone().with_token(token).get("/me").await.expect(200);
        }
    }
    assert_eq!(kid_of(&one.admin().await.token()), kid);
}

#[actix_web::test]
async fn a_running_process_signs_with_the_new_key_after_its_chore() {
    let app = App::start().await;
    let kid = roll(&app).await;
    assert_ne!(kid_of(&app.admin().await.token()), kid);
    learn(&app).await;
    assert_eq!(kid_of(&app.admin().await.token()), kid);
}

#[actix_web::test]
async fn a_token_of_a_retired_key_is_refused_also_where_it_was_good_before() {
    let forge = Forge::open().await;
    // Stolen, and good for a year.
    let year = json!({"exp": Clock::wall().timestamp() + 31_536_000});
    let token = forge.sign(&forge.header(), &forge.claims(year));
    let app = &forge.app;
    app.anyone().with_token(&token).get("/me").await.expect(200);
    let kid = roll(app).await;
    learn(app).await;
    app.anyone().with_token(&token).get("/me").await.expect(200);
    // Eleven minutes later the last token that was given out has expired.
    app.sql("update signing_keys set created_at = created_at - interval '661 seconds'").await;
    learn(app).await;
    forge.is_refused("a retired key", &token).await;
    assert_eq!(told(app).await, [kid]);
    let other = App::on(&app.url().await).await;
    other.anyone().with_token(&token).get("/me").await.expect_problem(401, "invalid_token");
    // The next roll deletes it.
    roll(app).await;
    assert_eq!(app.count("select count(*) from signing_keys").await, 2);
}

#[actix_web::test]
async fn junk_keys_do_not_hammer_the_database() {
    let forge = Forge::open().await;
    let named = |kid: String| forge.sign(&Header { kid: Some(kid), ..forge.header() }, &forge.claims);
    let asks: Vec<_> = (0..50).map(|n| forge.app.office.tokens.should_learn(&named(format!("junk{n}")))).collect();
    assert_eq!(asks.iter().filter(|ask| **ask).count(), 1, "of fifty at once one asks");
    for token in [forge.sign(&forge.header(), &forge.claims), "x".repeat(5_000), "x".to_owned()] {
        assert!(!App::on(&forge.app.url().await).await.office.tokens.should_learn(&token));
    }
}

#[actix_web::test]
async fn a_token_of_an_ended_session_is_refused_on_public_routes_too_also_by_another_process() {
    let app = App::start().await;
    let other = App::on(&app.url().await).await;
    let office = app.office().await;
    let elsewhere = other.anyone().with_token(&office.token());
    office.get("/colleges").await.expect(200);
    elsewhere.get("/colleges").await.expect(200);
    office.delete("/auth/tokens/current").await.expect(204);
    office.get("/colleges").await.expect_problem(401, "invalid_token");
    let mut connection = other.database().await;
    other.office.tokens.learn_ended(&mut connection).await.unwrap();
    elsewhere.get("/colleges").await.expect_problem(401, "invalid_token");
}

#[actix_web::test]
async fn what_ended_here_stays_refused_when_the_database_was_asked_a_moment_before() {
    let app = App::start().await;
    let office = app.office().await;
    let session = app.texts("select id::text as text from sessions where ended_at is null").await.remove(0);
    app.office.tokens.forget(session.parse::<uuid::Uuid>().unwrap().into());
    let mut connection = app.database().await;
    app.office.tokens.learn_ended(&mut connection).await.unwrap();
    office.get("/colleges").await.expect_problem(401, "invalid_token");
}
