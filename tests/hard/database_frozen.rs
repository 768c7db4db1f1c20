//! R3: PostgreSQL stands still, every connection is taken, and many ask.

use std::time::Duration;

use futures::future::join_all;
use homecoming::db::embedded::Embedded;
use rustix::process::{Pid, Signal};

use crate::books::Books;
use crate::client::{Call, Client, published_event};
use crate::home::{Home, postmaster, signal};
use crate::load::registration;
use crate::program::Program;
use crate::{size, until};

/// All processes of a server, stopped until this is dropped.
struct Frozen(Vec<Pid>);

impl Frozen {
    fn freeze(server: &Embedded) -> Self {
        let postmaster = postmaster(server).unwrap();
        // The parent first, so that it makes no more.
        signal(postmaster, Signal::STOP);
        let mut all = vec![postmaster];
        all.extend(children(postmaster));
        for pid in &all {
            signal(*pid, Signal::STOP);
        }
        Self(all)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in self.0.iter().rev() {
            signal(*pid, Signal::CONT);
        }
    }
}

/// The children of a process, as `/proc` lists them.
fn children(parent: Pid) -> Vec<Pid> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_child = |number: &i32| {
        let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        after_name.split_whitespace().nth(1) == Some(&parent.as_raw_pid().to_string())
    };
    numbers.filter(is_child).filter_map(Pid::from_raw).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stands_still_is_503_in_time_and_alive_stays_alive() {
    let home = Home::with_demo().await;
    let program = Program::start(&home).await;
    let (event, secretary) = published_event(program.address, 40).await;
    let server = home.guest();
    let people = size(60, 500);
    let path = format!("{event}/registrations");
    let ask = async |number: usize, round: &str| {
        let mut client = Client::new(program.address, Some(secretary.token()));
        let call = match number % 2 {
            0 => Call::get(&event),
            _ => registration(&path, &format!("客{round}{number}")),
        };
        client.ask(&call).await
    };
    let all_is_well = async |round: &str| {
        let answers = join_all((0..people).map(|number| ask(number, round))).await;
        answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.status < 300))
    };
    until(60, "every connection of the pool is open", async || all_is_well("a").await).await;

    let frozen = Frozen::freeze(&server);
    let mut watcher = Client::new(program.address, None);
    let mut probe = Client::new(program.address, None);
    let alive = async {
        let ready = probe.expect(&Call::get("//readyz"), 503).await;
        assert!(ready.took < Duration::from_secs(8), "{ready:?}");
        let mut slowest = Duration::ZERO;
        for _ in 0..40 {
            slowest = slowest.max(watcher.expect(&Call::get("//livez"), 200).await.took);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        slowest
    };
    let asked = join_all((0..people).map(|number| ask(number, "b")));
    let (answers, slowest_alive) = futures::future::join(asked, alive).await;
    drop(frozen);

    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| answer.status == 503 && answer.retry_after), "{answers:?}");
    let mut times: Vec<_> = answers.iter().map(|answer| answer.took).collect();
    times.sort_unstable();
    eprintln!(
        "503 after {:?} (half), {:?} (all); alive within {slowest_alive:?}",
        times[people / 2],
        times[people - 1]
    );
    // Who waits for a connection is told after two seconds; who had one, when the deadline of a request is over.
    assert!(times[people / 2] < Duration::from_secs(5), "{times:?}");
    assert!(times[people - 1] < Duration::from_secs(20), "{times:?}");
    assert!(slowest_alive < Duration::from_secs(2), "{slowest_alive:?}");

    let back = until(15, "answers are normal again", async || all_is_well("b").await).await;
    eprintln!("normal again after {back:?}");
    let mut books = Books::of(&server).await;
    assert_eq!(books.guests(&event).await.len(), people / 2 * 2);
    books.check_seats(&event).await;
    books.check_nothing_hangs().await;
    drop(books);
    program.stop().await;
}
