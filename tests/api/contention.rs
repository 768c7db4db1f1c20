//! Many at once for few seats: what must hold of an event's seats whatever happens, and that the check can fail.

mod model;
mod storm;

use serde_json::Value;

use crate::support::App;

/// What must hold of an event's seats at rest, read over HTTP by an organizer; `Err` says what does not.
async fn check_seats(app: &App, event: &str) -> Result<(), String> {
    let secretary = app.secretary_of("shenzhen").await;
    let seats = app.seats(event).await;
    let rows = secretary.all(&format!("{event}/registrations")).await;
    let size = |row: &Value| row["party_size"].as_i64().unwrap_or_default();
    let of = |status: &str| rows.iter().filter(|row| row["status"] == status).cloned().collect::<Vec<_>>();
    let (confirmed, mut waiting) = (of("confirmed"), of("waitlisted"));
    let given: i64 = confirmed.iter().map(size).sum();
    let capacity = seats["capacity"].as_i64().unwrap_or(i64::MAX);
    if given > capacity {
        return Err(format!("oversold: {given} seats were given of {capacity}"));
    }
    if seats["seats_taken"] != given {
        return Err(format!("{given} seats were given, {} are counted", seats["seats_taken"]));
    }
    if seats["waiting"] != waiting.len() {
        return Err(format!("{} wait, {} are counted", waiting.len(), seats["waiting"]));
    }
    waiting.sort_by_key(|row| row["queue_position"].as_i64());
    let places: Vec<_> = waiting.iter().filter_map(|row| row["queue_position"].as_u64()).collect();
    if places != (1..).take(waiting.len()).collect::<Vec<u64>>() {
        return Err(format!("the queue has gaps: {places:?}"));
    }
    match waiting.first() {
        Some(head) if given + size(head) <= capacity => Err(format!("the head of the queue fits: {head}")),
        _ => Ok(()),
    }
}
