//! The directories of a cluster: where it is, and where its socket is.
//!
//! As root, what we make on the way to the server's own directories gets mode 0711, so that the
//! server's user can pass through; what others made keeps its mode. Where that user cannot enter
//! (a home of mode 0700), the cluster goes to `/var/lib/homecoming` and a pointer remembers it.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::user::{ServerUser, are_root, way_mode};
use super::{EmbeddedError, random_hex};

/// Where clusters go that the server's user could not enter in the data directory.
const ELSEWHERE: &str = "/var/lib/homecoming";
/// The name that PostgreSQL gives its socket; the number names the file and is no TCP port.
pub(super) const SOCKET: &str = ".s.PGSQL.5432";
/// The most bytes that the path of a Unix socket may have.
const LONGEST_SOCKET: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The directory of one cluster and all that belongs to it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    base: PathBuf,
}

impl Place {
    /// The place in `base`, which need not exist.
    pub(super) fn at(base: PathBuf) -> Self {
        Self { base }
    }

    /// Finds the place of the cluster of this major version, and makes its directory.
    pub(super) fn locate(data_dir: &Path, major: u32, user: &ServerUser) -> Result<Self, EmbeddedError> {
        let slot = data_dir.join("postgres").join(major.to_string());
        make_way(&slot, user.way_mode())?;
        let pointer = slot.join("elsewhere");
        if let Some(base) = read_pointer(&pointer)? {
            if base.is_dir() {
                return Ok(Self::at(base));
            }
            return Err(EmbeddedError::LostPlace { pointer, place: base });
        }
        if user.clone().or_owner_of(&slot.join("data"))?.can_enter(&slot) {
            return Ok(Self::at(slot));
        }
        let base = Path::new(ELSEWHERE).join(random_hex(8)?);
        make_way(&base, user.way_mode())?;
        if !user.can_enter(&base) {
            // Nothing is in it yet, and nothing points to it.
            let _ = fs::remove_dir(&base);
            return Err(EmbeddedError::Unenterable { user: user.name().into(), place: base });
        }
        write_private(&base.join("origin"), data_dir.as_os_str().as_bytes())?;
        write_private(&pointer, base.as_os_str().as_bytes())?;
        Ok(Self::at(base))
    }

    /// The directory of all of it.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    /// PostgreSQL's data directory.
    pub(super) fn data(&self) -> PathBuf {
        self.base.join("data")
    }

    /// The file with the password of the role `homecoming`.
    pub(super) fn password(&self) -> PathBuf {
        self.base.join("password")
    }

    /// What the server and its supervisor write.
    pub(super) fn log(&self) -> PathBuf {
        self.base.join("server.log")
    }

    /// A name of this cluster for the titles of its processes: the same whatever the path is.
    pub(super) fn cluster_name(&self) -> Result<String, EmbeddedError> {
        let data = self.data();
        let meta = fs::metadata(&data).map_err(|source| EmbeddedError::io("look at", data, source))?;
        Ok(format!("homecoming-{:x}-{:x}", meta.dev(), meta.ino()))
    }

    /// The directory of the socket, if there is one.
    pub(super) fn socket(&self) -> Option<PathBuf> {
        let direct = self.base.join("socket");
        let socket = if suits_a_socket(&direct) {
            Some(direct)
        } else {
            read_pointer(&self.base.join("socket-path")).ok().flatten()
        };
        socket.filter(|socket| socket.is_dir())
    }

    /// Makes the directory of the socket, closed to all but `user`.
    ///
    /// Beside the data where the path is short enough, else in `/tmp`: there again under the
    /// remembered name if it is still ours, so that a kill leaves no litter.
    pub(super) fn prepare_socket(&self, user: &ServerUser) -> Result<PathBuf, EmbeddedError> {
        let direct = self.base.join("socket");
        if suits_a_socket(&direct) {
            make_closed(&direct, user)?;
            return Ok(direct);
        }
        let pointer = self.base.join("socket-path");
        if let Some(known) = read_pointer(&pointer)?
            && is_closed(&known, user.uid())
        {
            return Ok(known);
        }
        let socket = Path::new("/tmp").join(format!("homecoming-{}", random_hex(8)?));
        write_private(&pointer, socket.as_os_str().as_bytes())?;
        make_closed(&socket, user)?;
        Ok(socket)
    }
}

/// Makes a directory that only `user` may enter; fails when somebody else's stands there.
pub(super) fn make_closed(directory: &Path, user: &ServerUser) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => user.give(directory),
        Err(_) if is_closed(directory, user.uid()) => Ok(()),
        Err(source) => Err(EmbeddedError::io("create", directory, source)),
    }
}

