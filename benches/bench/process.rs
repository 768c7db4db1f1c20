//! The programs that are measured: their start, their end, the processor time and the memory they take.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A running `homecoming serve`.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
    /// From the start of the process until it was ready.
    pub started_in: Duration,
}

impl Server {
    /// Starts the program on a database that runs already, and waits until it is ready.
    pub fn start(program: &Path, directory: &Path, database: &str, settings: &[(&str, &str)]) -> Self {
        let at = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let log = std::fs::File::create(directory.join("homecoming.log")).expect("a log");
        let start = Instant::now();
        let child = Command::new(program)
            .arg("serve")
            .env("DATABASE_URL", database)
            .env("HOMECOMING_LISTEN", at.to_string())
            .env("HOMECOMING_DATA_DIR", directory)
            .env("HOMECOMING_RATE_LIMITS", "off")
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program starts");
        let mut server = Self { child, at, started_in: Duration::ZERO };
        while !server.is_ready() {
            let ended = server.child.try_wait().expect("a child");
            assert!(ended.is_none() && start.elapsed() < Duration::from_secs(20), "see {}", directory.display());
            std::thread::sleep(Duration::from_millis(1));
        }
        server.started_in = start.elapsed();
        server
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(self.at)?;
            stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    /// Processor time so far, in µs.
    pub fn cpu(&self) -> f64 {
        cpu_of(self.child.id(), false)
    }

    /// Resident memory now (`VmRSS`) or at its highest (`VmHWM`), in MiB.
    pub fn memory(&self, field: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the field");
        let kib: f64 = line.trim_matches([':', '\t', ' ', 'k', 'B']).parse().expect("a number");
        kib / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok()) {
            let _ = self.child.wait();
        }
    }
}

/// Processor time of this program so far, in µs, with that of programs that it ran and that have ended.
pub fn own_cpu() -> f64 {
    cpu_of(std::process::id(), true)
}

/// Processor time of PostgreSQL so far, in µs: of all its processes, those that have ended included.
pub fn cpu_of_database(postmaster: u32) -> f64 {
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let children: f64 = pids.filter(|pid| parent_of(*pid) == Some(postmaster)).map(|pid| cpu_of(pid, false)).sum();
    children + cpu_of(postmaster, true)
}

/// The process of the server that runs on a data directory.
pub fn postmaster(place: &Path) -> u32 {
    let file: PathBuf = place.join("data/postmaster.pid");
    let text = std::fs::read_to_string(file).expect("the database runs");
    text.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process id")
}

/// The fields of `/proc/<pid>/stat` from the third on.
fn stat(pid: u32) -> Option<Vec<u64>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect())
}

fn parent_of(pid: u32) -> Option<u32> {
    stat(pid)?.get(1).and_then(|parent| u32::try_from(*parent).ok())
}

/// `utime` and `stime` in µs; with `cutime` and `cstime` also of children that have ended.
fn cpu_of(pid: u32, with_ended: bool) -> f64 {
    let ticks: u64 = stat(pid).map_or(0, |stat| stat[11..if with_ended { 15 } else { 13 }].iter().sum());
    // Linux counts hundredths of a second here, on every machine.
    ticks as f64 * 10_000.0
}
