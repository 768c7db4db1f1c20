//! The throw-away cluster (fsync off, in memory where there is room) and its template database.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use diesel_async::{AsyncConnection as _, SimpleAsyncConnection as _};
use homecoming::access::office::Office;
use homecoming::base::clock::Clock;
use homecoming::db::Connection;
use homecoming::db::embedded::{Embedded, Options};
use homecoming::db::migrate::migrate;
use homecoming::db::pool::Pool;
use homecoming::demo;

const TEMPLATE: &str = "template_demo";

static CLUSTER: OnceLock<Embedded> = OnceLock::new();
static COPIES: AtomicUsize = AtomicUsize::new(0);
static COPYING: Mutex<()> = Mutex::new(());

/// The URL of a fresh copy of the template.
pub async fn fresh_database() -> String {
    copy_of(TEMPLATE).await
}

/// The URL of a fresh and empty database.
pub async fn empty_database() -> String {
    copy_of("template0").await
}

/// The URL of a fresh database whose `LC_CTYPE` is C.
pub async fn with_ctype_c() -> String {
    copy_of("template0 lc_ctype 'C' lc_collate 'C'").await
}

/// The URL of the one database with the whole demo year, made when it is first asked for: not to be changed, but for
/// what no other test looks at.
pub async fn year_database() -> String {
    static YEAR: OnceLock<String> = OnceLock::new();
    if let Some(url) = YEAR.get() {
        return url.clone();
    }
    let empty = empty_database().await;
    let make = move || {
        YEAR.get_or_init(|| {
            let made = run(async {
                migrate(&empty).await.unwrap();
                // Two starters: one makes it, and the other waits for as long as that takes.
                futures::join!(made_by(&empty, demo::Size::Demo), made_by(&empty, demo::Size::Demo))
            });
            assert_ne!(made.0, made.1, "one of them makes it");
            empty
        })
        .clone()
    };
    tokio::task::spawn_blocking(make).await.expect("the year is made")
}

async fn made_by(url: &str, size: demo::Size) -> bool {
    let pool = Pool::new(url, 2).unwrap();
    let office = Office::open(pool, Clock::default(), chrono_tz::Asia::Shanghai).await.unwrap();
    demo::make(&office, size, None, |_| ()).await.unwrap()
}

/// Runs work on a runtime of several threads, which migrations need.
pub async fn on_threads<T: Send + 'static>(work: impl Future<Output = T> + 'static + Send) -> T {
    tokio::task::spawn_blocking(|| run(work)).await.expect("the work ends")
}

/// The URL of a database of the cluster by its name.
pub fn url_of(name: &str) -> String {
    CLUSTER.get().expect("the cluster runs").url_for(name)
}

async fn copy_of(template: &str) -> String {
    let cluster = CLUSTER.get_or_init(|| std::thread::spawn(start).join().expect("the cluster starts"));
    let name = format!("test_{}", COPIES.fetch_add(1, Ordering::Relaxed));
    let sql = format!("create database {name} template {template} strategy file_copy");
    let url = cluster.url_for("postgres");
    let create = move || {
        // One copy at a time: a template may have no other user.
        let _one = COPYING.lock().unwrap_or_else(PoisonError::into_inner);
        run(async { Connection::establish(&url).await.unwrap().batch_execute(&sql).await.unwrap() });
    };
    tokio::task::spawn_blocking(create).await.expect("the copy is made");
    cluster.url_for(&name)
}

fn start() -> Embedded {
    let options =
        Options { data_dir: directory(), bindir: std::env::var_os("PG_BINDIR").map(PathBuf::from), durable: false };
    let cluster = Embedded::start(&options).unwrap_or_else(|error| panic!("{error}"));
    let admin = cluster.url_for("postgres");
    run(async {
        let sql = format!("create database {TEMPLATE}");
        Connection::establish(&admin).await.unwrap().batch_execute(&sql).await.unwrap();
        let url = cluster.url_for(TEMPLATE);
        migrate(&url).await.unwrap();
        assert!(made_by(&url, demo::Size::Tiny).await);
    });
    cluster
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// In memory where there is room for a database per test; what earlier runs left behind is removed.
fn directory() -> PathBuf {
    const ROOM: u64 = 6 << 30;
    let memory = PathBuf::from("/dev/shm");
    let free = rustix::fs::statvfs(&memory).map_or(0, |disk| disk.f_bavail * disk.f_frsize);
    let parent = if free >= ROOM { memory } else { std::env::temp_dir() };
    for entry in std::fs::read_dir(&parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let of = name.strip_prefix("homecoming-test-").and_then(|pid| pid.parse::<u32>().ok());
        if of.is_some_and(|pid| !PathBuf::from(format!("/proc/{pid}")).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    parent.join(format!("homecoming-test-{}", std::process::id()))
}
