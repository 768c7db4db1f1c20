//! R4: clients who leave in the middle of a request.

use std::net::SocketAddr;
use std::time::Duration;

use futures::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::books::Books;
use crate::client::{Call, Client, published_event};
use crate::home::Home;
use crate::load::registration;
use crate::program::Program;
use crate::{size, until};

/// Where one leaves, from a seed: after how many parts of a request, and how long after.
fn leaving(seed: u64) -> (u64, Duration) {
    let mixed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33;
    (mixed % 8, Duration::from_millis(mixed / 8 % 40))
}

/// Sends a registration, or its first part, and leaves.
async fn begin_and_leave(address: SocketAddr, token: &str, path: &str, number: u64) {
    let body = format!(r#"{{"guest_name":"客{number}"}}"#);
    let head = format!(
        "POST /api/v1{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         idempotency-key: key-{number}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (parts, after) = leaving(number);
    let mut stream = TcpStream::connect(address).await.unwrap();
    let text = match parts {
        0 => head[..head.len() / 2].to_owned(),
        1 => head + &body[..body.len() / 2],
        _ => head + &body,
    };
    stream.write_all(text.as_bytes()).await.unwrap();
    // Some read a little of the answer, the others nothing; a reset instead of an end for those whose answer came.
    if parts == 2 {
        let _ = tokio::time::timeout(after, stream.read(&mut [0; 10])).await;
    } else {
        tokio::time::sleep(after).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_in_the_middle_leaves_nothing_open_and_no_seat_is_lost() {
    let home = Home::with_demo().await;
    let program = Program::start(&home).await;
    let people: u64 = size(200, 5_000);
    let (event, mut secretary) = published_event(program.address, u32::try_from(people / 2).unwrap()).await;
    let path = format!("{event}/registrations");
    let (token, address) = (secretary.token().to_owned(), program.address);
    let leavers = (0..20).map(|first| {
        let (token, path) = (token.clone(), path.clone());
        tokio::spawn(async move {
            for number in (first..people).step_by(20) {
                begin_and_leave(address, &token, &path, number).await;
            }
        })
    });
    for leaver in join_all(leavers).await {
        leaver.unwrap();
    }
    let mut books = Books::of(&home.guest()).await;
    books.check_nothing_hangs().await;
    let came = books.guests(&event).await;
    books.check_seats(&event).await;
    eprintln!("{} of {people} who left were registered all the same", came.len());

    // Each asks again with the same key: who was registered stays so, who was not is now.
    let mut clients: Vec<_> = (0..8).map(|_| Client::new(address, Some(&token))).collect();
    let again = clients.iter_mut().zip(0..).map(|(client, first)| {
        let (path, came) = (&path, &came);
        async move {
            for number in (first..people).step_by(8) {
                let (guest, mut answered) = (format!("客{number}"), None);
                let call = registration(path, &guest);
                until(30, "the request before is over", async || {
                    answered = client.ask(&call).await.ok().filter(|answer| !answer.is_busy());
                    answered.is_some()
                })
                .await;
                let answer = answered.unwrap();
                assert_eq!(answer.status, 201, "{}", answer.json);
                if let Some(before) = came.get(&guest) {
                    assert_eq!(&answer.text("id"), before);
                }
            }
        }
    });
    join_all(again).await;
    assert_eq!(books.guests(&event).await.len() as u64, people);
    books.check_seats(&event).await;
    let seats = secretary.expect(&Call::get(&format!("{event}/availability")), 200).await;
    assert_eq!(
        (seats.json["seats_taken"].as_u64(), seats.json["waiting"].as_u64()),
        (Some(people / 2), Some(people / 2))
    );
    books.check_journal(&home.data_dir()).await;
    drop(books);
    program.stop().await;
}
