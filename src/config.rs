//! Configuration, read once: `homecoming.toml` below the environment. An unknown key refuses to start.

use std::net::SocketAddr;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format as _, Toml};
use secrecy::SecretString;
use serde::Deserialize;

use crate::base::error::{Error, Result};

/// What can be set. In the environment each key is `HOMECOMING_<KEY>`, but for the two that other programs know too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the API listens: `127.0.0.1:8080`.
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// Where the private PostgreSQL, the keys and the signed head are kept: `./data`.
    #[serde(default = "data_dir")]
    pub data_dir: PathBuf,
    /// A PostgreSQL server to use instead of the private one (`DATABASE_URL`).
    pub database_url: Option<SecretString>,
    /// Where the private server's binaries are (`PG_BINDIR`).
    pub pg_bindir: Option<PathBuf>,
    /// The password of the demo accounts.
    pub demo_password: Option<SecretString>,
    /// The office's IANA time zone: `Asia/Shanghai`.
    #[serde(default = "time_zone")]
    pub time_zone: String,
    /// Database connections, of all workers together.
    #[serde(default = "connections")]
    pub connections: usize,
    /// Threads that serve requests; one a processor unless given.
    pub workers: Option<usize>,
    /// What is logged: `info`, `debug`, or a filter of tracing-subscriber.
    #[serde(default = "log")]
    pub log: String,

    // Known to clients already, and coming with later issues: accepted, and said to have no effect.
    metrics_listen: Option<String>,
    mail: Option<String>,
    sms: Option<String>,
    rate_limits: Option<String>,
    outbound_allow: Option<String>,
    clock: Option<String>,
}

impl Config {
    /// Reads `homecoming.toml`, if it is there, and the environment. The error names the key.
    pub fn read() -> Result<Self> {
        Figment::new()
            .merge(Toml::file("homecoming.toml"))
            .merge(Env::prefixed("HOMECOMING_").filter(|key| key != "config").lowercase(true))
            .merge(Env::raw().only(&["DATABASE_URL", "PG_BINDIR"]).lowercase(true))
            .extract()
            .map_err(|error| Error::internal(format!("the configuration is wrong: {error}")))
    }

    /// Keys that are set and have no effect yet.
    pub fn without_effect(&self) -> Vec<&'static str> {
        let known = [
            ("HOMECOMING_METRICS_LISTEN", &self.metrics_listen),
            ("HOMECOMING_MAIL", &self.mail),
            ("HOMECOMING_SMS", &self.sms),
            ("HOMECOMING_RATE_LIMITS", &self.rate_limits),
            ("HOMECOMING_OUTBOUND_ALLOW", &self.outbound_allow),
            ("HOMECOMING_CLOCK", &self.clock),
        ];
        known.into_iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name).collect()
    }
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn data_dir() -> PathBuf {
    PathBuf::from("./data")
}

fn time_zone() -> String {
    "Asia/Shanghai".to_owned()
}

fn connections() -> usize {
    16
}

fn log() -> String {
    "info,actix_server=warn".to_owned()
}
