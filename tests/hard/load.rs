//! Load: clients who register guest after guest and give none up before it is acknowledged.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinHandle;

use crate::books::Books;
use crate::client::{Answer, Call, Client, Failure};

/// Whether the program itself may die under the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Stays,
    IsKilled,
}

/// Clients at work.
pub struct Load {
    ledger: Arc<Ledger>,
    clients: Vec<JoinHandle<()>>,
    event: String,
    secretary: Client,
}

struct Ledger {
    program: Program,
    stop: AtomicBool,
    next: AtomicUsize,
    seen: Mutex<Seen>,
}

/// What the clients have seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// Guest and registration of each 201.
    acknowledged: Vec<(String, String)>,
    /// How often they were told to come again.
    pub busy: usize,
    /// How often they had no answer.
    pub unanswered: usize,
    /// The longest answer.
    pub slowest: Duration,
    /// What must not be.
    faults: Vec<String>,
}

impl Load {
    /// Begins with that many clients in the name of the event's secretary.
    pub fn begin(program: Program, address: SocketAddr, clients: usize, event: &str, secretary: Client) -> Self {
        let ledger = Arc::new(Ledger {
            program,
            stop: AtomicBool::new(false),
            next: AtomicUsize::new(0),
            seen: Mutex::default(),
        });
        let client = |_| {
            let client = Client::new(address, Some(secretary.token()));
            tokio::spawn(ledger.clone().register(client, format!("{event}/registrations")))
        };
        let clients = (0..clients).map(client).collect();
        Self { ledger, clients, event: event.to_owned(), secretary }
    }

    /// How many registrations are acknowledged.
    pub fn count(&self) -> usize {
        self.ledger.seen.lock().unwrap().acknowledged.len()
    }

    /// Waits for that many more acknowledged registrations.
    pub async fn goes_on(&self, more: usize) -> Duration {
        let wanted = self.count() + more;
        let enough = async || self.count() >= wanted || !self.ledger.seen.lock().unwrap().faults.is_empty();
        crate::until(60, "registrations go on", enough).await
    }

    /// Lets each client finish what it has begun, and holds what they saw against the books.
    pub async fn end(mut self, books: &mut Books) -> Seen {
        self.ledger.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.unwrap();
        }
        let seen = std::mem::take(&mut *self.ledger.seen.lock().unwrap());
        assert!(seen.faults.is_empty(), "{:?}", seen.faults);
        // Nobody gave up, so the books hold what was acknowledged and nothing else.
        let rows = books.guests(&self.event).await;
        for (guest, id) in &seen.acknowledged {
            assert_eq!(rows.get(guest), Some(id), "{guest} was acknowledged");
        }
        assert_eq!(rows.len(), seen.acknowledged.len());
        books.check_seats(&self.event).await;
        // The same key again is the same registration, also across a restart.
        let calls = seen.acknowledged.iter().step_by(seen.acknowledged.len() / 10 + 1);
        for (guest, id) in calls {
            let again =
                self.secretary.expect(&registration(&format!("{}/registrations", self.event), guest), 201).await;
            assert_eq!(&again.text("id"), id, "{guest}");
        }
        assert_eq!(books.guests(&self.event).await.len(), rows.len());
        seen
    }
}

impl Ledger {
    async fn register(self: Arc<Self>, mut client: Client, path: String) {
        while !self.stop.load(Ordering::Relaxed) {
            let guest = format!("客{}", self.next.fetch_add(1, Ordering::Relaxed));
            let (call, begun) = (registration(&path, &guest), Instant::now());
            while !self.is_done(&guest, client.ask(&call).await) {
                if begun.elapsed() > Duration::from_secs(90) {
                    self.fault(format!("{guest} was never answered"));
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Whether this is the end of one registration.
    fn is_done(&self, guest: &str, answered: Result<Answer, Failure>) -> bool {
        let mut seen = self.seen.lock().unwrap();
        if let Ok(answer) = &answered {
            seen.slowest = seen.slowest.max(answer.took);
        }
        match answered {
            Ok(answer) if answer.status == 201 => seen.acknowledged.push((guest.to_owned(), answer.text("id"))),
            Ok(answer) if answer.is_busy() => {
                seen.busy += 1;
                return false;
            }
            Err(Failure::Refused | Failure::NoAnswer | Failure::CutAnswer) if self.program == Program::IsKilled => {
                seen.unanswered += 1;
                return false;
            }
            other => {
                seen.faults.push(format!("{guest}: {other:?}"));
                self.stop.store(true, Ordering::Relaxed);
            }
        }
        true
    }

    fn fault(&self, words: String) {
        self.seen.lock().unwrap().faults.push(words);
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// One guest, under a key that is theirs.
pub fn registration(path: &str, guest: &str) -> Call {
    Call::post(path, json!({ "guest_name": guest })).keyed(&format!("key-{}", guest.trim_start_matches('客')))
}
