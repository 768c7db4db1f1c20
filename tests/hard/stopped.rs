//! R8: told to stop in a storm, the program finishes what it has begun, takes nothing more, and ends well.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;

use crate::books::{Books, id};
use crate::client::{Call, Client, Failure, published_event};
use crate::home::Home;
use crate::load::registration;
use crate::program::Program;
use crate::{size, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_under_way_is_answered_in_full_and_nobody_new_is_let_in() {
    let home = Home::with_demo().await;
    let mut program = Program::start(&home).await;
    let address = program.address;
    let mut books = Books::of(&home.guest()).await;
    books.run("begin").await;
    // An event for each: who comes to the same one is registered together with others.
    let mut waiting = vec![];
    for number in 0..4 {
        let (event, secretary) = published_event(address, 40).await;
        books.run(&format!("select from event_seats where event_id = '{}' for update", id(&event))).await;
        let call = registration(&format!("{event}/registrations"), &format!("客{number}"));
        let mut client = Client::new(address, Some(secretary.token()));
        waiting.push((event, tokio::spawn(async move { client.ask(&call).await })));
    }
    let event = waiting[0].0.clone();
    let mut watch = Books::of(&home.guest()).await;
    let blocked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
    until(20, "they wait for the seats", async || watch.count(blocked).await == 4).await;

    program.tell_to_stop();
    let mut anyone = Client::new(address, None);
    until(10, "it is not ready", async || {
        matches!(anyone.status(&Call::get("//readyz")).await, Ok(503) | Err(Failure::Refused))
    })
    .await;
    until(10, "nobody new is let in", async || {
        Client::new(address, None).status(&Call::get(&event)).await == Err(Failure::Refused)
    })
    .await;
    books.run("commit").await;
    for answered in join_all(waiting.into_iter().map(|(_, answer)| answer)).await {
        assert_eq!(answered.unwrap().unwrap().status, 201);
    }
    drop((books, watch));
    let (status, took) = program.ended(35).await;
    eprintln!("ended after {took:?}");
    assert!(status.success(), "{}", program.output());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_storm_no_answer_is_cut_and_nothing_happens_without_one() {
    for round in 0..size(1, 5) {
        let home = Home::with_demo().await;
        let mut program = Program::start(&home).await;
        let (event, secretary) = published_event(program.address, 40).await;
        let (token, address, path) = (secretary.token().to_owned(), program.address, format!("{event}/registrations"));
        let count = Arc::new(AtomicUsize::new(0));
        let clients = (0..20).map(|first| {
            let (mut client, path, count) = (Client::new(address, Some(&token)), path.clone(), count.clone());
            tokio::spawn(async move {
                let mut answers = vec![];
                for number in (first..).step_by(20) {
                    let guest = format!("客{number}");
                    let answered = client.ask(&registration(&path, &guest)).await;
                    let over = answered.is_err();
                    count.fetch_add(1, Ordering::Relaxed);
                    answers.push((guest, answered));
                    if over {
                        return answers;
                    }
                }
                answers
            })
        });
        let clients: Vec<_> = clients.collect();
        until(30, "they are at it", async || count.load(Ordering::Relaxed) > 100 + round * 37).await;
        program.tell_to_stop();
        let (status, took) = program.ended(35).await;
        assert!(status.success(), "{status}: {}", program.output());
        let answers: Vec<_> = join_all(clients).await.into_iter().flat_map(Result::unwrap).collect();
        let server = home.start_server(true);
        let rows = Books::of(&server).await.guests(&event).await;
        let unanswered = answers.iter().filter(|(_, answered)| matches!(answered, Err(Failure::NoAnswer))).count();
        eprintln!("{} answers, {unanswered} closed without one, ended after {took:?}", answers.len() - 20);
        for (guest, answered) in &answers {
            match answered {
                Ok(answer) if answer.status == 201 => assert_eq!(rows.get(guest), Some(&answer.text("id"))),
                Ok(answer) => assert!(answer.is_busy(), "{answer:?}"),
                // Where the connection was closed before its turn came, nothing may have happened.
                Err(Failure::Refused | Failure::NoAnswer) => assert_eq!(rows.get(guest), None, "{guest} has no answer"),
                Err(failure) => panic!("{guest}: {failure:?}"),
            }
        }
        server.stop().unwrap();
    }
}
