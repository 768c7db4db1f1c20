//! The database under the benchmark: its own cluster, the statements that the program sends it, and pgbench with the
//! same statements.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use homecoming::db::embedded::{Embedded, Options};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

use crate::process;

/// The cluster, with a connection to it.
pub struct Database {
    cluster: Embedded,
    /// For what the benchmark itself asks.
    pub sql: Client,
    postmaster: u32,
    pgbench: PathBuf,
    directory: PathBuf,
}

/// What pgbench did: transactions a second, and processor time in µs for each, of PostgreSQL and of pgbench.
pub struct Rate {
    pub per_second: f64,
    pub database_micros: f64,
    pub client_micros: f64,
}

/// A statement as the program sent it, with the parameters of each time.
#[derive(Debug, PartialEq)]
struct Sent {
    text: String,
    parameters: Vec<String>,
}

/// A script for pgbench that sends what the program sent.
pub struct Script {
    text: String,
    variables: Vec<(String, String)>,
    /// How many statements one request is.
    pub statements: usize,
    /// Statements that the program does not keep prepared, and has planned anew every time.
    pub unprepared: usize,
}

impl Database {
    /// Starts the cluster in a directory where `homecoming demo --size campus` has made its data.
    pub async fn start(directory: &Path, pgbench: PathBuf) -> Self {
        let bindir = std::env::var_os("PG_BINDIR").map(PathBuf::from);
        let options = Options { data_dir: directory.to_owned(), bindir, durable: true };
        let cluster = Embedded::start(&options).unwrap_or_else(|error| panic!("{error}"));
        assert!(!cluster.is_guest(), "another program uses {}", directory.display());
        let sql = connect(cluster.url()).await;
        let postmaster = process::postmaster(cluster.place());
        Self { cluster, sql, postmaster, pgbench, directory: directory.to_owned() }
    }

    /// Its address, for the program.
    pub fn url(&self) -> &str {
        self.cluster.url()
    }

    /// Its address, for a program whose statements are wanted in the log.
    pub fn logging_url(&self) -> String {
        let options = "-c log_statement=all -c log_error_verbosity=default".replace(' ', "%20").replace('=', "%3D");
        format!("{}?options={options}", self.url())
    }

    /// Processor time so far, in µs.
    pub fn cpu(&self) -> f64 {
        process::cpu_of_database(self.postmaster)
    }

