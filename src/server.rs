//! Starting and stopping: the database, the office, the sealer, the HTTP server; what the first start prints.

use std::io::IsTerminal as _;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use secrecy::ExposeSecret as _;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::access::caller::Caller;
use crate::access::limits::{self, Limits};
use crate::access::office::Office;
use crate::access::tx::Tx;
use crate::base::clock::Clock;
use crate::base::error::{Error, Result};
use crate::config::{Config, Metrics, Switch};
use crate::db::Connection;
use crate::db::embedded::{Embedded, Options};
use crate::db::migrate;
use crate::db::pool::Pool;
use crate::demo::Demo;
use crate::http::system::Ready;
use crate::http::{idempotency, metrics};
use crate::journal::sealer::Sealer;
use crate::{accounts, app, demo};

const DRAIN_SECONDS: u64 = 30;

/// An open office with its database.
pub struct Running {
    /// What requests share.
    pub office: Office,
    url: String,
    database: Option<Embedded>,
}

impl Running {
    /// Starts or reaches the database, migrates it and opens the office.
    pub async fn open(config: &Config) -> Result<Self> {
        let zone = config.zone()?;
        let (url, database) = reach_database(config).await?;
        // Not before the private server, which makes the directory as it needs it.
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|error| Error::internal(format!("{}: {error}", config.data_dir.display())))?;
        migrate::migrate(&url).await?;
        let mut office = Office::open(Pool::new(&url, 4)?, Clock::default(), zone).await?;
        office.counts_tries = config.rate_limits == Switch::On;
        if config.rate_limits == Switch::On {
            office.limits = Limits::per_minute(config.rate_limit_account, config.rate_limit_client);
        }
        office.proxies = config.trusted_proxies.clone().into();
        office.origins = config.cors_origins.iter().map(|origin| origin.0.clone()).collect();
        Ok(Self { office, url, database })
    }

    /// Stops the private database, if there is one.
    pub async fn close(self) -> Result<()> {
        let Some(database) = self.database else { return Ok(()) };
        let stopped = tokio::task::spawn_blocking(move || database.stop());
        stopped.await.map_err(Error::internal)?.map_err(Error::internal)
    }
}

/// Starts the private database, or says where the given one is.
pub async fn reach_database(config: &Config) -> Result<(String, Option<Embedded>)> {
    if let Some(url) = &config.database_url {
        return Ok((url.expose_secret().to_owned(), None));
    }
    let options = Options { data_dir: config.data_dir.clone(), bindir: config.pg_bindir.clone(), durable: true };
    let started = tokio::task::spawn_blocking(move || Embedded::start(&options));
    let database = started.await.map_err(Error::internal)?.map_err(Error::internal)?;
    Ok((database.url().to_owned(), Some(database)))
}

/// Serves until told to stop (SIGTERM or Ctrl-C), then drains for at most 30 seconds.
pub async fn serve(config: Config, empty: bool) -> Result<()> {
    log(&config.log);
    for key in config.without_effect() {
        tracing::warn!("{key} has no effect in this version");
    }
    let running = Running::open(&config).await?;
    let served = serve_on(&running, &config, empty).await;
    running.close().await?;
    served
}

async fn serve_on(running: &Running, config: &Config, empty: bool) -> Result<()> {
    let office = &running.office;
    // First of all the address: nothing is made for a server that cannot listen.
    let listener = TcpListener::bind(config.listen).map_err(|error| {
        Error::internal(format!("{}: {error}; set HOMECOMING_LISTEN to another address", config.listen))
    })?;
    let metrics = serve_metrics(config, office.metrics.clone())?;
    let mut tx = Tx::new(&office.pool, &office.clock, office.zone, Caller::System).await?;
    let makes_demo = !empty && demo::is_empty(&mut tx).await?;
    if let Some(instant) = config.clock {
        if !makes_demo && demo::find(&mut tx).await?.is_none() {
            return Err(Error::internal(
                "HOMECOMING_CLOCK moves the clock of demo data only, and this data is not the demo's: unset it",
            ));
        }
        office.clock.set(instant);
    }
    if makes_demo {
        check_guarded(config, config.demo_password.is_none())?;
        println!("First start: making the demo data …");
        demo::make(office, demo::Size::default(), config.demo_password.clone(), |part| println!("  {part}")).await?;
    }
    let found = demo::find(&mut tx).await?;
    drop(tx);
    check_guarded(config, found.is_some_and(|demo| demo.password_is_known))?;
    let administrator = accounts::ensure_administrator(office).await?;
    let background = start_background(running, &config.data_dir)?;

    let ready = web::Data::new(Ready::default());
    let workers = config.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
    let (shared, url, of_workers) = (office.clone(), running.url.clone(), ready.clone());
    let share = (config.connections / workers).max(2);
    let server = HttpServer::new(move || {
        // A pool of its own for each worker thread: no lock is shared between them.
        let office = Pool::new(&url, share).map_or_else(|_| shared.clone(), |pool| shared.with_pool(pool));
        app::app(office, of_workers.clone())
    })
    .workers(workers)
    .shutdown_timeout(DRAIN_SECONDS)
    .client_request_timeout(Duration::from_secs(15))
    .disable_signals()
    .listen(listener)
    .map_err(Error::internal)?
    .run();
    greet(config, found, administrator);
    let handle = server.handle();
    let mut serving = tokio::spawn(server);
    tokio::select! {
        ended = &mut serving => ended.map_err(Error::internal)?.map_err(Error::internal)?,
        () = told_to_stop() => {
            println!("Stopping …");
            ready.stop();
            handle.stop(true).await;
            serving.await.map_err(Error::internal)?.map_err(Error::internal)?;
        }
    }
    background.abort();
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    Ok(())
}

