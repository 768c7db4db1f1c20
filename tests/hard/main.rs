//! What must hold when things break: the real program is killed, starved, stopped and stormed.
//!
//! Each case has a short form, part of every run of the suite, and a long one under `HOMECOMING_HARD=1`
//! (`bin/test --hard`), which runs them one after the other.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod books;
mod client;
mod home;
mod load;
mod program;

mod database_away;
mod database_frozen;
mod disk_full;
mod dropped;
mod killed;
mod migrations;
mod sign_ins;
mod starters;
mod starting;
mod stopped;
mod storm;

use std::time::{Duration, Instant};

/// The size of a case: short in every run, long when asked for.
fn size<T>(short: T, long: T) -> T {
    match std::env::var_os("HOMECOMING_HARD") {
        None => short,
        Some(_) => long,
    }
}

/// Asks again and again until it is so, and says how long that took; fails when it takes longer than `seconds`.
#[track_caller]
fn until(seconds: u64, what: &'static str, mut is_so: impl AsyncFnMut() -> bool) -> impl Future<Output = Duration> {
    let caller = std::panic::Location::caller();
    async move {
        let begun = Instant::now();
        while !is_so().await {
            assert!(begun.elapsed() < Duration::from_secs(seconds), "{caller}: not within {seconds} s: {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        begun.elapsed()
    }
}

/// Bodies of a draft of an event, a year ahead; a place for everybody who comes.
fn draft(capacity: u32) -> serde_json::Value {
    let day = (homecoming::base::clock::Clock::wall() + chrono::Days::new(365)).date_naive();
    serde_json::json!({
        "kind": "forum", "title": "校友论坛", "starts_local": format!("{day}T14:00:00"),
        "ends_local": format!("{day}T17:00:00"), "time_zone": "Asia/Shanghai", "capacity": capacity, "waitlist": true,
    })
}
