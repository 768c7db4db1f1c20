//! The private PostgreSQL: a server that the program runs as its own child.
//!
//! With no `DATABASE_URL`, [`Embedded::start`] finds PostgreSQL's binaries, makes a cluster in the
//! data directory at the first start, and runs it on a Unix socket in a closed directory with a
//! generated password. It ends with the program: by [`Embedded::stop`] or `Drop` in the normal
//! case, by the kernel (`PR_SET_PDEATHSIG`) when the program is killed.
//!
//! | part | what it knows |
//! |---|---|
//! | `binaries` | where `postgres` and `initdb` are, and which major version to use |
//! | `user` | whom the server runs as when we are root; `setpriv` |
//! | `place` | directories, the pointer to a cluster elsewhere, the socket's directory |
//! | `cluster` | `initdb`, the password, the database |
//! | `remains` | what a killed program leaves behind: orphans, zombies, stale files |
//! | `launch` | one process of the server: command line, log, beginning and end |
//! | `server` | the thread that owns the process; restarts |
//! | `probe` | whether the server takes connections |
//!
//! ```text
//! <data_dir>/lock                      held for life; says where the running cluster is
//! <data_dir>/postgres/<major>/         the cluster's place, or …
//!                     elsewhere        … a pointer to it, when the server's user cannot enter here
//!                     data/            PostgreSQL's data directory, 0700, the server's user
//!                     socket/          0700, the server's user; or `socket-path`, a pointer to /tmp
//!                     password         0600, ours
//!                     server.log       0600, ours
//! ```

mod binaries;
mod cluster;
mod error;
mod launch;
mod place;
mod probe;
mod remains;
mod server;
mod user;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File, TryLockError};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

pub use error::EmbeddedError;

use binaries::Binaries;
use launch::Launch;
use place::Place;
use server::Server;
use user::ServerUser;

/// The superuser role of the cluster and the name of its database.
const NAME: &str = "homecoming";
/// How long to wait for the process that holds the lock to have its server up, or to be gone.
const GUEST_PATIENCE: Duration = Duration::from_secs(10);

/// How to run the private PostgreSQL.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program's data directory; made when it is missing. Deleting it gives a fresh cluster.
    pub data_dir: PathBuf,
    /// Where `postgres` and `initdb` are (`PG_BINDIR`); `None` searches.
    pub bindir: Option<PathBuf>,
    /// `false` only for throw-away test clusters: no fsync, more connections.
    pub durable: bool,
}

/// A running private PostgreSQL: our own child, or (as a guest) that of another process of ours.
#[derive(Debug)]
pub struct Embedded {
    url: String,
    url_base: String,
    place: PathBuf,
    host: Option<Host>,
}

/// What only the process that runs the server has.
#[derive(Debug)]
struct Host {
    server: Server,
    socket: PathBuf,
    /// Held until the server has ended: the field is dropped after [`Server::stop`].
    _lock: File,
}

impl Embedded {
    /// Starts the server, or attaches to the one that another process runs on this data directory.
    ///
    /// Blocks until the server takes connections: about 1.3 s the first time, 0.1 s later. Every
    /// error says what to do next.
    pub fn start(options: &Options) -> Result<Self, EmbeddedError> {
        let data_dir = place::open_data_dir(&options.data_dir)?;
        let lock = place::open_lock(&data_dir)?;
        let deadline = Instant::now() + GUEST_PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => return Self::host(options, &data_dir, lock),
                Err(TryLockError::Error(source)) => {
                    return Err(EmbeddedError::io("lock", data_dir.join("lock"), source));
                }
                Err(TryLockError::WouldBlock) => {}
            }
            if let Some(guest) = Self::guest(&data_dir)? {
                return Ok(guest);
            }
            if Instant::now() >= deadline {
                return Err(EmbeddedError::HostSilent { data_dir });
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The connection URL of the database `homecoming`, password included: not for logs.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The connection URL of another database of the same cluster, which need not exist.
    #[must_use]
    pub fn url_for(&self, database: &str) -> String {
        format!("{}/{}", self.url_base, percent(OsStr::new(database)))
    }

    /// The directory that holds the cluster and `server.log`; outside the data directory when the
    /// server's user cannot enter that.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Whether the server belongs to another process, which may end it at any time.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        self.host.is_none()
    }