    /// Runs statements that answer nothing.
    pub async fn run(&self, sql: &str) {
        self.sql.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// The texts of a column.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.sql.query(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// A number.
    pub async fn number(&self, sql: &str) -> i64 {
        self.sql.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")).get(0)
    }

    /// Notes a place in the log, for `statements_since`.
    pub async fn mark(&self, mark: &str) {
        // Each by itself: whether a text is logged is decided before any of it runs.
        for sql in ["set log_statement = 'all'", &format!("select 'mark {mark}'"), "reset log_statement"] {
            self.run(sql).await;
        }
    }

    /// A script of the statements about events that the program sent between one `mark` and the next.
    pub async fn script(&self, name: &str) -> Result<Script, String> {
        let log =
            std::fs::read_to_string(self.cluster.place().join("server.log")).map_err(|error| error.to_string())?;
        let (_, log) = log.rsplit_once(&format!("select 'mark {name} begins'")).ok_or("the log has no mark")?;
        let requests: Vec<Vec<Sent>> = log
            .split(&format!("select 'mark {name}'"))
            .skip(1)
            .map(statements)
            .filter(|sent| !sent.is_empty())
            .collect();
        let first = requests.first().ok_or("the log has no statements")?;
        let texts = |sent: &[Sent]| sent.iter().map(|one| one.text.clone()).collect::<Vec<_>>();
        if requests.iter().any(|sent| texts(sent) != texts(first)) {
            return Err("the program does not always send the same statements".to_owned());
        }
        let mut script = Script { text: String::new(), variables: vec![], statements: first.len(), unprepared: 0 };
        writeln!(script.text, "\\set n random(1, {})", requests.len()).map_err(|error| error.to_string())?;
        for (place, sent) in first.iter().enumerate() {
            let (statement, text) = sent.text.split_once(": ").ok_or("a statement without its name")?;
            script.unprepared += usize::from(statement.contains("<unnamed>"));
            let types = self.types(text).await;
            let mut text = text.to_owned();
            // The last first, for `$1` begins `$10`.
            for number in (0..sent.parameters.len()).rev() {
                let given: Vec<&str> = requests.iter().map(|sent| sent[place].parameters[number].as_str()).collect();
                let variable = format!("s{place}p{number}");
                let value = parameter(&given, &types[number], &variable, &mut script.variables)?;
                text = text.replace(&format!("${}", number + 1), &value);
            }
            writeln!(script.text, "{text};").map_err(|error| error.to_string())?;
        }
        std::fs::write(self.directory.join(format!("{name}.pgbench")), &script.text)
            .map_err(|error| error.to_string())?;
        Ok(script)
    }

    async fn types(&self, text: &str) -> Vec<String> {
        self.run(&format!("prepare probe as {text}")).await;
        let types = self.texts("select unnest(parameter_types)::text from pg_prepared_statements where name = 'probe'");
        let types = types.await;
        self.run("deallocate probe").await;
        types
    }

    /// Runs a script for so long with so many clients.
    pub fn pgbench(&self, script: &Script, clients: usize, seconds: f64) -> Rate {
        let whole = format!("{}", seconds.ceil());
        self.bench(&script.text, &script.variables, clients, ["-T", &whole])
    }

    /// Runs a script so many times by each client.
    pub fn pgbench_times(&self, text: &str, variables: &[(String, String)], clients: usize, times: usize) -> Rate {
        self.bench(text, variables, clients, ["-t", &times.to_string()])
    }

    fn bench(&self, text: &str, variables: &[(String, String)], clients: usize, much: [&str; 2]) -> Rate {
        let file = self.directory.join("current.pgbench");
        std::fs::write(&file, text).expect("a script");
        let config: Config = self.url().parse().expect("an address");
        let before = (self.cpu(), process::own_cpu());
        let mut command = Command::new(&self.pgbench);
        if let Some(Host::Unix(socket)) = config.get_hosts().first() {
            command.env("PGHOST", socket);
        }
        command
            .env("PGUSER", config.get_user().unwrap_or_default())
            .env("PGPASSWORD", String::from_utf8_lossy(config.get_password().unwrap_or_default()).as_ref())
            .env("PGDATABASE", config.get_dbname().unwrap_or_default())
            .env("PGOPTIONS", "-c timezone=UTC")
            .args(["-n", "-M", "prepared", "-j", "1", "-c", &clients.to_string()])
            .args(much)
            .arg("-f")
            .arg(&file);
        for (name, value) in variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let output = command.output().expect("pgbench runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !failed.contains("ERROR"), "pgbench: {said}{failed}");
        let number = |before: &str, after: &str| -> f64 {
            let rest = said.split(before).nth(1).unwrap_or_else(|| panic!("pgbench: {said}"));
            rest.split(after)
                .next()
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or_else(|| panic!("pgbench: {said}"))
        };
        let done = number("actually processed:", if much[0] == "-t" { "/" } else { "\n" });
        let (used, own) = (self.cpu() - before.0, process::own_cpu() - before.1);
        Rate { per_second: number("tps =", "("), database_micros: used / done, client_micros: own / done }
    }
}

/// A connection of the benchmark's own.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the database answers");
    tokio::spawn(connection);
    client
}

/// What a piece of the log says of statements: those of the connection that asked for events.
fn statements(log: &str) -> Vec<Sent> {
    let mut all: Vec<(String, Sent)> = vec![];
    for line in log.lines() {
        let Some((pid, rest)) = line.split_once('[').and_then(|(_, rest)| rest.split_once(']')) else { continue };
        if let Some(text) = rest.trim_start().strip_prefix("LOG:  execute ") {
            all.push((pid.to_owned(), Sent { text: text.to_owned(), parameters: vec![] }));
        } else if let Some(parameters) = rest.trim_start().strip_prefix("DETAIL:  parameters: ")
            && let Some((_, last)) = all.iter_mut().rfind(|(of, _)| of == pid)
        {
            last.parameters = values(parameters);
        }
    }
    let asked = all.iter().find(|(_, sent)| sent.text.contains("\"events\"")).map(|(pid, _)| pid.clone());
    all.into_iter().filter(|(pid, _)| Some(pid) == asked.as_ref()).map(|(_, sent)| named(sent)).collect()
}

/// With a name that says only whether the statement is kept.
fn named(sent: Sent) -> Sent {
    let (name, text) = sent.text.split_once(": ").unwrap_or(("", &sent.text));
    let kept = if name == "<unnamed>" { "<unnamed>" } else { "kept" };
    Sent { text: format!("{kept}: {text}"), parameters: sent.parameters }
}

/// The values of `$1 = '…', $2 = '…'`.
fn values(text: &str) -> Vec<String> {
    let mut values = vec![];
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(" = ") {
        let Some(quoted) = after.strip_prefix('\'') else {
            values.push("NULL".to_owned());
            rest = after;
            continue;
        };
        let mut end = 0;
        while let Some(found) = quoted[end..].find('\'') {
            end += found;
            if !quoted[end + 1..].starts_with('\'') {
                break;
            }
            end += 2;
        }
        values.push(quoted[..end].replace("''", "'"));
        rest = &quoted[end..];
    }
    values
}

/// What stands for a parameter: a variable where it is always the same, else one of those given, chosen by `:n`.
fn parameter(
    given: &[&str],
    kind: &str,
    variable: &str,
    variables: &mut Vec<(String, String)>,
) -> Result<String, String> {
    if given.iter().all(|value| value == &given[0]) {
        if given[0] == "NULL" {
            return Ok("NULL".to_owned());
        }
        variables.push((variable.to_owned(), given[0].to_owned()));
        return Ok(format!(":{variable}"));
    }
    let listed = given.join(",");
    if listed.contains(['\'', '\\']) {
        return Err(format!("a parameter that cannot be listed: {}", given[0]));
    }
    match kind.strip_suffix("[]") {
        None => {
            let listed: Vec<String> = given.iter().map(|value| format!("\"{value}\"")).collect();
            Ok(format!("('{{{}}}'::{kind}[])[:n]", listed.join(",")))
        }
        Some(element) => {
            let length = |value: &str| value.split(',').count();
            if given.iter().any(|value| length(value) != length(given[0])) {
                return Err("lists of different lengths".to_owned());
            }
            Ok(format!("('{{{listed}}}'::{element}[])[:n:(:n)]"))
        }
    }
}
