//! The benchmark: the API and pgbench with the same statements in turn, in one run, on the data of a large university.
//!
//! `bin/bench` builds all, makes the data and calls this. docs/PERFORMANCE.md says what the figures mean.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "a benchmark may fail loudly, and its numbers are small"
)]

mod client;
mod database;
mod figures;
mod process;
mod seats;

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use hyper::Method;
use hyper::header::HeaderValue;
use serde_json::json;

use client::Request;
use database::{Database, Script};
use figures::Figures;
use process::Server;
use seats::{Crowd, PEOPLE, SEATS};

/// Connections to the API, and clients of pgbench.
const CLIENTS: usize = 16;
/// Sign-ins under way while others read.
const LOGINS: usize = 50;

/// Compares the API with pgbench on the same statements.
#[derive(Parser)]
struct Arguments {
    /// The program.
    #[arg(long)]
    program: PathBuf,
    /// Where `homecoming demo --size campus` has made its data.
    #[arg(long)]
    data: PathBuf,
    /// PostgreSQL's own load client.
    #[arg(long)]
    pgbench: PathBuf,
    /// Rounds, of which the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each measurement in a round.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Where to write the figures as JSON as well.
    #[arg(long)]
    json: Option<PathBuf>,
    /// What is measured: the commit, and how it was built.
    #[arg(long, default_value = "")]
    of: String,
    /// What cargo hands over.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A kind of request, and the same for pgbench.
struct Workload {
    name: &'static str,
    requests: Vec<Request>,
    script: Result<Script, String>,
}

/// What one measurement of the API gave.
struct Sample {
    per_second: f64,
    p99: Duration,
    server_micros: f64,
    database_micros: f64,
    client_micros: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    let database = Database::start(&arguments.data, arguments.pgbench.clone()).await;
    database.run("vacuum analyze").await;
    let crowd = Crowd::gather(&database).await;
    let mut figures = Figures::new(&arguments.of);
    starts(&arguments, &database, &mut figures);
    let token = crowd.token(2);
    let (point, page, public_page) = workloads(&arguments, &database, &token).await;
    {
        let server = serve(&arguments, &database);
        let known = unchanged(&server, &point).await;
        for requests in [&point.requests, &known, &page.requests, &public_page.requests] {
            http(&server, &database, requests, 0.5).await;
        }
        for round in 1..=arguments.rounds {
            eprintln!("round {round} of {}: reading", arguments.rounds);
            let read = compared(&arguments, &database, &server, &point, ("G1", "G1_work"), &mut figures).await;
            let same = http(&server, &database, &known, arguments.seconds).await;
            let cost = |sample: &Sample| sample.server_micros + sample.database_micros;
            figures.add("G3", cost(&same) / cost(&read));
            compared(&arguments, &database, &server, &page, ("G2", "G2_work"), &mut figures).await;
            compared(&arguments, &database, &server, &public_page, ("G2_public", "G2_public_work"), &mut figures).await;
            let (slower, growth, answered) = beside_logins(&arguments, &server, &point, read.p99).await;
            figures.add("G10", slower);
            figures.add("G10_memory", growth);
            figures.add("G10_logins", answered);
        }
        figures.add("G11_loaded", server.memory("VmHWM"));
    }
    for round in 1..=arguments.rounds {
        eprintln!("round {round} of {}: {PEOPLE} people for {SEATS} seats", arguments.rounds);
        sales(&arguments, &database, &crowd, &mut figures).await;
    }
    crowd.dismiss(&database).await;
    figures.print();
    if let Some(file) = &arguments.json {
        std::fs::write(file, figures.json()).expect("the file of figures");
    }
}

fn serve(arguments: &Arguments, database: &Database) -> Server {
    Server::start(&arguments.program, &arguments.data, database.url(), &[])
}

/// Starts with a database that runs already.
fn starts(arguments: &Arguments, database: &Database, figures: &mut Figures) {
    for _ in 0..arguments.rounds {
        let server = serve(arguments, database);
        figures.add("G11_start", server.started_in.as_secs_f64() * 1e3);
        std::thread::sleep(Duration::from_millis(500));
        figures.add("G11", server.memory("VmRSS"));
    }
}

/// An event by its id, and pages of fifty, for somebody who is signed in; the pages for anybody too.
async fn workloads(arguments: &Arguments, database: &Database, token: &str) -> (Workload, Workload, Workload) {
    let one_worker = [("HOMECOMING_WORKERS", "1"), ("HOMECOMING_CONNECTIONS", "2")];
    let server = Server::start(&arguments.program, &arguments.data, &database.logging_url(), &one_worker);
    let ids = database.texts(
        "select id::text from (select id, row_number() over (order by md5(id::text)) from events where published_at is not null) e
        where row_number <= 500",
    );
    let events = ids.await.iter().map(|id| Request::get(&format!("/api/v1/events/{id}")).signed_in(token)).collect();
    let (mut public, mut path) = (vec![], Some("/api/v1/events?limit=50".to_owned()));
    while let Some(here) = path.take() {
        let request = Request::get(&here);
        let page = client::each(server.at, std::slice::from_ref(&request)).await[0].json();
        path = page["next"].as_str().map(|next| format!("/api/v1/events?limit=50&cursor={next}"));
        if path.is_some() && here.contains("cursor") {
            // Neither the first page, which is another statement, nor the last, which is shorter.
            public.push(request);
        }
    }
    let pages = public.iter().map(|request| request.clone().signed_in(token)).collect();
    (
        workload(database, &server, "P1", events).await,
        workload(database, &server, "P2", pages).await,
        workload(database, &server, "P2-public", public).await,
    )
}

/// Learns from the program itself what it sends for these requests.
async fn workload(database: &Database, server: &Server, name: &'static str, requests: Vec<Request>) -> Workload {
    client::each(server.at, &requests[..5]).await;
    database.mark(&format!("{name} begins")).await;
    for request in &requests {
        database.mark(name).await;
        let answer = &client::each(server.at, std::slice::from_ref(request)).await[0];
        assert_eq!(answer.status, 200, "{}", answer.json());
    }
    let script = database.script(name).await;
    if let Ok(script) = &script {
        eprintln!(
            "{name}: {} requests of {} statements, {} of them not kept prepared",
            requests.len(),
            script.statements,
            script.unprepared
        );
    }
    Workload { name, requests, script }
}

/// The same requests with what is known of each already.
async fn unchanged(server: &Server, of: &Workload) -> Vec<Request> {
    let answers = client::each(server.at, &of.requests).await;
    let etags: Vec<HeaderValue> = answers.iter().map(|answer| answer.etag.clone().expect("an ETag")).collect();
    let known: Vec<Request> =
        of.requests.iter().zip(&etags).map(|(request, etag)| request.clone().unless(etag)).collect();
    for answer in client::each(server.at, &known).await {
        assert!(answer.status == 304 && answer.body.is_empty(), "a 304 sends something");
    }
    known
}

/// pgbench, then the API.
async fn compared(
    arguments: &Arguments,
    database: &Database,
    server: &Server,
    of: &Workload,
    (figure, work): (&'static str, &'static str),
    figures: &mut Figures,
) -> Sample {
    let bare = of.script.as_ref().map(|script| database.pgbench(script, CLIENTS, arguments.seconds));
    let sample = http(server, database, &of.requests, arguments.seconds).await;
    match bare {
        Ok(bare) => {
            figures.add(figure, sample.per_second / bare.per_second);
            let whole = sample.server_micros + sample.database_micros + sample.client_micros;
            figures.add(work, (bare.database_micros + bare.client_micros) / whole);
            figures.note(figure, &format!(
                "{}: {:.0}/s, pgbench {:.0}/s; µs of server {:.0}, of PostgreSQL {:.0} (pgbench {:.0}), of the client {:.0} ({:.0}); p99 {:.1} ms",
                of.name, sample.per_second, bare.per_second, sample.server_micros, sample.database_micros,
                bare.database_micros, sample.client_micros, bare.client_micros, sample.p99.as_secs_f64() * 1e3
            ));
        }
        Err(why) => figures.missing(figure, why),
    }
    if figure == "G1" {
        figures.add("G1_cpu", sample.server_micros / sample.database_micros);
    }
    sample
}

/// The requests in an order without a pattern, for so long, on all connections.
async fn http(server: &Server, database: &Database, requests: &[Request], seconds: f64) -> Sample {
    let (before, start) = (used(server, database), Instant::now());
    let took = for_seconds(server, requests, seconds).await;
    let (after, elapsed) = (used(server, database), start.elapsed());
    let done = took.len() as f64;
    let micros = |of: usize| (after[of] - before[of]) / done;
    Sample {
        per_second: done / elapsed.as_secs_f64(),
        p99: took[took.len() * 99 / 100],
        server_micros: micros(0),
        database_micros: micros(1),
        client_micros: micros(2),
    }
}

/// Processor time so far of the program, PostgreSQL and this client, in µs.
fn used(server: &Server, database: &Database) -> [f64; 3] {
    [server.cpu(), database.cpu(), process::own_cpu()]
}

/// How long each request took, sorted.
async fn for_seconds(server: &Server, requests: &[Request], seconds: f64) -> Vec<Duration> {
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let (mut sent, mut took) = (0, vec![]);
    let next = || {
        // A step without a common factor visits all.
        sent += 7919;
        (Instant::now() < until).then(|| requests[sent % requests.len()].clone())
    };
    client::drive(server.at, CLIENTS, next, |answer| {
        assert!(matches!(answer.status, 200 | 304), "{}: {}", answer.status, answer.json());
        took.push(answer.took());
    })
    .await;
    took.sort();
    took
}

/// Reads beside sign-ins: how much slower the slow ones are, how many MiB more, how many sign-ins a second.
async fn beside_logins(arguments: &Arguments, server: &Server, reads: &Workload, alone: Duration) -> (f64, f64, f64) {
    let before = server.memory("VmRSS");
    let (highest, answered, reading) = (Cell::new(before), Cell::new(0.0), Cell::new(true));
    let logins = client::drive(
        server.at,
        LOGINS,
        || {
            let body = json!({"grant_type": "password", "email": "person-000001@demo.example", "password": homecoming::demo::PASSWORD});
            reading.get().then(|| Request::send(Method::POST, "/api/v1/auth/tokens", &body))
        },
        |answer| {
            assert!(matches!(answer.status, 201 | 503), "{}: {}", answer.status, answer.json());
            answered.set(answered.get() + f64::from(u8::from(answer.status == 201)));
            highest.set(highest.get().max(server.memory("VmRSS")));
        },
    );
    let reads = async {
        let took = for_seconds(server, &reads.requests, arguments.seconds).await;
        reading.set(false);
        took
    };
    let ((), took) = futures::join!(logins, reads);
    let p99 = took[took.len() * 99 / 100];
    (p99.as_secs_f64() / alone.as_secs_f64(), highest.get() - before, answered.get() / arguments.seconds)
}

/// One sale with 50 connections, one with 16, each on a program that has seen none of the people, and the obvious way.
async fn sales(arguments: &Arguments, database: &Database, crowd: &Crowd, figures: &mut Figures) {
    let server = serve(arguments, database);
    let bare = seats::sell_the_obvious_way(server.at, database, crowd, 50);
    let bare = bare.await;
    drop(server);
    for (connections, waitlist, figure) in [(50, false, "G5"), (16, false, "G5_16"), (50, true, "G5_waitlist")] {
        let server = serve(arguments, database);
        let (people, seats) = if waitlist { (PEOPLE / 10, SEATS / 10) } else { (PEOPLE, SEATS) };
        let sale = seats::sell(server.at, database, crowd, people, seats, waitlist, connections).await;
        figures.add("G5_faults", sale.faults.len() as f64);
        for fault in &sale.faults {
            eprintln!("  {figure}: {fault}");
        }
        if waitlist {
            continue;
        }
        figures.add(figure, sale.seats_per_second / bare.per_second);
        figures.note(
            figure,
            &format!(
                "{connections} connections: {:.0} seats/s, the obvious way {:.0}; {:.0} tries/s",
                sale.seats_per_second, bare.per_second, sale.tries_per_second
            ),
        );
        if connections == 50 {
            figures.add("G11_loaded", server.memory("VmHWM"));
            figures.add("G5_p99", sale.p99.as_secs_f64() * 1e3);
        }
    }
}
