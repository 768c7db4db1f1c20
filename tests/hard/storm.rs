//! R9: many at once for few seats, each in a session of their own, over the wire.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::books::Books;
use crate::client::{Call, Client, published_event};
use crate::home::Home;
use crate::program::Program;
use crate::size;

/// One who was answered: when it was asked and answered, and the place: 0 for a seat, else in the queue.
struct Placed {
    asked: Instant,
    answered: Instant,
    place: u64,
}

/// Whoever was answered before another asked has no worse a place; says who was overtaken.
fn overtaken(placed: &[Placed]) -> Option<(u64, u64)> {
    let mut by_answer: Vec<_> = placed.iter().collect();
    let mut by_asking: Vec<_> = placed.iter().collect();
    by_answer.sort_by_key(|one| one.answered);
    by_asking.sort_by_key(|one| one.asked);
    let (mut earlier, mut worst) = (by_answer.into_iter().peekable(), 0);
    for one in by_asking {
        while let Some(before) = earlier.next_if(|before| before.answered < one.asked) {
            worst = worst.max(before.place);
        }
        if worst > one.place {
            return Some((worst, one.place));
        }
    }
    None
}

#[test]
fn the_check_of_the_order_finds_who_jumps_the_queue() {
    let begun = Instant::now();
    let at = |asked, answered, place| Placed {
        asked: begun + Duration::from_secs(asked),
        answered: begun + Duration::from_secs(answered),
        place,
    };
    assert_eq!(overtaken(&[at(0, 1, 0), at(2, 3, 1), at(2, 4, 3), at(2, 4, 2)]), None);
    assert_eq!(overtaken(&[at(0, 1, 2), at(2, 3, 1)]), Some((2, 1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_alumni_fills_exactly_the_seats_and_nobody_jumps_the_queue() {
    let home = Home::with_demo().await;
    let program = Program::start(&home).await;
    let (people, seats, at_once) = size((300, 60, 50), (10_000, 500, 50));
    let (event, _) = published_event(program.address, seats).await;
    let mut books = Books::of(&home.guest()).await;
    let crowd = Arc::new(books.crowd(people).await);
    let (next, placed) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(vec![])));
    let busy = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let clients = (0..at_once).map(|_| {
        let (crowd, next, placed, busy) = (crowd.clone(), next.clone(), placed.clone(), busy.clone());
        let (address, path) = (program.address, format!("{event}/registrations"));
        tokio::spawn(async move {
            while let Some(token) = crowd.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut client = Client::new(address, Some(token));
                let asked = Instant::now();
                let call = Call::post(&path, serde_json::json!({})).keyed("storm");
                let answer = loop {
                    let answer = client.ask(&call).await.unwrap();
                    if !answer.is_busy() {
                        break answer;
                    }
                    busy.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(200)).await;
                };
                assert_eq!(answer.status, 201, "{}", answer.json);
                let place = answer.json["queue_position"].as_u64().unwrap_or_default();
                placed.lock().unwrap().push(Placed { asked, answered: Instant::now(), place });
            }
        })
    });
    for client in join_all(clients).await {
        client.unwrap();
    }
    let placed = std::mem::take(&mut *placed.lock().unwrap());
    eprintln!(
        "{} registrations in {:?}, {} told to come again",
        placed.len(),
        begun.elapsed(),
        busy.load(Ordering::Relaxed)
    );
    assert_eq!(placed.iter().filter(|one| one.place == 0).count(), usize::try_from(seats).unwrap());
    let mut queue: Vec<_> = placed.iter().map(|one| one.place).filter(|place| *place > 0).collect();
    queue.sort_unstable();
    assert!(queue.iter().copied().eq(1..=(people as u64 - u64::from(seats))), "the queue has no gaps");
    assert_eq!(overtaken(&placed), None);
    books.check_seats(&event).await;
    books.check_journal(&home.data_dir()).await;
    drop(books);
    program.stop().await;
}
