//! A data directory for one test, with the `tiny` demo in it, copied from one that is made once.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use homecoming::db::embedded::{Embedded, Options};
use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::program::command;

/// Two at a time: they wait more than they work.
static TURNS: Semaphore = Semaphore::const_new(2);

/// A directory that goes away with the test. Few tests have one at a time.
pub struct Home {
    root: PathBuf,
    _turn: SemaphorePermit<'static>,
}

impl Home {
    /// With the demo in its private database.
    pub async fn with_demo() -> Self {
        let home = Self::bare().await;
        copy_demo(&home.data_dir());
        home
    }

    /// With nothing in it.
    pub async fn bare() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let turn = TURNS.acquire().await.unwrap();
        let root = run_root().join(COUNT.fetch_add(1, Ordering::Relaxed).to_string());
        make_directory(&root);
        Self { root, _turn: turn }
    }

    /// The directory of everything.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The program's data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.root.join("data")
    }

    /// The private server that a running program has, as a guest.
    pub fn guest(&self) -> Embedded {
        let guest = self.start_server(true);
        assert!(guest.is_guest(), "no program runs here");
        guest
    }

    /// A private server of the test's own on this directory.
    pub fn start_server(&self, durable: bool) -> Embedded {
        let options = Options { data_dir: self.data_dir(), bindir: bindir(), durable };
        Embedded::start(&options).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// The process of a private server, from the file that it keeps.
pub fn postmaster(server: &Embedded) -> Option<Pid> {
    let text = fs::read_to_string(server.place().join("data/postmaster.pid")).ok()?;
    Pid::from_raw(text.lines().next()?.trim().parse().ok()?)
}

/// Sends a signal to a process; one that has just ended is no fault.
pub fn signal(pid: Pid, signal: Signal) {
    let _ = kill_process(pid, signal);
}

/// Copies the demo's private database into a data directory.
pub fn copy_demo(to: &Path) {
    static DEMO: OnceLock<PathBuf> = OnceLock::new();
    let demo = DEMO.get_or_init(|| {
        let demo = run_root().join("demo");
        let made = command(&demo, None).args(["demo", "--size", "tiny"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        demo
    });
    make_directory(to);
    let copied = Command::new("cp").arg("-a").arg(demo.join(".")).arg(to).status().unwrap();
    assert!(copied.success());
}

/// Where the tests of this run have their directories; `bin/test` removes what a killed run leaves.
fn run_root() -> PathBuf {
    let root = std::env::temp_dir().join(format!("homecoming-test-hard-{}", std::process::id()));
    make_directory(&root);
    root
}

/// PostgreSQL's user passes through, whatever the umask is.
fn make_directory(path: &Path) {
    if DirBuilder::new().mode(0o711).create(path).is_ok() {
        fs::set_permissions(path, Permissions::from_mode(0o711)).unwrap();
    }
}

fn bindir() -> Option<PathBuf> {
    std::env::var_os("PG_BINDIR").map(PathBuf::from)
}
