//! Making the cluster: `initdb`, the generated password, the database `homecoming`.
//!
//! All of it happens in a sibling directory that is renamed at the end, so that an interrupted
//! first start leaves nothing that a later one would trip over.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::binaries::Binaries;
use super::place::{Place, make_closed, write_private};
use super::user::ServerUser;
use super::{EmbeddedError, NAME, random_hex};

/// Makes the cluster if it is not there yet, and gives back the password of its role.
pub(super) fn prepare(
    place: &Place,
    binaries: &Binaries,
    user: &ServerUser,
    durable: bool,
) -> Result<String, EmbeddedError> {
    remove_half_made(place);
    let known = password(place)?;
    let exists = place.data().join("PG_VERSION").exists();
    if let (Some(known), true) = (&known, exists) {
        return Ok(known.clone());
    }

    let new = if let Some(known) = known { known } else { random_hex(16)? };
    if exists {
        // Somebody deleted the file: the data matter, and a password is only ours to remember.
        let sql = format!("alter role {NAME} password '{new}'");
        single_user(&place.data(), binaries, user, durable, &sql)?;
    }
    // Before the data appear: the other order could leave a cluster without its password.
    write_private(&place.password(), new.as_bytes())?;
    if !exists {
        make(place, binaries, user, durable, &new)?;
    }
    Ok(new)
}

/// The password in its file, if there is one.
pub(super) fn password(place: &Place) -> Result<Option<String>, EmbeddedError> {
    match fs::read_to_string(place.password()) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EmbeddedError::io("read", place.password(), source)),
    }
}

fn make(
    place: &Place,
    binaries: &Binaries,
    user: &ServerUser,
    durable: bool,
    password: &str,
) -> Result<(), EmbeddedError> {
    let new = place.base().join(format!("new-{}", random_hex(8)?));
    let (data, pwfile) = (new.join("data"), new.join("password"));
    make_closed(&new, user)?;
    write_private(&pwfile, password.as_bytes())?;
    user.give(&pwfile)?;

    let mut initdb = user.command(binaries.program("initdb"), "KILL");
    initdb.args(["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256"]);
    initdb.args(["--data-checksums", "--no-instructions", "--username", NAME, "--pwfile"]);
    initdb.arg(&pwfile).arg("-D").arg(&data);
    if !durable {
        initdb.arg("--no-sync");
    }
    run(&mut initdb, &binaries.program("initdb"), "")?;
    // Copying files beats logging every block when nothing has happened in the template yet.
    let sql = format!("create database {NAME} strategy file_copy");
    single_user(&data, binaries, user, durable, &sql)?;

    fs::rename(&data, place.data())
        .and_then(|()| if durable { File::open(place.base())?.sync_all() } else { Ok(()) })
        .and_then(|()| fs::remove_dir_all(&new))
        .map_err(|source| EmbeddedError::io("move", data, source))
}

/// Removes what an interrupted first start left.
///
/// A process of a killed `initdb` may go on writing for a moment. It harms nobody there, for each
/// attempt has a name of its own; what it leaves, the next start removes.
fn remove_half_made(place: &Place) {
    for entry in fs::read_dir(place.base()).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b"new-") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Runs one statement without a server: no socket, no password, and it fails as a whole.
fn single_user(
    data: &Path,
    binaries: &Binaries,
    user: &ServerUser,
    durable: bool,
    sql: &str,
) -> Result<(), EmbeddedError> {
    let mut postgres = user.command(binaries.program("postgres"), "KILL");
    postgres.arg("--single").arg("-D").arg(data).args(["-c", "exit_on_error=on"]);
    if !durable {
        postgres.args(["-c", "fsync=off"]);
    }
    run(postgres.arg("postgres"), &binaries.program("postgres"), &format!("{sql};\n"))
}

fn run(command: &mut Command, program: &Path, input: &str) -> Result<(), EmbeddedError> {
    let mut run = || -> io::Result<Output> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that has already failed takes no input; its output says why.
            let _ = stdin.write_all(input.as_bytes());
        }
        child.wait_with_output()
    };
    let output = run().map_err(|source| EmbeddedError::io("run", program, source))?;
    if output.status.success() {
        return Ok(());
    }
    let (said, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let lines: Vec<_> = said.lines().chain(failed.lines()).filter(|line| !line.is_empty()).collect();
    let last = lines.split_at(lines.len().saturating_sub(15)).1.join("\n  ");
    Err(EmbeddedError::Init { output: format!("  {last}\n  ({} ended with {})", program.display(), output.status) })
}
