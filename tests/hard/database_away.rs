//! R2: PostgreSQL dies or is restarted under load, and the program goes on without a restart.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::books::Books;
use crate::client::{Call, Client, published_event};
use crate::home::{Home, postmaster, signal};
use crate::load::{self, Load, registration};
use crate::program::Program;
use crate::{size, until};

/// The longest answer while the database is away or comes back.
const LONGEST: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_postgresql_is_back_in_five_seconds_and_nothing_acknowledged_is_lost() {
    let home = Home::with_demo().await;
    let program = Program::start(&home).await;
    let (event, secretary) = published_event(program.address, 40).await;
    let (other, mut guest) = published_event(program.address, 40).await;
    let load = Load::begin(load::Program::Stays, program.address, 8, &event, secretary);
    let path = format!("{other}/registrations");
    let mut times = vec![];
    for round in 0..size(2, 10) {
        load.goes_on(20).await;
        let server = home.guest();
        let killed = postmaster(&server).unwrap();
        signal(killed, Signal::KILL);
        let begun = Instant::now();
        let call = registration(&path, &format!("客kill{round}"));
        until(60, "registrations go on", async || {
            postmaster(&server).is_some_and(|now| now != killed) && guest.status(&call).await == Ok(201)
        })
        .await;
        times.push(begun.elapsed());
        if times.len() < size(2, 10) {
            // Five restarts a minute are made at once; this is about one, not about many.
            until(20, "a pause", async || begun.elapsed() > size(Duration::ZERO, Duration::from_secs(13))).await;
        }
    }
    eprintln!("back after {times:?}");
    // On a machine with other work one of them may take longer.
    assert!(times.iter().min().unwrap() <= &Duration::from_secs(size(15, 5)), "{times:?}");
    load.goes_on(20).await;
    let mut books = Books::of(&home.guest()).await;
    let seen = load.end(&mut books).await;
    eprintln!("{} told to come again, slowest answer {:?}", seen.busy, seen.slowest);
    assert!(seen.busy > 0, "the kills met requests");
    assert!(seen.slowest < LONGEST, "{:?}", seen.slowest);
    books.check_journal(&home.data_dir()).await;
    drop(books);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_ones_own_may_be_restarted_under_load() {
    let home = Home::with_demo().await;
    let mut server = home.start_server(true);
    let url = server.url().to_owned();
    let program = Program::start_on(&home, &url).await;
    let (event, secretary) = published_event(program.address, 40).await;
    let load = Load::begin(load::Program::Stays, program.address, 8, &event, secretary);
    let mut anyone = Client::new(program.address, None);
    for _ in 0..size(1, 5) {
        load.goes_on(20).await;
        server.stop().unwrap();
        // The process itself is well: it is not restarted for what is the database's.
        assert_eq!(anyone.status(&Call::get("//livez")).await, Ok(200));
        assert!(anyone.expect(&Call::get("//readyz"), 503).await.retry_after);
        assert!(anyone.expect(&Call::get(&event), 503).await.retry_after);
        server = home.start_server(true);
        assert_eq!(server.url(), url);
        let back = load.goes_on(1).await;
        eprintln!("registrations go on {back:?} after the start");
        assert_eq!(anyone.status(&Call::get("//readyz")).await, Ok(200));
    }
    let mut books = Books::open(&url).await;
    let seen = load.end(&mut books).await;
    assert!(seen.slowest < LONGEST, "{:?}", seen.slowest);
    books.check_journal(&home.root().join("elsewhere")).await;
    drop(books);
    program.stop().await;
    server.stop().unwrap();
}
