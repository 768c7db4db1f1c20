//! Where PostgreSQL's `postgres` and `initdb` are: `PG_BINDIR`, the newest
//! `/usr/lib/postgresql/*/bin`, `PATH`.

use std::fs;
use std::path::{Path, PathBuf};

use super::EmbeddedError;
use super::user::ServerUser;

/// The oldest major version that will do.
const OLDEST: u32 = 15;
/// Where Debian and its kin keep one directory per major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A directory with a usable PostgreSQL.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    bindir: PathBuf,
    /// The major version, which data directories are bound to.
    pub(super) major: u32,
}

impl Binaries {
    /// The path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bindir.join(name)
    }

    /// Finds the binaries that `user` can run.
    ///
    /// `data` is the newest major version that has data in `data_dir`: without `explicit`
    /// (`PG_BINDIR`), no other version is taken, for it would come up empty after an upgrade.
    pub(super) fn find(
        explicit: Option<&Path>,
        user: &ServerUser,
        data_dir: &Path,
        data: Option<u32>,
    ) -> Result<Self, EmbeddedError> {
        let (candidates, data) = match explicit {
            // Made absolute because its programs run with `/` as their directory.
            Some(bindir) => {
                let bindir = std::path::absolute(bindir).map_err(|source| EmbeddedError::io("find", bindir, source))?;
                (vec![("PG_BINDIR", bindir)], None)
            }
            None => (candidates(), data),
        };
        let (mut tried, mut found) = (Vec::new(), Vec::new());
        for (origin, bindir) in candidates {
            match inspect(&bindir, user) {
                Ok(major) if data.is_none_or(|data| data == major) => {
                    return Ok(Self { bindir, major });
                }
                Ok(major) => found.push(major),
                Err(why) => tried.push(format!("{origin}: {}: {why}", bindir.display())),
            }
        }
        match data {
            Some(data) if !found.is_empty() => {
                let place = data_dir.join("postgres").join(data.to_string());
                Err(EmbeddedError::OtherMajor { data, found, place })
            }
            _ => {
                if tried.is_empty() {
                    tried.push(format!("PG_BINDIR is not set; nothing in {DEBIAN} or on PATH"));
                }
                Err(EmbeddedError::NoBinaries { tried })
            }
        }
    }
}

/// The directories to look in when none is given, best first.
fn candidates() -> Vec<(&'static str, PathBuf)> {
    let names = fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let majors = newest_first(names.filter_map(|name| name.into_string().ok()));
    let debian = majors.into_iter().map(|major| Path::new(DEBIAN).join(major).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .map(|bindir| ("Debian's", bindir))
        .chain(std::env::split_paths(&path).map(|bindir| ("PATH", bindir)))
        .filter(|(_, bindir)| bindir.is_absolute() && bindir.join("postgres").exists())
        .collect()
}

/// The names that are major versions, the highest number first.
fn newest_first(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut majors: Vec<(u32, String)> = names.filter_map(|name| Some((name.parse().ok()?, name))).collect();
    majors.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    majors.into_iter().map(|(_, name)| name).collect()
}

/// The major version in `bindir`, or why it will not do for `user`.
fn inspect(bindir: &Path, user: &ServerUser) -> Result<u32, String> {
    for program in ["postgres", "initdb"] {
        if !bindir.join(program).exists() {
            return Err(format!("no `{program}` in it"));
        }
    }
    let output =
        user.command(bindir.join("postgres"), "KILL").arg("--version").output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    match major(&text) {
        Some(major) if major >= OLDEST => Ok(major),
        Some(major) => Err(format!("it is version {major}, and {OLDEST} is the oldest that will do")),
        None => Err(format!("{} cannot run it: {}", user.name(), String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// The major version in what `postgres --version` prints.
fn major(version: &str) -> Option<u32> {
    let number = version.strip_prefix("postgres (PostgreSQL) ")?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta2\n"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 9.6.24\n"), Some(9));
        assert_eq!(major("bash: no such file"), None);
    }

    #[test]
    fn ten_is_newer_than_nine() {
        let names = ["9", "17", "common", "10"].map(String::from).into_iter();
        assert_eq!(newest_first(names), ["17", "10", "9"]);
    }
}
