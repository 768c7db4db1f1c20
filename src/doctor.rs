//! `homecoming doctor`: looks at configuration, directory, clock and database, changes nothing, and says what to do.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use crate::base::clock::Clock;
use crate::base::error::{Error, Result};
use crate::config::{Config, Metrics, Switch};
use crate::db::connect::Target;
use crate::db::examine::{Facts, examine, ping};
use crate::db::migrate;
use crate::server;

const GIB: u64 = 1 << 30;

/// What was found, one line each.
#[derive(Default)]
struct Findings {
    lines: usize,
    faults: usize,
}

impl Findings {
    fn say(&mut self, level: &str, what: &str, told: &dyn std::fmt::Display) {
        self.lines += 1;
        println!("  {level:<4}  {what:<15} {told}");
    }

    fn good(&mut self, what: &str, told: impl std::fmt::Display) {
        self.say("ok", what, &told);
    }

    fn warn(&mut self, what: &str, told: impl std::fmt::Display) {
        self.say("warn", what, &told);
    }

    fn fault(&mut self, what: &str, told: impl std::fmt::Display) {
        self.faults += 1;
        self.say("FAIL", what, &told);
    }
}

/// Examines this machine as `serve` would use it; an error when something would keep it from serving.
pub async fn examine_all() -> Result<()> {
    let mut found = Findings::default();
    let config = Config::read()?;
    configuration(&mut found, &config);
    addresses(&mut found, &config);
    files(&mut found, &config.data_dir);
    limits(&mut found);
    match server::reach_database(&config).await {
        Err(Error::Internal(cause)) => found.fault("database", cause),
        Err(refused) => found.fault("database", refused),
        Ok((url, private)) => {
            let examined = database(&mut found, &config, &url).await;
            if let Some(private) = private {
                tokio::task::spawn_blocking(move || private.stop())
                    .await
                    .map_err(Error::internal)?
                    .map_err(Error::internal)?;
            }
            if let Err(Error::Internal(cause)) = examined {
                found.fault("database", cause);
            }
        }
    }
    if found.faults > 0 {
        return Err(Error::internal(format!("{} of {} things have to be mended first", found.faults, found.lines)));
    }
    println!("Homecoming can serve here.");
    Ok(())
}

fn configuration(found: &mut Findings, config: &Config) {
    match config.zone() {
        Ok(zone) => found.good("configuration", format!("read; the office is in {zone}")),
        Err(Error::Internal(cause)) => found.fault("configuration", cause),
        Err(refused) => found.fault("configuration", refused),
    }
    for key in config.without_effect() {
        found.warn("configuration", format!("{key} has no effect in this version"));
    }
    if config.rate_limits == Switch::Off {
        found.warn("rate limits", "are off: anybody on this machine may ask as often as they like");
    }
    if let Some(clock) = config.clock {
        found.warn("clock", format!("starts at {clock} and is taken on demo data only"));
    }
    if !config.listen.ip().is_loopback() && config.trusted_proxies.is_empty() {
        let told = "no proxy is trusted: behind one, every client has its address; set HOMECOMING_TRUSTED_PROXIES";
        found.warn("proxies", told);
    }
}

fn addresses(found: &mut Findings, config: &Config) {
    let metrics = match config.metrics_listen {
        Metrics::Usual => Some(Metrics::USUAL),
        Metrics::At(address) => Some(address),
        Metrics::Off => None,
    };
    let addresses =
        [("api", "HOMECOMING_LISTEN", Some(config.listen)), ("metrics", "HOMECOMING_METRICS_LISTEN", metrics)];
    for (what, key, address) in addresses {
        match address.map(|address| (address, TcpListener::bind(address))) {
            None => found.good(what, "off"),
            Some((address, Ok(_))) => found.good(what, format!("{address} is free")),
            Some((address, Err(error))) => {
                found.warn(
                    what,
                    format!("{address}: {error}; if that is not Homecoming itself, set {key} to another address"),
                );
            }
        }
    }
    if let Some((_, _, Some(address))) =
        addresses.last().filter(|(_, _, it)| it.is_some_and(|it| !it.ip().is_loopback()))
    {
        found.warn("metrics", format!("{address} is not loopback: let only the operator's network reach it"));
    }
}

