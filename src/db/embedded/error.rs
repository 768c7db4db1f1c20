//! What can go wrong with the private PostgreSQL, each told with what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why the private PostgreSQL is not there; its text tells the user what to do.
#[derive(Debug)]
pub enum EmbeddedError {
    /// The operating system refused something about a file, directory or process.
    Io {
        /// The verb: `read`, `create`, `run` …
        doing: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// No usable PostgreSQL; each line says where one was looked for and what was there.
    NoBinaries {
        /// One finding per line.
        tried: Vec<String>,
    },
    /// The data are of a major version whose binaries are not here.
    OtherMajor {
        /// The version of the data.
        data: u32,
        /// The versions found.
        found: Vec<u32>,
        /// The directory of the data.
        place: PathBuf,
    },
    /// We are root and `setpriv` (util-linux), which drops root, is missing.
    NoSetpriv,
    /// We are root and there is neither a user `postgres` nor `nobody`.
    NoUser,
    /// `initdb`, or making the database, failed; with the end of its output.
    Init {
        /// The last lines that it wrote.
        output: String,
    },
    /// The server's user cannot enter the place that was made for it.
    Unenterable {
        /// The server's user.
        user: String,
        /// The place.
        place: PathBuf,
    },
    /// A pointer names a cluster that is not there.
    LostPlace {
        /// The file with the pointer.
        pointer: PathBuf,
        /// Where it points.
        place: PathBuf,
    },
    /// The cluster belongs to root, as whom PostgreSQL refuses to run.
    OwnedByRoot {
        /// PostgreSQL's data directory.
        data: PathBuf,
    },
    /// The server did not come up; with the end of its log.
    NotReady {
        /// What was seen.
        reason: String,
        /// The server's log.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// A PostgreSQL of an earlier run still has the data and would not end.
    Orphan {
        /// Its process id.
        pid: i32,
    },
    /// Another process holds the data directory, and its server does not answer.
    HostSilent {
        /// The data directory.
        data_dir: PathBuf,
    },
}

impl EmbeddedError {
    /// An [`EmbeddedError::Io`].
    pub(super) fn io(doing: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { doing, path: path.into(), source }
    }
}

impl fmt::Display for EmbeddedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, path, source } => write_io(f, doing, path, source),
            Self::NoBinaries { tried } => write_no_binaries(f, tried),
            Self::OtherMajor { data, found, place } => write!(
                f,
                "the data in {} were made by PostgreSQL {data}, but only version {} was found. \
                 Install PostgreSQL {data} (`apt-get install postgresql-{data}`) to go on with \
                 these data; or set PG_BINDIR to start with an empty cluster of the other version.",
                place.display(),
                found.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
            ),
            Self::NoSetpriv => write!(
                f,
                "PostgreSQL refuses to run as root, and `setpriv`, which drops root for it, is \
                 missing. Install it (`apt-get install util-linux`), or start the program as an \
                 ordinary user, or set DATABASE_URL."
            ),
            Self::NoUser => write!(
                f,
                "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor \
                 `nobody`. Make one (`useradd --system postgres`), or start the program as an \
                 ordinary user, or set DATABASE_URL."
            ),
            Self::Init { output } => write_init(f, output),
            Self::Unenterable { user, place } => write!(
                f,
                "the user `{user}`, whom the private PostgreSQL runs as, cannot enter {}. Choose a \
                 data directory that every user may pass through, or set DATABASE_URL.",
                place.display()
            ),
            Self::LostPlace { pointer, place } => write!(
                f,
                "the cluster is missing: {} says that it is in {}. Bring it back (is a disk not \
                 mounted?); or, to begin with an empty one, delete that file.",
                pointer.display(),
                place.display()
            ),
            Self::OwnedByRoot { data } => write!(
                f,
                "{0} belongs to root, as whom PostgreSQL refuses to run. Give it to another user \
                 (`chown -R postgres {0}`).",
                data.display()
            ),
            Self::NotReady { reason, log, tail } => write!(
                f,
                "the private PostgreSQL did not come up: {reason}. The end of {}:\n{tail}\nRemove \
                 the cause and start again, or set DATABASE_URL.",
                log.display()
            ),
            Self::Orphan { pid } => write!(
                f,
                "a PostgreSQL of an earlier run (process {pid}) still has the data and does not \
                 end. Look why (`ps -fp {pid}`), end it (`kill -QUIT {pid}`), and start again."
            ),
            Self::HostSilent { data_dir } => write!(
                f,
                "another process holds {} and its PostgreSQL takes no connections. Wait for it, \
                 or end it, and start again; or choose another data directory.",
                data_dir.display()
            ),
        }
    }
}

fn write_io(f: &mut fmt::Formatter<'_>, doing: &str, path: &Path, source: &io::Error) -> fmt::Result {
    write!(f, "cannot {doing} {}: {source}", path.display())?;
    f.write_str(match source.kind() {
        io::ErrorKind::PermissionDenied => ". Run as the user who owns the data directory, or choose another one.",
        io::ErrorKind::StorageFull => ". Free some space, then start again.",
        _ => ". Remove the cause and start again, or set DATABASE_URL.",
    })
}

fn write_no_binaries(f: &mut fmt::Formatter<'_>, tried: &[String]) -> fmt::Result {
    writeln!(f, "no PostgreSQL 15 or newer was found for the private database.")?;
    for line in tried {
        writeln!(f, "  {line}")?;
    }
    f.write_str(
        "Do one of these: run `bin/setup`; or install it (`apt-get install postgresql`, `brew \
         install postgresql@17`); or say where it is with PG_BINDIR=/path/to/postgresql/bin; or \
         set DATABASE_URL to use a server of yours.",
    )
}

fn write_init(f: &mut fmt::Formatter<'_>, output: &str) -> fmt::Result {
    write!(f, "PostgreSQL's cluster could not be made:\n{output}\n")?;
    f.write_str(if output.contains("locale") {
        "The locale C.UTF-8 is needed: install it (Debian has it in `libc-bin`, Fedora in \
         `glibc-langpack-en`), or set DATABASE_URL."
    } else {
        "Remove the cause and start again: nothing half-made was kept."
    })
}

impl std::error::Error for EmbeddedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_postgresql_tells_every_way_out() {
        let text = EmbeddedError::NoBinaries { tried: vec!["PATH: none".into()] }.to_string();
        for way in ["bin/setup", "apt-get install", "brew install", "PG_BINDIR", "DATABASE_URL"] {
            assert!(text.contains(way), "{way} in {text}");
        }
    }

    #[test]
    fn a_missing_locale_is_named() {
        let output = "initdb: error: invalid locale name \"C.UTF-8\"".to_owned();
        assert!(EmbeddedError::Init { output }.to_string().contains("libc-bin"));
    }
}
