//! One event with 500 seats that 10,000 people want: over HTTP, and by the obvious way in pgbench.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use homecoming::access::office::Office;
use homecoming::base::clock::Clock;
use homecoming::db::pool::Pool;
use hyper::Method;
use serde_json::json;
use uuid::Uuid;

use crate::client::{self, Answer, Request};
use crate::database::{Database, Rate};

/// How many people want a seat.
pub const PEOPLE: usize = 10_000;
/// How many seats there are.
pub const SEATS: usize = 500;

/// One sale.
pub struct Sale {
    /// From the first request to the last seat.
    pub seats_per_second: f64,
    /// Of all requests, sold or refused.
    pub tries_per_second: f64,
    /// Of all requests.
    pub p99: Duration,
    /// What was not as it has to be; empty in a good sale.
    pub faults: Vec<String>,
}

/// Sessions for people with accounts, made by SQL: signing in 10,000 times would take minutes of argon2.
pub struct Crowd {
    office: Office,
    sessions: Vec<(Uuid, Uuid)>,
}

impl Crowd {
    /// Everybody of the campus who has an account, and the two who make events.
    pub async fn gather(database: &Database) -> Self {
        let pool = Pool::new(database.url(), 1).expect("a pool");
        let office = Office::open(pool, Clock::default(), chrono_tz::Asia::Shanghai).await.expect("an office");
        // What a run that was cut short has left.
        database
            .run("delete from sessions s where not exists (select from refresh_tokens where session_id = s.id)")
            .await;
        for event in database.texts("select id::text from events where title_en = 'Homecoming day'").await {
            forget(database, &event).await;
        }
        let sql = "
            insert into sessions (id, account_id, created_at)
            select gen_random_uuid(), account_id, now() from account_identifiers
            where value like 'person-%' or value in ('secretary.shenzhen@demo.example', 'office@demo.example')
            order by value like 'person-%', value desc
            returning id || ' ' || account_id";
        let rows = database.texts(sql).await;
        let id = |text: &str| text.parse::<Uuid>().expect("an id");
        let session = |row: &String| row.split_once(' ').map(|(session, account)| (id(session), id(account)));
        Self { office, sessions: rows.iter().filter_map(session).collect() }
    }

    /// A fresh token of the secretary (0), the office (1), or one of the people.
    pub fn token(&self, number: usize) -> String {
        let (session, account) = self.sessions[number];
        self.office.tokens.sign(account.into(), session.into()).expect("a token")
    }

    /// The sessions go when the benchmark does.
    pub async fn dismiss(&self, database: &Database) {
        let ids: Vec<String> = self.sessions.iter().map(|(session, _)| session.to_string()).collect();
        database.run(&format!("delete from sessions where id = any('{{{}}}')", ids.join(","))).await;
    }

    /// A published event of the Shenzhen chapter.
    pub async fn event(&self, at: SocketAddr, database: &Database, capacity: usize, waitlist: bool) -> String {
        let host = database.texts("select id::text from organizations where code = 'shenzhen'").await;
        let next_year = database.number("select extract(year from now())::bigint + 1").await;
        let draft = json!({
            "kind": "other", "title": "返校日", "title_en": "Homecoming day", "starts_local": format!("{next_year}-06-12T14:00"),
            "ends_local": format!("{next_year}-06-12T17:00"), "time_zone": "Asia/Shanghai", "capacity": capacity,
            "waitlist": waitlist,
        });
        let (secretary, office) = (self.token(0), self.token(1));
        let path = format!("/api/v1/organizations/{}/events", host[0]);
        let draft = Request::send(Method::POST, &path, &draft).signed_in(&secretary);
        let made = client::each(at, &[draft]).await[0].json();
        let id = made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        let step = |noun: &str, token: &str| {
            Request::send(Method::PUT, &format!("/api/v1/events/{id}/{noun}"), &json!({})).signed_in(token)
        };
        let steps = [step("submission", &secretary), step("approval", &office), step("publication", &secretary)];
        for answer in client::each(at, &steps).await {
            assert_eq!(answer.status, 200, "{}", answer.json());
        }
        id
    }
}

/// Sells the seats of an event to that many people, each with one request, and looks whether all was right.
pub async fn sell(
    at: SocketAddr,
    database: &Database,
    crowd: &Crowd,
    people: usize,
    seats: usize,
    waitlist: bool,
    connections: usize,
) -> Sale {
    let event = crowd.event(at, database, seats, waitlist).await;
    let path = format!("/api/v1/events/{event}/registrations");
    let request = |number: usize| {
        let request = Request::send(Method::POST, &path, &json!({})).signed_in(&crowd.token(2 + number));
        request.with("idempotency-key", &format!("bench-{number}"))
    };
    let requests: Vec<Request> = (0..people).map(request).collect();
    let (mut rest, mut answers) = (requests.into_iter(), vec![]);
    let start = Instant::now();
    client::drive(at, connections, || rest.next(), |answer| answers.push(answer)).await;
    let end = Instant::now();
    let faults = faults(database, &event, &answers, people, seats, waitlist).await;
    let sold = answers.iter().filter(|answer| is(answer, "confirmed")).map(|answer| answer.end).max().unwrap_or(end);
    let mut took: Vec<Duration> = answers.iter().map(Answer::took).collect();
    took.sort();
    forget(database, &event).await;
    Sale {
        seats_per_second: seats as f64 / (sold - start).as_secs_f64(),
        tries_per_second: people as f64 / (end - start).as_secs_f64(),
        p99: took[took.len() * 99 / 100],
        faults,
    }
}

