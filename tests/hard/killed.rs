//! R1: `kill -9` of the program, and of program and PostgreSQL together, under load.

use rustix::process::Signal;

use crate::books::Books;
use crate::client::published_event;
use crate::home::{Home, postmaster, signal};
use crate::load::{self, Load};
use crate::program::Program;
use crate::size;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_every_kill_and_nothing_is_there_twice() {
    let home = Home::with_demo().await;
    let mut program = Program::start(&home).await;
    let (event, secretary) = published_event(program.address, 40).await;
    let load = Load::begin(load::Program::IsKilled, program.address, 8, &event, secretary);
    for round in 0..size(2, 30) {
        load.goes_on(20 + round % 7 * 5).await;
        let server = home.guest();
        let postmaster = postmaster(&server).unwrap();
        program.kill();
        if round % 2 == 1 {
            // Nobody is left to bring the data in order: the next start recovers.
            signal(postmaster, Signal::KILL);
        }
        program = Program::start_at(&home, program.address).await;
    }
    load.goes_on(20).await;
    let mut books = Books::of(&home.guest()).await;
    let seen = load.end(&mut books).await;
    assert!(seen.unanswered > 0, "the kills met requests");
    books.check_journal(&home.data_dir()).await;
    drop(books);
    program.stop().await;
}
