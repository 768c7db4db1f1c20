//! TLS to PostgreSQL: what is verified, and what is refused. Before the real server stands a gate that speaks TLS.

use std::path::PathBuf;
use std::sync::Arc;

use homecoming::db::connect::Target;
use homecoming::db::examine::ping;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, UnixStream};
use tokio_rustls::TlsAcceptor;

use crate::support::databases;

struct Gate {
    port: u16,
    database: String,
    password: String,
    folder: PathBuf,
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A gate on loopback with a certificate for this name, signed by an authority that is in `ca.pem`.
async fn gate(name: &str) -> Gate {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "The campus");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();

    let url = url::Url::parse(&databases::empty().await).unwrap();
    let socket = url.host_str().unwrap().replace("%2F", "/").replace("%2f", "/");
    let folder =
        std::env::temp_dir().join(format!("hc-test-{}-tls-{}", std::process::id(), url.path().trim_matches('/')));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    std::fs::write(folder.join("own.pem"), own.pem()).unwrap();
    let stranger = rcgen::generate_simple_self_signed(vec!["elsewhere".to_owned()]).unwrap();
    std::fs::write(folder.join("stranger.pem"), stranger.cert.pem()).unwrap();

    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(own)], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (acceptor, socket) = (acceptor.clone(), socket.clone());
            tokio::spawn(async move {
                let mut request = [0; 8];
                client.read_exact(&mut request).await.unwrap();
                if request != [0, 0, 0, 8, 4, 210, 22, 47] {
                    return; // Not PostgreSQL's SSLRequest: like a server that takes TLS only.
                }
                client.write_all(b"S").await.unwrap();
                let Ok(mut client) = acceptor.accept(client).await else { return };
                let mut server = UnixStream::connect(format!("{socket}/.s.PGSQL.5432")).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    let (database, password) = (url.path().to_owned(), url.password().unwrap_or_default().to_owned());
    Gate { port, database, password, folder }
}

impl Gate {
    async fn reached(&self, host: &str, query: &str) -> Result<(), String> {
        let folder = self.folder.display();
        let query = query.replace("DIR", &folder.to_string());
        let (port, password, database) = (self.port, &self.password, &self.database);
        let url = format!("postgres://homecoming:{password}@{host}:{port}{database}?{query}&application_name=tls");
        let target = Target::parse(&url).map_err(|error| error.to_string())?;
        let mut connection = target.connect().await.map_err(|error| error.to_string())?;
        ping(&mut connection).await.map_err(|error| error.to_string())?;
        Ok(())
    }
}

#[actix_web::test]
async fn a_certificate_of_the_named_authority_for_the_named_host_is_taken() {
    let gate = gate("localhost").await;
    for mode in ["require", "verify-ca", "verify-full"] {
        gate.reached("localhost", &format!("sslmode={mode}&sslrootcert=DIR/ca.pem")).await.unwrap();
    }
}

#[actix_web::test]
async fn a_certificate_of_a_stranger_is_refused_in_every_mode() {
    let gate = gate("localhost").await;
    for mode in ["require", "verify-ca", "verify-full"] {
        let refused =
            gate.reached("localhost", &format!("sslmode={mode}&sslrootcert=DIR/stranger.pem")).await.unwrap_err();
        assert!(refused.contains("UnknownIssuer"), "{mode}: {refused}");
        let refused = gate.reached("localhost", &format!("sslmode={mode}")).await.unwrap_err();
        assert!(refused.contains("certificate"), "{mode} without a root, so with the system's: {refused}");
    }
}

#[actix_web::test]
async fn another_hosts_certificate_is_refused_unless_names_are_not_asked_for() {
    let gate = gate("db.example.edu").await;
    for mode in ["require", "verify-full"] {
        let refused = gate.reached("localhost", &format!("sslmode={mode}&sslrootcert=DIR/ca.pem")).await.unwrap_err();
        assert!(refused.contains("not valid for name"), "{mode}: {refused}");
    }
    gate.reached("localhost", "sslmode=verify-ca&sslrootcert=DIR/ca.pem").await.unwrap();
}

#[actix_web::test]
async fn a_servers_own_certificate_given_as_the_root_is_trusted_as_it_is() {
    let gate = gate("localhost").await;
    gate.reached("localhost", "sslmode=verify-full&sslrootcert=DIR/own.pem").await.unwrap();
    let refused = gate.reached("127.0.0.1", "sslmode=verify-full&sslrootcert=DIR/own.pem").await.unwrap_err();
    assert!(refused.contains("not valid for name"), "{refused}");
}

#[actix_web::test]
async fn without_tls_a_server_that_wants_it_is_not_reached_and_wrong_words_are_named() {
    let gate = gate("localhost").await;
    assert!(gate.reached("localhost", "sslmode=disable").await.is_err());
    let refused = gate.reached("localhost", "sslmode=sometimes").await.unwrap_err();
    assert!(refused.contains("no sslmode sometimes"), "{refused}");
    let refused = gate.reached("localhost", "sslmode=verify-full&sslrootcert=DIR/none.pem").await.unwrap_err();
    assert!(refused.contains("sslrootcert") && refused.contains("none.pem"), "{refused}");
}
