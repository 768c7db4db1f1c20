//! S6: many sign in at once, and whoever reads hardly notices.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::{join, join_all};

use crate::client::{Call, Client, sign_in};
use crate::home::Home;
use crate::program::Program;
use crate::size;

/// Reads for as long as the work takes: the time that one read in a hundred exceeds, and what came of the work.
async fn reading_during<T>(program: &Program, work: impl Future<Output = T>) -> (Duration, T) {
    let done = AtomicBool::new(false);
    let reading = async {
        let (mut reader, mut times) = (Client::new(program.address, None), vec![]);
        while !done.load(Ordering::Relaxed) {
            times.push(reader.expect(&Call::get("/colleges?limit=5"), 200).await.took);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        times.sort_unstable();
        times[times.len() * 99 / 100]
    };
    let working = async {
        let worked = work.await;
        done.store(true, Ordering::Relaxed);
        worked
    };
    join(reading, working).await
}

/// The most memory that a process has had, in MiB.
fn peak_memory(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.pid().as_raw_pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_sign_ins_at_once_leave_reads_quick_and_memory_bounded() {
    let home = Home::with_demo().await;
    let program = Program::start(&home).await;
    Client::sign_in(program.address, "alumnus1").await;
    let (alone, ()) = reading_during(&program, tokio::time::sleep(Duration::from_secs(2))).await;
    let before = peak_memory(&program);
    let storm = async {
        let mut answers = vec![];
        for _ in 0..size(1, 10) {
            let all = (0..200).map(|number| async move {
                let mut client = Client::new(program.address, None);
                client.ask(&sign_in(&format!("alumnus{}", number % 20 + 1))).await.unwrap()
            });
            answers.extend(join_all(all).await);
        }
        answers
    };
    let (during, answers) = reading_during(&program, storm).await;
    let signed_in = answers.iter().filter(|answer| answer.status == 201).count();
    let slowest = answers.iter().map(|answer| answer.took).max().unwrap();
    let after = peak_memory(&program);
    eprintln!(
        "{signed_in} of {} signed in, slowest {slowest:?}; reads {alone:?} alone, {during:?} during; {before} and {after} MiB",
        answers.len()
    );
    assert!(answers.iter().all(|answer| answer.status == 201 || answer.is_busy()), "{answers:?}");
    // How many depends on the machine: who has waited for five seconds is told to come again.
    assert!(signed_in >= size(10, 64), "the queue is served");
    assert!(slowest < Duration::from_secs(15), "{slowest:?}");
    assert!(during < alone * 20 + Duration::from_millis(300), "{alone:?} alone, {during:?} during");
    assert!(after < before + 64, "{before} MiB before, {after} MiB after");
    program.stop().await;
}
