//! Who has an account is not found out by signing in: not by status, not by body, not by time.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{sign_in, without_instance};
use crate::support::{Answer, App};

const TRIES: usize = 200;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Everything of an answer but what names the request.
fn told(answer: &Answer) -> (u16, serde_json::Value, Vec<String>) {
    let mut headers: Vec<_> = answer.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.retain(|line| !line.starts_with("x-request-id"));
    headers.sort();
    (answer.status, without_instance(answer), headers)
}

#[actix_web::test]
async fn unknown_wrong_disabled_and_invited_accounts_are_alike_in_status_body_and_time() {
    let app = App::unlimited().await;
    let of = |login: &str| format!("(select account_id from account_identifiers where value = '{login}@demo.example')");
    app.sql(&format!("update accounts set status = 'disabled' where id = {}", of("alumnus2"))).await;
    app.sql(&format!("update accounts set password_hash = null where id = {}", of("alumnus3"))).await;
    let logins = ["nobody", "alumnus1", "alumnus2", "alumnus3"];
    let mut times = [const { vec![] }; 4];
    let mut first = None;
    // Interleaved, so that whatever else the machine does befalls all of them.
    for turn in 0..TRIES {
        for step in 0..4 {
            let at = (turn + step) % 4;
            let email = format!("{}@demo.example", logins[at]);
            let start = Instant::now();
            let answer =
                sign_in(&app, json!({"grant_type": "password", "email": email, "password": "wrong wrong"})).await;
            times[at].push(start.elapsed());
            let told = told(&answer);
            assert_eq!(told.0, 401, "{}", answer.json);
            assert_eq!(first.get_or_insert_with(|| told.clone()), &told, "{email}");
        }
    }
    let medians = times.map(median);
    let (least, most) = (medians.iter().min().unwrap(), medians.iter().max().unwrap());
    assert!(*most < *least * 3 / 2, "{logins:?}: {medians:?}");
    // Each takes as long as a hash at least: nobody is answered without the work.
    assert!(*least > Duration::from_millis(2), "{medians:?}");
}
