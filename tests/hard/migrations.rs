//! R6: the schema moves on under traffic: an old program on a newer schema, and a migration that cannot have its lock.

use std::path::{Path, PathBuf};

use crate::books::Books;
use crate::client::{Call, Client, published_event};
use crate::home::Home;
use crate::load::{self, Load};
use crate::program::{Program, free_address};
use crate::size;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_program_works_on_while_the_schema_grows_and_also_starts_on_it() {
    let home = Home::with_demo().await;
    let mut program = Program::start(&home).await;
    let (event, secretary) = published_event(program.address, 40).await;
    let mut anyone = Client::new(program.address, None);
    let mut books = Books::of(&home.guest()).await;
    let load = Load::begin(load::Program::IsKilled, program.address, 8, &event, secretary);
    for number in 0..size(2, 20) {
        load.goes_on(20).await;
        for table in ["events", "event_seats", "registrations", "idempotency_keys", "journal_entries", "sessions"] {
            books.run(&format!("set lock_timeout = '5s'; alter table {table} add column added_{number} text")).await;
        }
        books.run(&format!("insert into __diesel_schema_migrations (version) values ('9999{number:04}')")).await;
        assert_eq!(anyone.status(&Call::get("//readyz")).await, Ok(200));
    }
    load.goes_on(20).await;
    program.tell_to_stop();
    assert!(program.ended(40).await.0.success());
    program = Program::start_at(&home, program.address).await;
    load.goes_on(20).await;
    let mut books = Books::of(&home.guest()).await;
    load.end(&mut books).await;
    drop(books);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_cannot_have_its_lock_gives_up_before_traffic_stands_behind_it() {
    let home = Home::with_demo().await;
    let server = home.start_server(true);
    let program = Program::start_on(&home, server.url()).await;
    let mut anyone = Client::new(program.address, None);
    let mut holder = Books::of(&server).await;
    // The last migrations are undone, and somebody's long transaction writes to what they change.
    for folder in migrations_since("0007") {
        let undo = std::fs::read_to_string(folder.join("down.sql")).unwrap();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let forget = format!("delete from __diesel_schema_migrations where version = '{}'", &name[..4]);
        holder.run(&format!("{undo}; {forget}")).await;
    }
    assert_eq!(anyone.status(&Call::get("//readyz")).await, Ok(503), "a program on an older schema is not ready");
    holder.run("begin; lock table accounts, people, organizations, events in row exclusive mode").await;

    let migrate = || Program::begin(&home.root().join("elsewhere"), Some(server.url()), free_address(), &["migrate"]);
    let mut refused = migrate();
    let (status, took) = refused.ended(30).await;
    eprintln!("gave up after {took:?}");
    assert!(!status.success());
    assert!(refused.output().contains("lock timeout"), "{}", refused.output());
    holder.run("commit").await;
    let mut done = migrate();
    assert!(done.ended(30).await.0.success(), "{}", done.output());
    assert_eq!(anyone.status(&Call::get("//readyz")).await, Ok(200));
    drop(holder);
    program.stop().await;
    server.stop().unwrap();
}

/// The folders of the migrations from one on, the newest first.
fn migrations_since(first: &str) -> Vec<PathBuf> {
    let folders = std::fs::read_dir("migrations").unwrap().map(|entry| entry.unwrap().path());
    let mut since: Vec<_> = folders.filter(|folder| folder.as_path() >= Path::new("migrations").join(first)).collect();
    since.sort();
    since.reverse();
    since
}