    /// Stops the server (fast: open transactions are rolled back) and waits for its end.
    ///
    /// Errors when it would not end, or had ended for good before. A guest only lets go.
    pub fn stop(mut self) -> Result<(), EmbeddedError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), EmbeddedError> {
        let Some(host) = self.host.take() else {
            return Ok(());
        };
        host.server.stop()?;
        if !host.socket.starts_with(&self.place) {
            // One in /tmp is made anew at the next start; if it stays, it is litter, no more.
            let _ = fs::remove_dir(&host.socket);
        }
        Ok(())
    }

    fn host(options: &Options, data_dir: &Path, lock: File) -> Result<Self, EmbeddedError> {
        let user = ServerUser::choose()?;
        let newest = place::newest_major(data_dir);
        let binaries = Binaries::find(options.bindir.as_deref(), &user, data_dir, newest)?;
        let place = Place::locate(data_dir, binaries.major, &user)?;
        let user = user.or_owner_of(&place.data())?;
        let password = cluster::prepare(&place, &binaries, &user, options.durable)?;
        let socket = place.prepare_socket(&user)?;

        let server = Server::start(Launch {
            binaries,
            user,
            place: place.clone(),
            socket: socket.clone(),
            durable: options.durable,
        })?;
        place::announce(&lock, &place, data_dir)?;
        let host = Host { server, socket: socket.clone(), _lock: lock };
        Ok(Self::at(&place, &socket, &password, Some(host)))
    }

    /// The server that the holder of the lock runs, once it answers.
    fn guest(data_dir: &Path) -> Result<Option<Self>, EmbeddedError> {
        let Some(place) = place::announced(data_dir)? else {
            return Ok(None);
        };
        let (Some(socket), Some(password)) = (place.socket(), cluster::password(&place)?) else {
            return Ok(None);
        };
        Ok((probe::ask(&socket) == probe::Answer::Ready).then(|| Self::at(&place, &socket, &password, None)))
    }

    fn at(place: &Place, socket: &Path, password: &str, host: Option<Host>) -> Self {
        let url_base = format!("postgres://{NAME}:{password}@{}", percent(socket.as_os_str()));
        Self { url: format!("{url_base}/{NAME}"), url_base, place: place.base().to_owned(), host }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        // Nobody is left to tell; `server.log` has it.
        let _ = self.end();
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
///
/// A directory so encoded stands as the host of a URL for libpq and tokio-postgres alike.
fn percent(text: &OsStr) -> String {
    let mut url = String::new();
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

/// `2 × bytes` lower-case hexadecimal digits from the kernel's random source.
fn random_hex(bytes: usize) -> Result<String, EmbeddedError> {
    let mut noise = vec![0; bytes];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut noise))
        .map_err(|source| EmbeddedError::io("read", "/dev/urandom", source))?;
    Ok(noise.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

/// The first of the `PATH` and system directories that holds `program`.
fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/bin", "/bin"].map(PathBuf::from))
        .map(|directory| directory.join(program))
        .find(|file| fs::metadata(file).is_ok_and(|meta| meta.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_becomes_the_host_of_a_url() {
        assert_eq!(percent(OsStr::new("/a b/校友@x")), "%2Fa%20b%2F%E6%A0%A1%E5%8F%8B%40x");
    }

    #[test]
    fn random_text_has_its_length_and_differs() {
        let (one, other) = (random_hex(16).unwrap(), random_hex(16).unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }

    #[test]
    fn urls_name_the_role_the_socket_and_the_database() {
        let place = Place::at("/srv/h".into());
        let embedded = Embedded::at(&place, Path::new("/srv/h/socket"), "pw", None);
        assert_eq!(embedded.url(), "postgres://homecoming:pw@%2Fsrv%2Fh%2Fsocket/homecoming");
        assert_eq!(embedded.url_for("t 1"), "postgres://homecoming:pw@%2Fsrv%2Fh%2Fsocket/t%201");
        assert!(embedded.is_guest());
    }
}
