//! The private PostgreSQL as it is met: processes, signals, directories. As root and as a user.

mod keeping;
mod killing;
mod starting;

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use homecoming::db::embedded::{Embedded, EmbeddedError, Options};

/// Says to the ignored test `holder` which data directory to hold.
const HOLD: &str = "HOMECOMING_TEST_HOLD";

/// A directory that goes away with the test, and what was placed elsewhere because of it.
struct Home {
    root: PathBuf,
}

impl Home {
    /// Others may pass through it (0711).
    fn open() -> Self {
        Self::with_mode(0o711)
    }

    fn with_mode(mode: u32) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("hc-test-{}-{number}", std::process::id()));
        DirBuilder::new().mode(mode).create(&root).unwrap();
        fs::set_permissions(&root, Permissions::from_mode(mode)).unwrap();
        Self { root }
    }

    fn data_dir(&self) -> PathBuf {
        self.root.join("data")
    }

    fn options(&self) -> Options {
        Options { data_dir: self.data_dir(), bindir: None, durable: true }
    }

    fn start(&self) -> Embedded {
        Embedded::start(&self.options()).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for slot in fs::read_dir(self.data_dir().join("postgres")).into_iter().flatten().flatten() {
            if let Ok(elsewhere) = fs::read_to_string(slot.path().join("elsewhere")) {
                let _ = fs::remove_dir_all(elsewhere);
            }
        }
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Another process that runs the server, killed at the latest with the test.
struct Holder(Child);

impl Holder {
    fn start(home: &Home) -> Self {
        let holder = Self::begin(home);
        let ready = home.root.join("ready");
        assert!(within(20, || ready.exists()), "the holder did not start");
        fs::remove_file(ready).unwrap();
        holder
    }

    /// Without waiting until the server is there.
    fn begin(home: &Home) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "embedded::holder", "--ignored"])
            .env(HOLD, &home.root)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Not a test: the process that the others kill.
#[test]
#[ignore = "a process for the other tests"]
fn holder() {
    let Some(root) = std::env::var_os(HOLD) else {
        return;
    };
    let home = std::mem::ManuallyDrop::new(Home { root: root.into() });
    let _embedded = home.start();
    File::create(home.root.join("ready")).unwrap();
    thread::sleep(Duration::from_mins(2));
}

fn within(seconds: u64, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < deadline {
        if done() {
            return true;
        }
        thread::sleep(Duration::from_millis(20));
    }
    false
}

fn psql(url: &str, sql: &str) -> Command {
    let mut psql = Command::new("psql");
    psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, url]).stdin(Stdio::null());
    psql
}

fn try_query(url: &str, sql: &str) -> Result<String, String> {
    let output = psql(url, sql).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

fn query(url: &str, sql: &str) -> String {
    try_query(url, sql).unwrap()
}

fn pid_file(place: &Path) -> PathBuf {
    place.join("data/postmaster.pid")
}

fn postmaster(place: &Path) -> String {
    fs::read_to_string(pid_file(place)).unwrap().lines().next().unwrap().to_owned()
}

fn kill(pid: &str) {
    kill_process(Pid::from_raw(pid.parse().unwrap()).unwrap(), Signal::KILL).unwrap();
}

fn is_alive(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap().trim().starts_with('Z'))
}

fn are_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A command run as the owner of `data`.
fn as_owner_of(data: &Path, program: &Path) -> Command {
    let meta = fs::metadata(data).unwrap();
    if !are_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={}", meta.uid())).arg(format!("--regid={}", meta.gid()));
    command.args(["--clear-groups", "--"]).arg(program).current_dir("/");
    command
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o777
}
