//! The server under the thread that owns its process, and its restarts.

use std::collections::VecDeque;
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::EmbeddedError;
use super::launch::Launch;
use super::place::{SOCKET, make_closed};

/// How often the supervisor looks after the server.
const WATCH: Duration = Duration::from_millis(200);
/// A server makes its socket at once, before it recovers; after this long it must be there.
const LISTENS: Duration = Duration::from_secs(10);

/// A server under a thread of its own.
///
/// The kernel ties `PR_SET_PDEATHSIG` to the thread that spawned the child, not to the process:
/// a server spawned on a runtime's worker would end with that worker. So one thread spawns it,
/// waits for it, and lives as long as this.
#[derive(Debug)]
pub(super) struct Server {
    stop: Sender<()>,
    thread: JoinHandle<Result<(), EmbeddedError>>,
}

impl Server {
    /// Starts the server and waits until it takes connections.
    pub(super) fn start(launch: Launch) -> Result<Self, EmbeddedError> {
        let log = launch.place.log();
        let (ready, is_ready) = channel();
        let (stop, asked) = channel();
        let thread = thread::Builder::new()
            .name("postgres".into())
            .spawn(move || Supervisor { launch, asked, restarts: Restarts::default() }.run(&ready))
            .map_err(|source| EmbeddedError::io("start a thread for", &log, source))?;
        let ended = || EmbeddedError::NotReady { reason: "its thread ended".into(), log, tail: String::new() };
        is_ready.recv().unwrap_or_else(|_| Err(ended()))?;
        Ok(Self { stop, thread })
    }

    /// Stops the server and waits for its end.
    pub(super) fn stop(self) -> Result<(), EmbeddedError> {
        drop(self.stop);
        self.thread.join().unwrap_or(Ok(()))
    }
}

/// What runs in the thread.
struct Supervisor {
    launch: Launch,
    /// Closed when the server shall stop.
    asked: Receiver<()>,
    restarts: Restarts,
}

impl Supervisor {
    fn run(mut self, ready: &Sender<Result<(), EmbeddedError>>) -> Result<(), EmbeddedError> {
        let log_start = self.launch.log_length();
        let started =
            self.launch.spawn().and_then(|mut child| self.launch.wait_ready(&mut child, log_start).map(|()| child));
        let mut child = match started {
            Ok(child) => child,
            Err(error) => {
                // `start` waits for it; nobody else can hear.
                let _ = ready.send(Err(error));
                return Ok(());
            }
        };
        let _ = ready.send(Ok(()));

        let mut listens = true;
        loop {
            let Some(cause) = self.watch(&mut child, listens)? else {
                return self.launch.end(&mut child);
            };
            self.launch.note(&cause);
            match self.restart() {
                Some(next) => (child, listens) = (next, false),
                None => return Ok(()),
            }
        }
    }

    /// Looks after the server until it must be started again, and why; `None`: until asked to stop.
    ///
    /// `listens`: whether its socket is known to be there already.
    fn watch(&self, child: &mut Child, mut listens: bool) -> Result<Option<String>, EmbeddedError> {
        let socket = self.launch.socket.join(SOCKET);
        let begun = Instant::now();
        loop {
            match self.asked.recv_timeout(WATCH) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
            match child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => {
                    return Ok(Some(format!("the server ended unasked with {status}")));
                }
                Err(source) => {
                    return Err(EmbeddedError::io("wait for", self.launch.place.data(), source));
                }
            }
            let there = socket.exists();
            if listens && !there {
                self.launch.end(child)?;
                return Ok(Some("the socket was deleted".into()));
            }
            listens |= there || begun.elapsed() > LISTENS;
        }
    }

    /// Starts the server again; `None` when asked to stop in between.
    fn restart(&mut self) -> Option<Child> {
        loop {
            let delay = self.restarts.delay(Instant::now());
            if delay == Restarts::SLOWLY {
                self.launch.note(&format!("it ended often; it is started again in {} s", delay.as_secs()));
            }
            match self.asked.recv_timeout(delay) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return None,
            }
            let child = make_closed(&self.launch.socket, &self.launch.user).and_then(|()| self.launch.spawn());
            match child {
                Ok(child) => {
                    self.launch.note("it was started again");
                    return Some(child);
                }
                Err(error) => self.launch.note(&error.to_string()),
            }
        }
    }
}

/// How soon a server is started again: quickly [`Restarts::MOST`] times within [`Restarts::WITHIN`], then slowly and
/// without end, because what ails it may pass: a full disk gets room again.
#[derive(Debug, Default)]
struct Restarts {
    recent: VecDeque<Instant>,
}

impl Restarts {
    const MOST: u32 = 5;
    const WITHIN: Duration = Duration::from_mins(1);
    const SLOWLY: Duration = Duration::from_secs(10);

    /// How long to wait before a restart at `now`.
    fn delay(&mut self, now: Instant) -> Duration {
        self.recent.retain(|&restart| now.duration_since(restart) < Self::WITHIN);
        self.recent.push_back(now);
        match u32::try_from(self.recent.len()) {
            Ok(nth) if nth <= Self::MOST => Duration::from_millis(25) * 2_u32.pow(nth),
            _ => Self::SLOWLY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_restarts_in_a_minute_are_quick_and_the_others_slow() {
        let (mut restarts, mut now) = (Restarts::default(), Instant::now());
        let delays: Vec<_> = (0..5).map(|_| restarts.delay(now).as_millis()).collect();
        assert_eq!(delays, [50, 100, 200, 400, 800]);
        for _ in 0..20 {
            assert_eq!(restarts.delay(now), Restarts::SLOWLY);
            now += Restarts::SLOWLY;
        }
        now += Restarts::WITHIN;
        assert_eq!(restarts.delay(now), Duration::from_millis(50));
    }
}
