//! Configuration, read once: `homecoming.toml` below the environment. An unknown key refuses to start.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use crate::base::error::{Error, Result};

/// What can be set. In the environment each key is `HOMECOMING_<KEY>`, but for the few that other programs know too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the API listens: `127.0.0.1:8080`.
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// Where metrics are served, to the operator only: `127.0.0.1:9090` where that is free, or `off`.
    #[serde(default)]
    pub metrics_listen: Metrics,
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
    /// Proxies whose `X-Forwarded-For` is believed: networks such as `10.0.0.0/8`. None unless given.
    #[serde(default, deserialize_with = "list")]
    pub trusted_proxies: Vec<IpNet>,
    /// Web origins that browsers may call from, such as `https://alumni.example.edu`. None unless given.
    #[serde(default, deserialize_with = "list")]
    pub cors_origins: Vec<Origin>,
    /// `off` switches every limit of requests and sign-ins off; on loopback only.
    #[serde(default)]
    pub rate_limits: Switch,
    /// Requests a minute of one account.
    #[serde(default = "rate_limit_account")]
    pub rate_limit_account: u32,
    /// Requests a minute of one client address without an account.
    #[serde(default = "rate_limit_client")]
    pub rate_limit_client: u32,
    /// Where the domain's clock starts, such as `2020-10-01T00:00:00Z`: on demo data only.
    pub clock: Option<DateTime<Utc>>,

    // Known to clients already, and coming with later issues: accepted, and said to have no effect.
    mail: Option<String>,
    sms: Option<String>,
    outbound_allow: Option<String>,
    database_replica_url: Option<SecretString>,
}

/// On or off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// On.
    #[default]
    On,
    /// Off.
    Off,
}

/// Where metrics are served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Metrics {
    /// At the usual address, if it is free.
    #[default]
    Usual,
    /// There, or not at all.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl Metrics {
    /// The usual address.
    pub const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9090);
}

impl<'de> Deserialize<'de> for Metrics {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match String::deserialize(from)?.as_str() {
            "off" => Ok(Self::Off),
            address => address.parse().map(Self::At).map_err(|_| {
                serde::de::Error::custom(format!("{address} is neither an address such as 127.0.0.1:9090 nor off"))
            }),
        }
    }
}

/// A web origin: scheme, host and port, and no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(pub String);

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match url::Url::parse(text) {
            Ok(url) if url.origin().is_tuple() && url.origin().ascii_serialization() == text => {
                Ok(Self(text.to_owned()))
            }
            _ => Err("not a web origin such as https://alumni.example.edu".to_owned()),
        }
    }
}

/// Secrets are taken as they stand, or from the file that `<KEY>_FILE` names.
const SECRETS: [(&str, &str); 3] = [
    ("HOMECOMING_DEMO_PASSWORD", "demo_password"),
    ("DATABASE_URL", "database_url"),
    ("DATABASE_REPLICA_URL", "database_replica_url"),
];

impl Config {
    /// Reads `homecoming.toml` (or the file that `HOMECOMING_CONFIG` names) and the environment. The error names the key.
    pub fn read() -> Result<Self> {
        let file = match std::env::var_os("HOMECOMING_CONFIG").map(PathBuf::from) {
            Some(path) if !path.is_file() => {
                return Err(wrong(format!("HOMECOMING_CONFIG: {} is not there", path.display())));
            }
            Some(path) => path,
            None => PathBuf::from("homecoming.toml"),
        };
        let plain = |key: &figment::value::UncasedStr| {
            key != "config" && !SECRETS.iter().any(|(_, name)| key == *name || key == format!("{name}_file").as_str())
        };
        let mut figment = Figment::new()
            .merge(Toml::file(file))
            .merge(Env::prefixed("HOMECOMING_").filter(plain).lowercase(true))
            .merge(Env::raw().only(&["PG_BINDIR"]).lowercase(true));
        for (variable, key) in SECRETS {
            if let Some(secret) = secret(variable)? {
                figment = figment.merge(Serialized::default(key, secret));
            }
        }
        figment.extract::<Self>().map_err(wrong)?.checked()
    }

    fn checked(self) -> Result<Self> {
        if self.rate_limits == Switch::Off && !self.listen.ip().is_loopback() {
            return Err(wrong(format!(
                "HOMECOMING_RATE_LIMITS=off is for loopback only, and {} is not: leave the limits on, or raise \
                 HOMECOMING_RATE_LIMIT_ACCOUNT and HOMECOMING_RATE_LIMIT_CLIENT",
                self.listen
            )));
        }
        if self.rate_limit_account < 10 || self.rate_limit_client < 10 {
            return Err(wrong("the rate limits are requests a minute: at least 10"));
        }
        if self.connections == 0 || self.workers == Some(0) {
            return Err(wrong("HOMECOMING_CONNECTIONS and HOMECOMING_WORKERS are at least 1"));
        }
        Ok(self)
    }

    /// Keys that are set and have no effect yet.
    pub fn without_effect(&self) -> Vec<&'static str> {
        let known = [
            ("HOMECOMING_MAIL", self.mail.is_some()),
            ("HOMECOMING_SMS", self.sms.is_some()),
            ("HOMECOMING_OUTBOUND_ALLOW", self.outbound_allow.is_some()),
            ("DATABASE_REPLICA_URL", self.database_replica_url.is_some()),
        ];
        known.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect()
    }

    /// The office's time zone; an error that names the key when there is no such zone.
    pub fn zone(&self) -> Result<chrono_tz::Tz> {
        let unknown = |_| wrong(format!("HOMECOMING_TIME_ZONE: there is no time zone {}", self.time_zone));
        self.time_zone.parse().map_err(unknown)
    }
}

fn wrong(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("the configuration is wrong: {error}"))
}

fn secret(variable: &str) -> Result<Option<String>> {
    if let Ok(value) = std::env::var(variable) {
        return Ok(Some(value));
    }
    let Ok(path) = std::env::var(format!("{variable}_FILE")) else { return Ok(None) };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned())),
        Err(error) => Err(wrong(format!("{variable}_FILE: {path}: {error}"))),
    }
}

/// A list in TOML, or words with commas between them in the environment.
fn list<'de, D: Deserializer<'de>, T: FromStr<Err: std::fmt::Display>>(from: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Many(Vec<String>),
        One(String),
    }
    let words = match Given::deserialize(from)? {
        Given::Many(words) => words,
        Given::One(text) => text.split(',').map(str::to_owned).collect(),
    };
    let words = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
    words.map(|word| word.parse().map_err(|error| serde::de::Error::custom(format!("{word}: {error}")))).collect()
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

fn rate_limit_account() -> u32 {
    600
}

fn rate_limit_client() -> u32 {
    3_000
}

fn log() -> String {
    "info,actix_server=warn,actix_http=off".to_owned()
}