fn files(found: &mut Findings, directory: &Path) {
    let probe = directory.join(".doctor");
    let written = std::fs::create_dir_all(directory)
        .and_then(|()| std::fs::write(&probe, b""))
        .and_then(|()| std::fs::remove_file(&probe));
    match written {
        Ok(()) => found.good("data directory", format!("{} can be written", directory.display())),
        Err(error) => found.fault(
            "data directory",
            format!("{}: {error}; make it writable for this user, or set HOMECOMING_DATA_DIR", directory.display()),
        ),
    }
    match rustix::fs::statvfs(directory) {
        Err(error) => found.warn("disk", error),
        Ok(disk) => {
            let (free, all) =
                (disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize));
            let told = format!("{} MiB free of {} MiB", free >> 20, all >> 20);
            match free {
                free if free < GIB / 4 => found.fault("disk", format!("{told}: make room, at least 256 MiB")),
                free if free < 2 * GIB => found.warn("disk", format!("{told}: that will not last")),
                _ => found.good("disk", told),
            }
        }
    }
}

fn limits(found: &mut Findings) {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    match files {
        Some(files) if files < 1_024 => found.warn("open files", format!("at most {files}: raise it, ulimit -n 65536")),
        Some(files) => found.good("open files", format!("at most {files}")),
        None => found.good("open files", "as many as one likes"),
    }
}

async fn database(found: &mut Findings, config: &Config, url: &str) -> Result<()> {
    let target = Target::parse(url)?;
    let mut connection = target.connect().await.map_err(Error::internal)?;
    let facts = examine(&mut connection).await?;
    let kind = if config.database_url.is_some() { "DATABASE_URL" } else { "private" };
    let version = format!("PostgreSQL {}.{} ({kind})", facts.version / 10_000, facts.version % 10_000);
    match facts.version {
        ..150_000 => found.fault("database", format!("{version}: Homecoming needs 15 or newer")),
        _ => found.good("database", version),
    }
    if target.is_encrypted() {
        found.good("encryption", "TLS, and the certificate verified");
    } else if !target.is_local() {
        found.warn("encryption", "none, to another machine: add ?sslmode=verify-full&sslrootcert=… to DATABASE_URL");
    }
    locale(found, &facts);
    readiness(found, config, &facts);
    let away = (facts.now - Clock::wall()).abs();
    match away {
        away if away > TimeDelta::seconds(5) => {
            found.fault("clock", format!("{} s from the database's: run NTP on both", away.num_seconds()));
        }
        away => found.good(
            "clock",
            format!("{}, {} ms from the database's", Clock::wall().to_rfc3339(), away.num_milliseconds()),
        ),
    }
    let mut trips = vec![];
    for _ in 0..20 {
        let start = Instant::now();
        ping(&mut connection).await?;
        trips.push(start.elapsed());
    }
    trips.sort();
    let median = trips.get(10).copied().unwrap_or_default();
    match median > Duration::from_millis(5) {
        true => found.warn("round trip", format!("{median:.1?}: put program and database nearer to each other")),
        false => found.good("round trip", format!("{median:.1?}")),
    }
    Ok(())
}

fn locale(found: &mut Findings, facts: &Facts) {
    let told = format!("{}, LC_CTYPE {}", facts.encoding, facts.ctype);
    match facts.encoding == "UTF8" && facts.knows_han && facts.ctype != "C" && facts.ctype != "POSIX" {
        true => found.good("locale", told),
        false => found.fault(
            "locale",
            format!("{told} cannot tell Chinese letters: create database … template template0 encoding 'UTF8' locale 'C.UTF-8'"),
        ),
    }
}

fn readiness(found: &mut Findings, config: &Config, facts: &Facts) {
    let newest = migrate::newest();
    match facts.migration.as_deref() {
        None => found.good("schema", "empty: the first start makes it"),
        Some(have) if have < newest.as_str() => {
            found.good("schema", format!("at {have}; the next start brings it to {newest}"));
        }
        Some(have) if have > newest.as_str() => {
            found.warn(
                "schema",
                format!("at {have}, newer than this program's {newest}: it serves, but update the program"),
            );
        }
        Some(have) => found.good("schema", format!("at {have}, current")),
    }
    if facts.read_only {
        found.fault("writing", "the server is read-only (a standby?): name the primary in DATABASE_URL");
    }
    if !facts.durable {
        found.warn(
            "durability",
            "fsync, full_page_writes or synchronous_commit is off: what was answered may be lost in a crash",
        );
    }
    let free = i64::from(facts.most_connections) - facts.connections;
    let wanted = i64::try_from(config.connections).unwrap_or(i64::MAX).saturating_add(4);
    let told = format!("{free} of {} are free, this program takes up to {wanted}", facts.most_connections);
    match free < wanted {
        true => found.warn("connections", format!("{told}: raise max_connections or lower HOMECOMING_CONNECTIONS")),
        false => found.good("connections", told),
    }
}
