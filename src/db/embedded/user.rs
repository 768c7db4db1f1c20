//! Whom the server runs as. PostgreSQL refuses to run as root, so root is dropped with `setpriv`.
//!
//! `setpriv` also sets the signal that the kernel sends to the server when our thread ends
//! (`PR_SET_PDEATHSIG`), which the standard library cannot do without `unsafe`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{EmbeddedError, in_path};

/// The user of the server's processes.
#[derive(Debug, Clone)]
pub(super) struct ServerUser {
    /// `None`: ourselves.
    other: Option<Account>,
    setpriv: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

/// Whether this process is root.
pub(super) fn are_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl ServerUser {
    /// Ourselves; or, when we are root, `postgres` if there is one, else `nobody`.
    pub(super) fn choose() -> Result<Self, EmbeddedError> {
        // An older or another `setpriv` lacks the option; then only the kernel's help is missing.
        let setpriv = in_path("setpriv")
            .filter(|setpriv| succeeds(Command::new(setpriv).args(["--pdeathsig", "INT", "--", "true"])));
        if !are_root() {
            return Ok(Self { other: None, setpriv });
        }
        if setpriv.is_none() {
            return Err(EmbeddedError::NoSetpriv);
        }
        let passwd =
            fs::read_to_string("/etc/passwd").map_err(|source| EmbeddedError::io("read", "/etc/passwd", source))?;
        let account =
            ["postgres", "nobody"].into_iter().find_map(|name| account(&passwd, name)).ok_or(EmbeddedError::NoUser)?;
        Ok(Self { other: Some(account), setpriv })
    }

    /// The owner of an existing `data` directory instead, if we are root.
    ///
    /// A cluster made by an ordinary user, or as `nobody` before there was a user `postgres`,
    /// stays with whom it belongs to.
    pub(super) fn or_owner_of(self, data: &Path) -> Result<Self, EmbeddedError> {
        let (Some(account), Ok(meta)) = (&self.other, fs::metadata(data)) else {
            return Ok(self);
        };
        if meta.uid() == account.uid {
            return Ok(self);
        }
        if meta.uid() == 0 {
            return Err(EmbeddedError::OwnedByRoot { data: data.to_owned() });
        }
        let owner = Account { name: format!("user {}", meta.uid()), uid: meta.uid(), gid: meta.gid() };
        Ok(Self { other: Some(owner), ..self })
    }

    /// The user's name, for messages.
    pub(super) fn name(&self) -> &str {
        self.other.as_ref().map_or("you", |account| &account.name)
    }

    /// The user's id.
    pub(super) fn uid(&self) -> u32 {
        self.other.as_ref().map_or_else(|| rustix::process::geteuid().as_raw(), |other| other.uid)
    }

    /// The permissions of directories on the way to the server's: another user must pass through.
    pub(super) fn way_mode(&self) -> u32 {
        way_mode(self.other.is_some())
    }

    /// A command that runs `program` as this user, ended by the signal `death` (`INT`, `KILL`)
    /// when the thread that spawns it ends; with next to nothing of our environment.
    pub(super) fn command(&self, program: impl AsRef<OsStr>, death: &str) -> Command {
        let mut command = match &self.setpriv {
            None => Command::new(program),
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", death]);
                if let Some(other) = &self.other {
                    command.arg(format!("--reuid={}", other.uid));
                    command.arg(format!("--regid={}", other.gid)).arg("--clear-groups");
                }
                command.arg("--").arg(program);
                command
            }
        };
        // Our settings may be secrets, and PG* and LC_* variables would change what it does.
        command.env_clear().envs([("LC_ALL", "C"), ("TZ", "UTC")]);
        command.envs(["PATH", "LD_LIBRARY_PATH"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        // Another user may not be able to stand where we stand. Ctrl-C in a terminal goes to the
        // whole process group, and the program wants to finish its requests first.
        command.current_dir("/").stdin(Stdio::null()).process_group(0);
        command
    }

    /// Whether this user can really enter `directory`: found by trying as that user.
    pub(super) fn can_enter(&self, directory: &Path) -> bool {
        let mut test = self.command("test", "KILL");
        self.other.is_none() || succeeds(test.arg("-x").arg(directory))
    }

    /// Hands a file or directory of ours over to this user.
    pub(super) fn give(&self, path: &Path) -> Result<(), EmbeddedError> {
        self.other.as_ref().map_or(Ok(()), |other| {
            lchown(path, Some(other.uid), Some(other.gid))
                .map_err(|source| EmbeddedError::io("give away", path, source))
        })
    }
}

/// See [`ServerUser::way_mode`].
pub(super) fn way_mode(for_another: bool) -> u32 {
    if for_another { 0o711 } else { 0o700 }
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The account `name` of a file in the format of `/etc/passwd`.
fn account(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|&field| field == name)?.to_owned();
        let mut ids = fields.skip(1).map(str::parse);
        Some(Account { name, uid: ids.next()?.ok()?, gid: ids.next()?.ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_from_passwd() {
        let passwd = "root:x:0:0::/root:/bin/sh\nnobodyish:x:1:1::/:\nnobody:x:65534:65533:n:/:\n";
        let nobody = Account { name: "nobody".into(), uid: 65534, gid: 65533 };
        assert_eq!(account(passwd, "nobody"), Some(nobody));
        assert_eq!(account(passwd, "postgres"), None);
    }

    #[test]
    fn commands_see_none_of_our_settings() {
        let user = ServerUser { other: None, setpriv: None };
        let command = user.command("true", "INT");
        let names: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
        assert!(
            names.iter().all(|name| { ["LC_ALL", "TZ", "PATH", "LD_LIBRARY_PATH"].contains(&name.to_str().unwrap()) })
        );
    }

    #[test]
    fn root_is_dropped_by_setpriv() {
        let nobody = Account { name: "nobody".into(), uid: 7, gid: 8 };
        let user = ServerUser { other: Some(nobody), setpriv: Some("/usr/bin/setpriv".into()) };
        let command = user.command("postgres", "INT");
        let args: Vec<_> = command.get_args().map(|arg| arg.to_str().unwrap()).collect();
        let expected = ["--pdeathsig", "INT", "--reuid=7", "--regid=8", "--clear-groups", "--", "postgres"];
        assert_eq!(args, expected);
    }
}
