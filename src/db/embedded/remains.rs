//! What a killed program leaves behind, cleared away before the server starts.
//!
//! PostgreSQL itself takes any living process id in `postmaster.pid` for a running server: a
//! zombie that nobody reaps, and a number that something else has got since. Here one looks
//! closer; the lock of the data directory says that no other process of ours is at it.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::EmbeddedError;
use super::place::{Place, SOCKET};

/// What a process is, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
enum Process {
    Gone,
    Zombie,
    /// With its arguments.
    Alive(Vec<Vec<u8>>),
}

/// Ends an orphaned server of this place, and removes stale files.
pub(super) fn clear(place: &Place, socket: &Path) -> Result<(), EmbeddedError> {
    let pid_file = place.data().join("postmaster.pid");
    match fs::read(&pid_file) {
        Ok(content) => {
            let name = place.cluster_name()?;
            if let Some(pid) = recorded_pid(&content)
                && is_server(pid, &name, place)
            {
                bring_down(pid, || !is_server(pid, &name, place))
                    .then_some(())
                    .ok_or(EmbeddedError::Orphan { pid: pid.as_raw_pid() })?;
            }
            end_strays(&name)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(EmbeddedError::io("read", pid_file, source)),
    }
    let lock = socket.join(format!("{SOCKET}.lock"));
    for stale in [pid_file, socket.join(SOCKET), lock] {
        match fs::remove_file(&stale) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(EmbeddedError::io("remove", stale, error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Ends a server: fast (`INT`), after 10 s at once (`QUIT`; the next start recovers), in the end
/// by force. `gone` tells whether it has ended; `false` when it never did.
pub(super) fn bring_down(pid: Pid, mut gone: impl FnMut() -> bool) -> bool {
    [(Signal::INT, 10), (Signal::QUIT, 5), (Signal::KILL, 2)].into_iter().any(|(signal, seconds)| {
        // Only fails when it has just ended, which `gone` sees.
        let _ = kill_process(pid, signal);
        wait_until(Duration::from_secs(seconds), &mut gone)
    })
}

/// Whether `done` became true within `limit`.
fn wait_until(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if done() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Ends the server's processes that have outlived it (one is in the middle of a long query):
/// they keep its shared memory, and no server starts before that is free.
fn end_strays(name: &str) -> Result<(), EmbeddedError> {
    let title = format!("postgres: {name}: ").into_bytes();
    let strays = || -> Vec<Pid> {
        processes()
            .filter(|&pid| {
                matches!(look(pid), Process::Alive(args)
                    if args.first().is_some_and(|arg| arg.starts_with(&title)))
            })
            .collect()
    };
    if wait_until(Duration::from_millis(500), || strays().is_empty()) {
        return Ok(());
    }
    for signal in [Signal::QUIT, Signal::KILL] {
        for pid in strays() {
            let _ = kill_process(pid, signal);
        }
        if wait_until(Duration::from_secs(2), || strays().is_empty()) {
            return Ok(());
        }
    }
    strays().first().map_or(Ok(()), |pid| Err(EmbeddedError::Orphan { pid: pid.as_raw_pid() }))
}

/// Every process there is; none where there is no `/proc`.
fn processes() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
}

/// The process that made the pid file; single-user mode writes a negative number.
fn recorded_pid(content: &[u8]) -> Option<Pid> {
    let line = content.split(|&byte| byte == b'\n').next()?;
    let number: i32 = std::str::from_utf8(line).ok()?.trim().parse().ok()?;
    Pid::from_raw(number.checked_abs()?)
}

/// Whether `pid` is a living PostgreSQL with the data of this place.
fn is_server(pid: Pid, name: &str, place: &Place) -> bool {
    let Process::Alive(args) = look(pid) else {
        return false;
    };
    let same = |arg: &[u8]| {
        let data = (fs::metadata(place.data()), fs::metadata(std::ffi::OsStr::from_bytes(arg)));
        matches!(data, (Ok(a), Ok(b)) if (a.dev(), a.ino()) == (b.dev(), b.ino()))
    };
    names_a_server(&args) && args.iter().any(|arg| arg == format!("cluster_name={name}").as_bytes() || same(arg))
}

fn names_a_server(args: &[Vec<u8>]) -> bool {
    let program = args.first().and_then(|arg| arg.rsplit(|&byte| byte == b'/').next());
    matches!(program, Some(b"postgres" | b"postmaster"))
}

fn look(pid: Pid) -> Process {
    let pid = pid.as_raw_pid();
    let proc = Path::new("/proc").join(pid.to_string());
    if Path::new("/proc/self/stat").exists() {
        return match (fs::read(proc.join("stat")), fs::read(proc.join("cmdline"))) {
            (Ok(stat), Ok(cmdline)) => understand(&stat, &cmdline),
            _ => Process::Gone,
        };
    }
    let output = Command::new("ps").args(["-o", "stat=,args=", "-p", &pid.to_string()]).output();
    let line = output.map(|output| output.stdout).unwrap_or_default();
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    match words.next() {
        None => Process::Gone,
        Some([b'Z', ..]) => Process::Zombie,
        Some(_) => Process::Alive(words.map(<[u8]>::to_vec).collect()),
    }
}

/// Reads `/proc/<pid>/stat` and `cmdline`; the name in the former may hold any character.
fn understand(stat: &[u8], cmdline: &[u8]) -> Process {
    let state = stat.rsplit(|&byte| byte == b')').next().unwrap_or_default().trim_ascii();
    match state.first() {
        None | Some(b'X') => Process::Gone,
        Some(b'Z') => Process::Zombie,
        Some(_) => Process::Alive(cmdline.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_stands_after_the_last_parenthesis() {
        assert_eq!(understand(b"7 (a) Z (b) Z 1 7 7", b""), Process::Zombie);
        assert_eq!(
            understand(b"7 (a) Z (b) S 1 7 7", b"postgres\0-D"),
            Process::Alive(vec![b"postgres".to_vec(), b"-D".to_vec()])
        );
    }

    #[test]
    fn the_pid_file_names_a_process_or_nothing() {
        let pid = |content: &[u8]| recorded_pid(content).map(Pid::as_raw_pid);
        assert_eq!(pid(b"4711\n/data\n"), Some(4711));
        assert_eq!(pid(b"-4711\n"), Some(4711));
        assert_eq!(pid(b""), None);
        assert_eq!(pid(b"0\n"), None);
    }

    #[test]
    fn a_server_is_known_by_its_program() {
        let named = |name: &str| names_a_server(&[name.as_bytes().to_vec()]);
        assert!(named("/usr/lib/postgresql/15/bin/postgres"));
        assert!(!named("postgres: homecoming-1-2: checkpointer"));
        assert!(!named("vim"));
    }

    #[test]
    fn we_are_alive_and_nobody_is_gone() {
        let me = rustix::process::getpid();
        assert!(matches!(look(me), Process::Alive(_)));
        assert_eq!(look(Pid::from_raw(i32::MAX).unwrap()), Process::Gone);
    }
}
