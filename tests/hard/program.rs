//! The program as a process: begun, awaited, killed, told to stop.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};

use crate::client::{Call, Client};
use crate::home::{Home, signal};
use crate::until;

/// A running `homecoming`; killed at the latest when this is dropped.
pub struct Program {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    output: PathBuf,
}

impl Program {
    /// On a home's private database, ready.
    pub async fn start(home: &Home) -> Self {
        Self::start_at(home, free_address()).await
    }

    /// The same at an address, as after a kill.
    pub async fn start_at(home: &Home, address: SocketAddr) -> Self {
        let mut program = Self::begin(&home.data_dir(), None, address, &["serve"]);
        program.ready(60).await;
        program
    }

    /// On a server of the test's own, ready.
    pub async fn start_on(home: &Home, url: &str) -> Self {
        let mut program = Self::begin(&home.root().join("elsewhere"), Some(url), free_address(), &["serve"]);
        program.ready(60).await;
        program
    }

    /// Begins to run a command.
    pub fn begin(data_dir: &Path, url: Option<&str>, address: SocketAddr, arguments: &[&str]) -> Self {
        let mut command = command(data_dir, url);
        command.args(arguments).env("HOMECOMING_LISTEN", address.to_string());
        Self::of(command, data_dir, address)
    }

    /// Begins to run a command that was put together elsewhere.
    pub fn of(mut command: Command, data_dir: &Path, address: SocketAddr) -> Self {
        let output = data_dir.with_extension("output");
        let log = File::options().create(true).append(true).open(&output).unwrap();
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        Self { child, address, output }
    }

    /// Waits until it takes requests.
    pub async fn ready(&mut self, seconds: u64) -> Duration {
        let mut client = Client::new(self.address, None);
        until(seconds, "the program is ready", async || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the program ended with {status}: {}", self.output());
            }
            client.status(&Call::get("//readyz")).await == Ok(200)
        })
        .await
    }

    /// All that it has printed and logged.
    pub fn output(&self) -> String {
        fs::read_to_string(&self.output).unwrap()
    }

    /// Its process id.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Ends it with `SIGKILL`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop with `SIGTERM`.
    pub fn tell_to_stop(&self) {
        signal(self.pid(), Signal::TERM);
    }

    /// Waits for its end.
    pub async fn ended(&mut self, seconds: u64) -> (ExitStatus, Duration) {
        let mut status = None;
        let waited = until(seconds, "the program ends", async || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let waited = waited.await;
        (status.unwrap(), waited)
    }

    /// Stops it as an operator does; fails when it does not end well.
    pub async fn stop(mut self) {
        self.tell_to_stop();
        let (status, _) = self.ended(40).await;
        assert!(status.success(), "{status}: {}", self.output());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program with this data directory and no setting of who runs the tests.
pub fn command(data_dir: &Path, url: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_homecoming"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("HOMECOMING_")) {
        command.env_remove(name);
    }
    command.current_dir(data_dir.parent().unwrap()).stdin(Stdio::null());
    command.env("HOMECOMING_DATA_DIR", data_dir).env("HOMECOMING_LOG", "warn").env("HOMECOMING_RATE_LIMITS", "off");
    match url {
        Some(url) => command.env("DATABASE_URL", url),
        None => command.env_remove("DATABASE_URL"),
    };
    command
}

/// A loopback address that nobody listens on.
pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
