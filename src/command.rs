//! The commands: serve, migrate, demo, openapi, doctor, account create and token, keys roll.

use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Parser, Subcommand};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use crate::access::Role;
use crate::access::caller::Caller;
use crate::access::tokens;
use crate::access::tx::Tx;
use crate::accounts::{self, NewAccount, NewGrant};
use crate::base::clock::{Clock, uuid_at};
use crate::base::error::{Error, Result};
use crate::base::scope::Scope;
use crate::base::state::{named, values};
use crate::base::words::{Lang, say};
use crate::config::Config;
use crate::journal::Change;
use crate::server::Running;
use crate::{app, demo, doctor, server};

/// The system of record of a university's alumni association.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the API; at the first start with demo data.
    Serve {
        /// Without demo data.
        #[arg(long)]
        empty: bool,
    },
    /// Bring the database to this program's schema.
    Migrate,
    /// Make the demo data in an empty database.
    Demo {
        /// How much.
        #[arg(long, value_enum, default_value_t)]
        size: demo::Size,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Look at configuration, database, locale, clock and disk, and say what to do.
    Doctor,
    /// Accounts.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Keys that sign access tokens.
    #[command(subcommand)]
    Keys(KeysCommand),
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Sign with a new key from now on; tokens of the former stay good until they expire.
    Roll,
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Make an account and print its password, once.
    Create {
        /// What it signs in with.
        email: String,
        /// Its name.
        #[arg(long)]
        name: String,
        /// A role everywhere, such as `system_admin` or `office_staff`.
        #[arg(long)]
        role: Option<String>,
    },
    /// Print an access token for each account, a line each: demo data only.
    Token {
        /// What the accounts sign in with.
        #[arg(required = true)]
        emails: Vec<String>,
    },
}

/// Runs the command of the command line; a failure is told in one line that says what to do.
pub async fn run() -> ExitCode {
    match execute(Arguments::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let words = match error {
                Error::Internal(cause) => cause.to_string(),
                Error::Refused(it) => {
                    let key = format!("problem-{}-detail", it.refusal.code.replace('_', "-"));
                    say(Lang::En, &key, []).unwrap_or_else(|| it.refusal.code.to_owned())
                }
            };
            eprintln!("homecoming: {words}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> Result<()> {
    match command {
        Command::Openapi => {
            let document = serde_json::to_string_pretty(app::document()).map_err(Error::internal)?;
            println!("{document}");
            Ok(())
        }
        Command::Serve { empty } => server::serve(Config::read()?, empty).await,
        Command::Migrate => {
            with_database(async |_, _| Ok(())).await?;
            println!("The database is current.");
            Ok(())
        }
        Command::Doctor => doctor::examine_all().await,
        Command::Account(AccountCommand::Token { emails }) => {
            with_database(async |running, _| print_tokens(running, &emails).await).await
        }
        Command::Demo { size } => with_database(async |running, config| make_demo(running, config, size).await).await,
        Command::Account(AccountCommand::Create { email, name, role }) => {
            with_database(async |running, _| create_account(running, email, name, role).await).await
        }
        Command::Keys(KeysCommand::Roll) => with_database(async |running, _| roll_keys(running).await).await,
    }
}

async fn roll_keys(running: &Running) -> Result<()> {
    let office = &running.office;
    let mut tx = Tx::new(&office.pool, &office.clock, office.zone, Caller::System).await?;
    tx.begin().await?;
    let kid = tokens::roll(&mut tx).await?;
    let change: Uuid = uuid_at(Clock::wall());
    tx.record(Change::new("signing_key.rolled", "signing_key", change).facts(json!({"kid": kid})));
    tx.commit().await?;
    println!("The key {kid} signs from now on, in running processes within ten seconds.");
    Ok(())
}

/// Opens the office without serving, and closes it again whatever came of the work.
async fn with_database(work: impl AsyncFnOnce(&Running, &Config) -> Result<()>) -> Result<()> {
    let config = Config::read()?;
    let running = Running::open(&config).await?;
    let done = work(&running, &config).await;
    running.close().await?;
    done
}

async fn print_tokens(running: &Running, emails: &[String]) -> Result<()> {
    let office = &running.office;
    let mut tx = Tx::new(&office.pool, &office.clock, office.zone, Caller::System).await?;
    if demo::find(&mut tx).await?.is_none() {
        return Err(Error::internal("tokens are printed for demo data only, and this data is not the demo's"));
    }
    tx.begin().await?;
    let mut tokens = vec![];
    for email in emails {
        let account = accounts::by_email(&mut tx, email).await?;
        let account = account.ok_or_else(|| Error::internal(format!("no account signs in with {email}")))?;
        tokens.push(
            accounts::start_session(&mut tx, office, account, Some("homecoming account token")).await?.access_token,
        );
    }
    tx.commit().await?;
    println!("{}", tokens.join("\n"));
    Ok(())
}

async fn make_demo(running: &Running, config: &Config, size: demo::Size) -> Result<()> {
    let office = &running.office;
    if demo::make(office, size, config.demo_password.clone(), |part| println!("  {part}")).await? {
        return Ok(());
    }
    let mut tx = Tx::new(&office.pool, &office.clock, office.zone, Caller::System).await?;
    Err(Error::internal(match demo::find(&mut tx).await? {
        Some(_) => {
            "the demo data is here already; to make it anew, stop the program, delete the data directory (or empty the \
             database that DATABASE_URL names) and try again"
        }
        None => {
            "the database has other data, and the demo is made in an empty one only; name another directory in \
             HOMECOMING_DATA_DIR, or another database in DATABASE_URL"
        }
    }))
}

async fn create_account(running: &Running, email: String, name: String, role: Option<String>) -> Result<()> {
    let office = &running.office;
    if !email.contains('@') {
        return Err(Error::internal(format!("{email} is not an e-mail address")));
    }
    let role = match role.as_deref().map(|word| (word, named::<Role>(word))) {
        None => None,
        Some((_, Some(role))) => Some(role),
        Some((word, None)) => {
            let roles = values::<Role>().join(", ");
            return Err(Error::internal(format!("there is no role {word}; the roles are {roles}")));
        }
    };
    let password = URL_SAFE_NO_PAD.encode(tokens::random()?.get(..15).unwrap_or_default());
    let password_hash = office.passwords.hash(SecretString::from(password.clone())).await?;
    let mut tx = Tx::new(&office.pool, &office.clock, office.zone, Caller::System).await?;
    tx.begin().await?;
    let account =
        accounts::create_account(&mut tx, &NewAccount { name, email: email.clone(), password_hash, person_id: None })
            .await?;
    if let Some(role) = role {
        let everywhere = NewGrant { role, scope: Scope::All.into(), starts_on: None, ends_on: None };
        accounts::grant(&mut tx, account, &everywhere).await?;
    }
    tx.commit().await?;
    println!("{email} signs in with the password {password} (shown this once)");
    Ok(())
}
