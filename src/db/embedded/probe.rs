//! Whether a server takes connections, asked as `pg_isready` does: by beginning one.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::NAME;
use super::place::SOCKET;

/// What a server answers to the beginning of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It takes connections.
    Ready,
    /// It is there but starting up, recovering or shutting down (`57P03`).
    NotYet,
    /// Nothing answers.
    Silent,
}

/// Asks the server whose socket is in `directory`; at most about a second.
pub(super) fn ask(directory: &Path) -> Answer {
    exchange(&directory.join(SOCKET)).map_or(Answer::Silent, |reply| understand(&reply))
}

fn exchange(socket: &Path) -> io::Result<Vec<u8>> {
    let mut server = UnixStream::connect(socket)?;
    server.set_read_timeout(Some(Duration::from_secs(1)))?;
    server.set_write_timeout(Some(Duration::from_secs(1)))?;
    server.write_all(&startup())?;
    let mut reply = vec![0; 1024];
    // An error and the request for a password both fit into one short message.
    let length = server.read(&mut reply)?;
    reply.truncate(length);
    Ok(reply)
}

/// The start-up message of protocol 3.0; leaving after the server's first answer is not logged.
fn startup() -> Vec<u8> {
    let body = format!("user\0{NAME}\0database\0{NAME}\0\0");
    let length = u32::try_from(8 + body.len()).unwrap_or_default();
    [&length.to_be_bytes()[..], &0x0003_0000_u32.to_be_bytes(), body.as_bytes()].concat()
}

fn understand(reply: &[u8]) -> Answer {
    match reply.first() {
        None => Answer::Silent,
        Some(b'E') if reply.windows(7).any(|field| field == b"C57P03\0") => Answer::NotYet,
        // Another refusal (too many connections) is still one of a server at work.
        Some(_) => Answer::Ready,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(understand(b""), Answer::Silent);
        assert_eq!(understand(b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"), Answer::Ready);
        assert_eq!(understand(b"E\0\0\0\x30SFATAL\0C57P03\0Mstarting up\0\0"), Answer::NotYet);
        assert_eq!(understand(b"E\0\0\0\x30SFATAL\0C53300\0Mtoo many\0\0"), Answer::Ready);
    }

    #[test]
    fn the_message_begins_with_its_length() {
        let message = startup();
        assert_eq!(message[..4], u32::try_from(message.len()).unwrap().to_be_bytes());
    }
}