/// The operator's own port. That the usual one is taken keeps nobody from serving; that the one asked for is, does.
fn serve_metrics(config: &Config, metrics: metrics::Metrics) -> Result<Option<ServerHandle>> {
    let (address, asked) = match config.metrics_listen {
        Metrics::Off => return Ok(None),
        Metrics::Usual => (Metrics::USUAL, false),
        Metrics::At(address) => (address, true),
    };
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) if asked => return Err(Error::internal(format!("HOMECOMING_METRICS_LISTEN: {address}: {error}"))),
        Err(error) => {
            tracing::warn!(%address, %error, "no metrics are served; set HOMECOMING_METRICS_LISTEN to another address");
            return Ok(None);
        }
    };
    let metrics = web::Data::new(metrics);
    let server =
        HttpServer::new(move || App::new().app_data(metrics.clone()).route("/metrics", web::get().to(metrics::read)));
    let server = server.workers(1).disable_signals().listen(listener).map_err(Error::internal)?.run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(Some(handle))
}

/// Refuses to serve beyond loopback what everybody knows the password of.
fn check_guarded(config: &Config, password_is_known: bool) -> Result<()> {
    match password_is_known && !config.listen.ip().is_loopback() {
        false => Ok(()),
        true => Err(Error::internal(
            "everybody knows the password of the demo data, so it is served on loopback only: listen on 127.0.0.1, \
             or start with HOMECOMING_DEMO_PASSWORD on an empty database, or with --empty",
        )),
    }
}

async fn told_to_stop() {
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
        }
        _ => std::future::pending().await,
    }
}

/// The sealer, the sweeping of what is over, and what other processes tell of ended sessions and new signing keys.
fn start_background(running: &Running, data_dir: &Path) -> Result<tokio::task::JoinHandle<()>> {
    let sealer = Sealer::open(data_dir)?;
    let (pool, tokens) = (running.office.pool.clone(), running.office.tokens.clone());
    let over = every(Duration::from_mins(10), pool.clone(), async |connection| {
        idempotency::sweep(connection).await?;
        limits::sweep(connection).await?;
        accounts::sweep(connection).await
    });
    let sessions =
        every(Duration::from_secs(1), pool.clone(), async move |connection| tokens.learn_ended(connection).await);
    let tokens = running.office.tokens.clone();
    let keys =
        every(Duration::from_secs(10), pool.clone(), async move |connection| tokens.learn_keys(connection).await);
    Ok(tokio::spawn(async move {
        tokio::join!(sealer.run(pool), over, sessions, keys);
    }))
}

/// Does a chore for as long as the program runs; a fault is logged and the chore tried again.
async fn every(pause: Duration, pool: Pool, chore: impl AsyncFn(&mut Connection) -> Result<()>) {
    loop {
        let done = async { chore(&mut *pool.get().await?).await };
        if let Err(error) = done.await {
            tracing::warn!(%error, "a chore waits");
        }
        tokio::time::sleep(pause).await;
    }
}

fn greet(config: &Config, demo: Option<Demo>, administrator: Option<accounts::Created>) {
    let base = format!("http://{}", config.listen);
    println!("\nHomecoming {} is at {base}", env!("CARGO_PKG_VERSION"));
    println!("  documentation  {base}/docs/");
    println!("  OpenAPI        {base}/api/v1/openapi.json");
    if let Some(demo) = demo {
        let password = if demo.password_is_known { demo::PASSWORD } else { "the one that was set" };
        println!("Sign in as office@demo.example, secretary.shenzhen@demo.example, alumnus1@demo.example …");
        println!("  password: {password}   (all accounts: README.md)");
    }
    if let Some(created) = administrator {
        println!("The first administrator: {}, password {} (shown this once)", created.email, created.password);
    }
    println!();
}

fn log(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // People read lines, machines JSON.
    let started = match std::io::stderr().is_terminal() {
        true => subscriber.compact().try_init(),
        false => subscriber.json().flatten_event(true).try_init(),
    };
    drop(started);
}
