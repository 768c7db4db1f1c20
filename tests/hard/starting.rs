//! Starting anywhere: what is refused with a sentence, what the doctor finds, where metrics and the clock are.

use std::process::Command;

use crate::client::{Call, Client};
use crate::home::Home;
use crate::program::{Program, command, free_address};
use crate::until;

/// How a command ends: whether well, and all that it says.
fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[track_caller]
fn refused(command: &mut Command, words: &str) {
    let (well, text) = said(command);
    assert!(!well && text.contains(words), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_cannot_be_meant_are_refused_with_a_sentence() {
    let home = Home::bare().await;
    let serve = || {
        let mut serve = command(&home.data_dir(), None);
        serve.arg("serve").env("HOMECOMING_LISTEN", free_address().to_string());
        serve
    };
    refused(serve().env("HOMECOMING_COLOUR", "red"), "unknown field: found `colour`");
    refused(serve().env("HOMECOMING_LISTEN", "0.0.0.0:0"), "HOMECOMING_RATE_LIMITS=off is for loopback only");
    refused(serve().env("HOMECOMING_CORS_ORIGINS", "https://a.example/path"), "not a web origin");
    refused(serve().env("HOMECOMING_TRUSTED_PROXIES", "10.0.0.0/33"), "10.0.0.0/33");
    refused(serve().env("HOMECOMING_METRICS_LISTEN", "somewhere"), "neither an address such as 127.0.0.1:9090 nor off");
    refused(serve().env("HOMECOMING_TIME_ZONE", "Asia/Qingdao"), "no time zone Asia/Qingdao");
    refused(serve().env("HOMECOMING_CONFIG", "nowhere.toml"), "nowhere.toml is not there");
    refused(serve().env("DATABASE_URL_FILE", "nowhere"), "DATABASE_URL_FILE: nowhere");
    refused(serve().env("DATABASE_URL", "postgres://127.0.0.1:1/none?sslmode=sometimes"), "no sslmode sometimes");
    let (well, text) = said(command(&home.data_dir(), Some("postgres://127.0.0.1:1/none")).arg("doctor"));
    assert!(!well && text.contains("FAIL  database") && text.contains("have to be mended first"), "{text}");
    assert!(!home.data_dir().join("postgres").exists(), "nothing was made for what was refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_moves_time_or_gives_tokens_away_is_for_demo_data_only() {
    let home = Home::bare().await;
    let empty = |arguments: &[&str]| {
        let mut empty = command(&home.data_dir(), None);
        empty.args(arguments).env("HOMECOMING_LISTEN", free_address().to_string());
        empty
    };
    let (well, text) =
        said(&mut empty(&["account", "create", "a@example.edu", "--name", "A", "--role", "office_staff"]));
    assert!(well && text.contains("shown this once"), "{text}");
    refused(&mut empty(&["account", "token", "a@example.edu"]), "for demo data only");
    let moved = "HOMECOMING_CLOCK moves the clock of demo data only";
    refused(empty(&["serve", "--empty"]).env("HOMECOMING_CLOCK", "2020-10-01T00:00:00Z"), moved);
    refused(&mut empty(&["demo"]), "has other data");
    let (well, text) = said(&mut empty(&["doctor"]));
    assert!(well && text.contains("Homecoming can serve here") && text.contains("LC_CTYPE"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_lives_in_the_year_that_the_clock_says_and_the_operator_sees_metrics_on_a_port_of_their_own() {
    let home = Home::with_demo().await;
    let (address, metrics) = (free_address(), free_address());
    let (well, token) = said(command(&home.data_dir(), None).args(["account", "token", "office@demo.example"]));
    assert!(well, "{token}");
    let mut serve = command(&home.data_dir(), None);
    serve.arg("serve").env("HOMECOMING_LISTEN", address.to_string());
    serve.env("HOMECOMING_METRICS_LISTEN", metrics.to_string()).env("HOMECOMING_CLOCK", "2020-10-01T00:00:00Z");
    let mut program = Program::of(serve, &home.data_dir(), address);
    program.ready(60).await;
    let mut office = Client::new(address, Some(token.trim()));
    let person = Call::post("/people", serde_json::json!({"name": "曾新"}));
    let made = office.ask(&person).await.unwrap();
    assert!(made.json["created_at"].as_str().unwrap().starts_with("2020-10-01T00:"), "{}", made.json);
    let mut operator = Client::new(metrics, None);
    until(10, "the request is counted", async || {
        let page = operator.ask(&Call::get("//metrics")).await.unwrap();
        let page = page.json.as_str().unwrap_or_default();
        page.contains("route=\"/api/v1/people\",status=\"201\"") && page.contains("process_open_fds")
    })
    .await;
    let public = Client::new(address, None).ask(&Call::get("//metrics")).await.unwrap();
    assert_eq!(public.status, 404, "metrics are not for the public");
    program.stop().await;
}
