//! One connection to PostgreSQL: over TLS with a verified certificate where the address asks for it.
//!
//! `sslmode=require`, `verify-ca` and `verify-full` all verify the certificate against `sslrootcert` or, without one,
//! the system's authorities; all but `verify-ca` verify the host's name too. `sslcert` and `sslkey` show a certificate
//! of our own. Without `sslmode` there is no TLS. There is no encryption that verifies nothing.

use std::path::Path;
use std::sync::Arc;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::SimpleAsyncConnection as _;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::NoTls;
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use super::Connection;
use crate::base::error::{Error, Result};

const LIMITS: &str = "set statement_timeout = '10s'; set lock_timeout = '5s'; \
    set idle_in_transaction_session_timeout = '15s'; set timezone = 'UTC'";

/// Where the database is and how it is reached.
#[derive(Clone)]
pub struct Target {
    config: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
}

#[derive(Default)]
struct Tls {
    mode: Option<String>,
    root: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

impl Target {
    /// Reads a connection URL, or the `key=value` form (which knows no certificates).
    pub fn parse(address: &str) -> Result<Self> {
        let (address, asked) = split(address);
        let config: tokio_postgres::Config =
            address.parse().map_err(|error| Error::internal(format!("DATABASE_URL: {error}")))?;
        let mode = asked.mode.as_deref().unwrap_or(match config.get_ssl_mode() {
            tokio_postgres::config::SslMode::Require => "require",
            _ => "disable",
        });
        let names = match mode {
            "disable" | "allow" | "prefer" => return Ok(Self { config, tls: None }),
            "verify-ca" => false,
            "require" | "verify-full" => true,
            other => return Err(Error::internal(format!("DATABASE_URL: there is no sslmode {other}"))),
        };
        let mut config = config;
        config.ssl_mode(tokio_postgres::config::SslMode::Require);
        let tls = MakeRustlsConnect::new(client(&asked, names)?);
        Ok(Self { config, tls: Some(tls) })
    }

    /// Whether the connection is encrypted and its certificate verified.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether the database is on this machine: a Unix socket, or loopback.
    pub fn is_local(&self) -> bool {
        use tokio_postgres::config::Host;
        self.config.get_hosts().iter().all(|host| match host {
            Host::Unix(_) => true,
            Host::Tcp(name) => {
                name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
            }
        })
    }

    /// A connection with its time limits.
    pub async fn connect(&self) -> ConnectionResult<Connection> {
        let mut connection = self.connect_without_limits().await?;
        connection.batch_execute(LIMITS).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }

    /// A connection whose statements may take as long as they need: for migrations.
    pub async fn connect_without_limits(&self) -> ConnectionResult<Connection> {
        let failed = |error: tokio_postgres::Error| ConnectionError::BadConnection(told(&error));
        if let Some(tls) = &self.tls {
            let (client, connection) = self.config.connect(tls.clone()).await.map_err(failed)?;
            return Connection::try_from_client_and_connection(client, connection).await;
        }
        let (client, connection) = self.config.connect(NoTls).await.map_err(failed)?;
        Connection::try_from_client_and_connection(client, connection).await
    }
}

/// The whole chain of causes: the first alone says only "error connecting to server".
fn told(error: &tokio_postgres::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_words = inner.to_string();
        if !words.contains(&inner_words) {
            words = format!("{words}: {inner_words}");
        }
        cause = inner.source();
    }
    words
}

/// The address without what is said of TLS, which tokio-postgres does not know.
fn split(address: &str) -> (String, Tls) {
    let mut asked = Tls::default();
    let Some(mut url) = Url::parse(address).ok().filter(|url| url.scheme().starts_with("postgres")) else {
        return (address.to_owned(), asked);
    };
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut kept = vec![];
    for (name, value) in pairs {
        match name.as_str() {
            "sslmode" => asked.mode = Some(value),
            "sslrootcert" => asked.root = Some(value),
            "sslcert" => asked.certificate = Some(value),
            "sslkey" => asked.key = Some(value),
            _ => kept.push((name, value)),
        }
    }
    if kept.len() == url.query_pairs().count() {
        return (address.to_owned(), asked);
    }
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    (url.into(), asked)
}

fn client(asked: &Tls, names: bool) -> Result<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let (roots, pinned) = match asked.root.as_deref() {
        None | Some("system") => (rustls_native_certs::load_native_certs().certs, false),
        Some(path) => (certificates("sslrootcert", path)?, true),
    };
    let mut store = RootCertStore::empty();
    let (good, _) = store.add_parsable_certificates(roots.iter().cloned());
    if good == 0 {
        return Err(Error::internal(
            "DATABASE_URL: there is no certificate authority to trust; name one with sslrootcert",
        ));
    }
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone())
        .build()
        .map_err(Error::internal)?;
    let verifier = Verifier { inner, pinned: if pinned { roots } else { vec![] }, names };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match (&asked.certificate, &asked.key) {
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| Error::internal(format!("DATABASE_URL: sslkey: {key}: {error}")))?;
            builder.with_client_auth_cert(certificates("sslcert", certificate)?, key).map_err(Error::internal)
        }
        _ => Ok(builder.with_no_client_auth()),
    }
}

fn certificates(what: &str, path: impl AsRef<Path>) -> Result<Vec<CertificateDer<'static>>> {
    let path = path.as_ref();
    let broken =
        |error: &dyn std::fmt::Display| Error::internal(format!("DATABASE_URL: {what}: {}: {error}", path.display()));
    let found: std::result::Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).map_err(|error| broken(&error))?.collect();
    match found.map_err(|error| broken(&error))? {
        none if none.is_empty() => Err(broken(&"no certificate in it")),
        some => Ok(some),
    }
}

/// rustls's verification, and two things that PostgreSQL's people are used to: a server's own certificate given as the
/// root is trusted as it is, and `verify-ca` does not look at the name.
#[derive(Debug)]
struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    pinned: Vec<CertificateDer<'static>>,
    names: bool,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.pinned.iter().any(|root| root == own) {
            if self.names {
                rustls::client::verify_server_name(&ParsedCertificate::try_from(own)?, name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match self.inner.verify_server_cert(own, others, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.names => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