/// Whether it is a true directory, of this user, closed to all others.
fn is_closed(directory: &Path, uid: u32) -> bool {
    fs::symlink_metadata(directory).is_ok_and(|meta| meta.is_dir() && meta.uid() == uid && meta.mode() & 0o777 == 0o700)
}

/// Whether a socket in `directory` has a path short enough, and without the characters that
/// separate directories in PostgreSQL's settings and hosts in libpq's.
fn suits_a_socket(directory: &Path) -> bool {
    let bytes = directory.as_os_str().as_bytes();
    bytes.len() + 1 + SOCKET.len() <= LONGEST_SOCKET
        && std::str::from_utf8(bytes).is_ok_and(|path| !path.contains([',', '"', '\'', '\\']))
}

/// Makes the data directory and gives back its true, absolute path.
pub(super) fn open_data_dir(data_dir: &Path) -> Result<PathBuf, EmbeddedError> {
    let absolute = std::path::absolute(data_dir).map_err(|source| EmbeddedError::io("find", data_dir, source))?;
    make_way(&absolute, way_mode(are_root()))?;
    fs::canonicalize(&absolute).map_err(|source| EmbeddedError::io("find", absolute, source))
}

/// Opens the lock of the data directory, without taking it.
pub(super) fn open_lock(data_dir: &Path) -> Result<File, EmbeddedError> {
    let path = data_dir.join("lock");
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|source| EmbeddedError::io("open", path, source))
}

/// Writes into the lock, which we hold, where the running cluster is.
pub(super) fn announce(mut lock: &File, place: &Place, data_dir: &Path) -> Result<(), EmbeddedError> {
    lock.set_len(0)
        .and_then(|()| lock.rewind())
        .and_then(|()| lock.write_all(place.base.as_os_str().as_bytes()))
        .map_err(|source| EmbeddedError::io("write", data_dir.join("lock"), source))
}

/// Where the holder of the lock has said that its cluster is.
pub(super) fn announced(data_dir: &Path) -> Result<Option<Place>, EmbeddedError> {
    Ok(read_pointer(&data_dir.join("lock"))?.map(Place::at))
}

/// The newest major version with data in `data_dir`.
pub(super) fn newest_major(data_dir: &Path) -> Option<u32> {
    fs::read_dir(data_dir.join("postgres"))
        .into_iter()
        .flatten()
        .flatten()
        .filter(|slot| ["data", "elsewhere"].iter().any(|name| slot.path().join(name).exists()))
        .filter_map(|slot| slot.file_name().to_str()?.parse().ok())
        .max()
}

/// Makes what is missing of `directory` and its parents, with `mode` whatever the umask is.
fn make_way(directory: &Path, mode: u32) -> Result<(), EmbeddedError> {
    if directory.is_dir() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        make_way(parent, mode)?;
    }
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => fs::set_permissions(directory, Permissions::from_mode(mode)),
        // Another process of ours was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
    .map_err(|source| EmbeddedError::io("create", directory, source))
}

/// Writes a file that only we can read, whole or not at all.
pub(super) fn write_private(path: &Path, content: &[u8]) -> Result<(), EmbeddedError> {
    let new = path.with_added_extension("new");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(|source| EmbeddedError::io("write", path, source))
}

/// The path written in a file; `None` when there is no such file, or nothing in it.
fn read_pointer(path: &Path) -> Result<Option<PathBuf>, EmbeddedError> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => {
            let path = bytes.trim_ascii_end().to_vec();
            Ok((!path.is_empty()).then(|| OsString::from_vec(path).into()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EmbeddedError::io("read", path, source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_has_at_most_107_bytes() {
        let at = |length| PathBuf::from(format!("/{}", "x".repeat(length - 1)));
        assert!(suits_a_socket(&at(LONGEST_SOCKET - SOCKET.len() - 1)));
        assert!(!suits_a_socket(&at(LONGEST_SOCKET - SOCKET.len())));
        assert!(suits_a_socket(Path::new("/home/校友 会/data/postgres/15/socket")));
        assert!(!suits_a_socket(Path::new("/home/a,b/socket")));
    }

    #[test]
    fn pointers_survive_any_path_and_no_file_is_none() {
        let file = std::env::temp_dir().join(format!("homecoming-{}", random_hex(8).unwrap()));
        assert_eq!(read_pointer(&file).unwrap(), None);
        write_private(&file, "/srv/校 友".as_bytes()).unwrap();
        assert_eq!(read_pointer(&file).unwrap(), Some("/srv/校 友".into()));
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        fs::remove_file(file).unwrap();
    }
}
