//! One process of the server: its command line, its log, its beginning and its end.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Pid;

use super::EmbeddedError;
use super::binaries::Binaries;
use super::place::Place;
use super::probe::{self, Answer};
use super::remains;
use super::user::ServerUser;

/// How long a starting server may stay silent.
const SILENCE: Duration = Duration::from_secs(30);
/// How long it may say that it is recovering: giving up sooner would make it begin anew for ever.
const RECOVERY: Duration = Duration::from_mins(10);
/// The log is emptied at a start when it is larger, in bytes.
const LARGEST_LOG: u64 = 10 * 1024 * 1024;

/// All that a server is started with.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) binaries: Binaries,
    pub(super) user: ServerUser,
    pub(super) place: Place,
    /// The directory of its socket.
    pub(super) socket: PathBuf,
    pub(super) durable: bool,
}

impl Launch {
    /// Clears away what is left of an earlier process, and begins one.
    pub(super) fn spawn(&self) -> Result<Child, EmbeddedError> {
        remains::clear(&self.place, &self.socket)?;
        let log = self.open_log()?;
        let program = self.binaries.program("postgres");
        let output = log.try_clone().map_err(|source| self.log_error(source))?;
        // `INT` is a fast shutdown: after a kill of the program, the data are in order before the
        // next start, which then need not recover.
        self.user
            .command(&program, "INT")
            .arg("-D")
            .arg(self.place.data())
            .args(self.settings()?.into_iter().flat_map(|setting| ["-c".into(), setting]))
            .stdout(output)
            .stderr(log)
            .spawn()
            .map_err(|source| EmbeddedError::io("run", program, source))
    }

    /// On the command line and not in a file, so that they follow the program's version.
    fn settings(&self) -> Result<Vec<OsString>, EmbeddedError> {
        let always = [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "shared_buffers=128MB",
            "jit=off",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_min_messages=warning",
            "log_checkpoints=off",
            // Statements and the details of errors quote what is in the rows: personal data.
            "log_min_error_statement=panic",
            "log_error_verbosity=terse",
        ];
        let durable = ["fsync=on", "max_connections=100"];
        let throw_away = [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=400",
            "wal_level=minimal",
            "max_wal_senders=0",
            // A worker in a template database would delay the next copy of it.
            "autovacuum=off",
        ];
        let by_use: &[&str] = if self.durable { &durable } else { &throw_away };
        let mut socket = OsString::from("unix_socket_directories=\"");
        socket.push(&self.socket);
        socket.push("\"");
        let name = format!("cluster_name={}", self.place.cluster_name()?).into();
        Ok(always.iter().chain(by_use).map(OsString::from).chain([socket, name]).collect())
    }

    fn open_log(&self) -> Result<File, EmbeddedError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        let open = || {
            let log = options.open(self.place.log())?;
            if log.metadata()?.len() > LARGEST_LOG {
                log.set_len(0)?;
            }
            Ok(log)
        };
        open().map_err(|source| self.log_error(source))
    }

    fn log_error(&self, source: io::Error) -> EmbeddedError {
        EmbeddedError::io("write", self.place.log(), source)
    }

    /// Waits until the server takes connections; a server that does not is stopped.
    pub(super) fn wait_ready(&self, child: &mut Child, log_start: u64) -> Result<(), EmbeddedError> {
        let started = Instant::now();
        let reason = loop {
            match child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => break format!("it ended with {status}"),
                Err(error) => break error.to_string(),
            }
            match probe::ask(&self.socket) {
                Answer::Ready => return Ok(()),
                Answer::Silent if started.elapsed() > SILENCE => {
                    break format!("nothing answered for {} s", SILENCE.as_secs());
                }
                Answer::NotYet if started.elapsed() > RECOVERY => {
                    break format!("it recovered for more than {} s", RECOVERY.as_secs());
                }
                Answer::Silent | Answer::NotYet => thread::sleep(Duration::from_millis(5)),
            }
        };
        self.end(child)?;
        Err(EmbeddedError::NotReady {
            reason,
            log: self.place.log(),
            tail: self.log_tail(log_start).unwrap_or_default(),
        })
    }

    /// Stops the process, as [`remains::bring_down`] does.
    pub(super) fn end(&self, child: &mut Child) -> Result<(), EmbeddedError> {
        let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
            return Ok(());
        };
        let mut ended = || !matches!(child.try_wait(), Ok(None));
        if ended() || remains::bring_down(pid, ended) {
            return Ok(());
        }
        self.note("the server does not end");
        Err(EmbeddedError::Orphan { pid: pid.as_raw_pid() })
    }

    /// Where the next start will write in the log, in bytes.
    pub(super) fn log_length(&self) -> u64 {
        fs::metadata(self.place.log()).map_or(0, |log| Some(log.len()).filter(|&len| len <= LARGEST_LOG).unwrap_or(0))
    }

    /// What was written since `start`, at most the last 2,000 bytes.
    fn log_tail(&self, start: u64) -> io::Result<String> {
        let mut log = File::open(self.place.log())?;
        let from = log.metadata()?.len().saturating_sub(2000).max(start);
        log.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        log.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    }

    /// A line of ours in the server's log and in the program's; a log that cannot be written stops nothing.
    pub(super) fn note(&self, text: &str) {
        tracing::warn!(log = %self.place.log().display(), "the private PostgreSQL: {text}");
        let _ = self
            .open_log()
            .and_then(|mut log| writeln!(log, "homecoming: {text}").map_err(|source| self.log_error(source)));
    }
}