fn is(answer: &Answer, status: &str) -> bool {
    answer.status == 201 && answer.json()["status"] == status
}

async fn faults(
    database: &Database,
    event: &str,
    answers: &[Answer],
    people: usize,
    seats: usize,
    waitlist: bool,
) -> Vec<String> {
    let mut faults = vec![];
    let mut expect = |what: &str, is: i64, wanted: usize| {
        if usize::try_from(is) != Ok(wanted) {
            faults.push(format!("{what}: {is} instead of {wanted}"));
        }
    };
    let count = |which: &str| format!("select count(*) from registrations where event_id = '{event}' and {which}");
    let waiting = if waitlist { people - seats } else { 0 };
    expect("seats sold", database.number(&count("status = 'confirmed'")).await, seats);
    expect("parties waiting", database.number(&count("status = 'waitlisted'")).await, waiting);
    let doubles = format!(
        "select count(*) - count(distinct person_id) from registrations where event_id = '{event}' and status <> 'withdrawn'"
    );
    expect("people with two registrations", database.number(&doubles).await, 0);
    let counted = format!("select seats_taken::bigint from event_seats where event_id = '{event}'");
    expect("seats counted", database.number(&counted).await, seats);
    let answered = |of: &dyn Fn(&Answer) -> bool| answers.iter().filter(|answer| of(answer)).count() as i64;
    expect("answers with a seat", answered(&|answer| is(answer, "confirmed")), seats);
    expect("answers with a place in the queue", answered(&|answer| is(answer, "waitlisted")), waiting);
    expect("answers that it is full", answered(&|answer| answer.status == 409), people - seats - waiting);
    expect("other answers", answered(&|answer| ![201, 409].contains(&answer.status)), 0);
    if let Some(answer) = answers.iter().find(|answer| ![201, 409].contains(&answer.status)) {
        faults.push(format!("{}: {}", answer.status, answer.json()));
    }
    let overtaken = overtaken(answers);
    if overtaken > 0 {
        faults.push(format!("{overtaken} were overtaken by somebody who asked after they had their answer"));
    }
    faults
}

/// How many were served worse than somebody who asked only after they had been answered.
fn overtaken(answers: &[Answer]) -> usize {
    // Seats before places in the queue before refusals.
    let mut served: Vec<(i64, &Answer)> = answers
        .iter()
        .map(|answer| {
            let place = match answer.status {
                201 => answer.json()["queue_position"].as_i64().unwrap_or(0),
                _ => i64::MAX,
            };
            (place, answer)
        })
        .collect();
    served.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    let (mut overtaken, mut earliest, mut of_worse) = (0, None::<Instant>, (i64::MAX, None::<Instant>));
    for (place, answer) in served {
        if place != of_worse.0 {
            earliest = [earliest, of_worse.1].into_iter().flatten().min();
            of_worse = (place, None);
        }
        of_worse.1 = Some(of_worse.1.map_or(answer.end, |known| known.min(answer.end)));
        overtaken += usize::from(earliest.is_some_and(|earliest| earliest < answer.start));
    }
    overtaken
}

/// The obvious way: lock the event, read, decide, write; 50 clients for the same number of seats.
pub async fn sell_the_obvious_way(at: SocketAddr, database: &Database, crowd: &Crowd, clients: usize) -> Rate {
    let event = crowd.event(at, database, SEATS, false).await;
    let people = database.texts("select person_id::text from accounts where person_id is not null limit 500").await;
    let mut script = String::new();
    let each = SEATS / clients;
    writeln!(
        script,
        r"\set i :i + 1
\set n :client_id * {each} + :i
begin;
select s.capacity, s.seats_taken, e.status = 'published' as open from events e join event_seats s on s.event_id = e.id where e.id = :event for update of s \gset
select count(*) as doubles from registrations where event_id = :event and person_id = ('{{{}}}'::uuid[])[:n] and status <> 'withdrawn' \gset
\if :doubles = 0 and :seats_taken < :capacity
insert into registrations (id, event_id, person_id, party_size, answers, status, ticket, created_at, updated_at) values (gen_random_uuid(), :event, ('{{{}}}'::uuid[])[:n], 1, '{{}}', 'confirmed', md5(random()::text), now(), now());
update event_seats set seats_taken = seats_taken + 1 where event_id = :event;
\endif
commit;",
        people.join(","),
        people.join(","),
    )
    .expect("a text");
    let variables = [("event".to_owned(), event.clone()), ("i".to_owned(), "0".to_owned())];
    let rate = database.pgbench_times(&script, &variables, clients, each);
    let sold =
        database.number(&format!("select seats_taken::bigint from event_seats where event_id = '{event}'")).await;
    assert_eq!(usize::try_from(sold), Ok(each * clients), "the script of pgbench is wrong");
    forget(database, &event).await;
    rate
}

/// Removes an event of the benchmark, so that the next round finds what this one found.
async fn forget(database: &Database, event: &str) {
    database
        .run(&format!(
            "delete from registrations where event_id = '{event}'; delete from event_seats where event_id = '{event}';
            delete from events where id = '{event}'; delete from idempotency_keys where route like '%{event}%'"
        ))
        .await;
    database.run("vacuum event_seats").await;
    database.run("vacuum idempotency_keys").await;
}
