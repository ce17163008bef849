//! OTLP over TLS, against a server that has certificates and asks for them: each case is a process that learns
//! of its files from the variables.

#![allow(missing_docs)]

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use traced::traced;
use traced_tests::{PATIENCE, again, flush, is_again};

const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
const CLIENT_CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
const CLIENT_KEY: &str = "OTEL_EXPORTER_OTLP_CLIENT_KEY";
const TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";

/// Who is refused in the middle of a handshake tries again for as long as this.
fn soon() -> (&'static str, &'static Path) {
    (TIMEOUT, Path::new("100"))
}

/// Who signs certificates.
struct Authority {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    fn signs(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        (params.signed_by(&key, &self.issuer).expect("a certificate"), key)
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).expect("a root");
        Arc::new(roots)
    }
}

/// A collector behind TLS; it counts requests, and keeps who made them.
struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
    clients: Arc<Mutex<Vec<CertificateDer<'static>>>>,
}

impl Server {
    /// One with a certificate for this name, that takes clients of this authority only, if it is given.
    fn new(authority: &Authority, name: &str, clients_of: Option<&Authority>) -> Self {
        let provider = Arc::new(ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("versions");
        let config = match clients_of {
            None => config.with_no_client_auth(),
            Some(authority) => {
                let roots = authority.roots();
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                config.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        let (certificate, key) = authority.signs(name);
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = config.with_single_cert(vec![certificate.der().clone()], key);
        let config = Arc::new(config.expect("a certificate and its key"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let server = Self {
            port: listener.local_addr().expect("an address").port(),
            requests: Arc::default(),
            clients: Arc::default(),
        };
        let (requests, clients) = (server.requests.clone(), server.clients.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let connection = ServerConnection::new(config.clone()).expect("a configuration");
                // A client that is not taken ends its connection alone.
                if let Some(chain) = serve(connection, stream) {
                    requests.fetch_add(1, SeqCst);
                    clients.lock().unwrap().extend(chain);
                }
            }
        });
        server
    }
}

/// Answers one request; who made it, as far as that was asked.
fn serve(connection: ServerConnection, stream: TcpStream) -> Option<Vec<CertificateDer<'static>>> {
    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line.trim_end().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let mut stream = reader.into_inner();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()?;
    stream.conn.send_close_notify();
    let _ = stream.flush();
    let chain = stream.conn.peer_certificates().unwrap_or_default();
    Some(chain.iter().map(|one| one.clone().into_owned()).collect())
}

/// Files that are gone at the end.
struct Files(PathBuf);

impl Files {
    fn new(test: &str) -> Self {
        let files = Self(
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{test}", std::process::id())),
        );
        std::fs::create_dir_all(&files.0).expect("a directory");
        files
    }

    fn write(&self, name: &str, pem: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, pem).expect("a file");
        path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[traced]
fn charge() {}

/// Variables and the files that they name.
type Variables<'v> = &'v [(&'v str, &'v Path)];

/// A program that makes one span. Says whether it was exported, and what went to standard error.
#[track_caller]
fn program(test: &str, port: u16, variables: Variables<'_>) -> (bool, String) {
    let mut child = again(test);
    child.env("OTEL_TRACES_SAMPLER", "always_on");
    child.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("https://127.0.0.1:{port}"));
    child.env(TIMEOUT, PATIENCE.as_millis().to_string());
    let output = child.envs(variables.iter().copied()).output().expect("a process");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("1 passed"), "{out}\n{err}");
    (out.contains("exported: 1"), err.into_owned())
}

/// What the program does.
fn run() {
    let traced = traced::init();
    charge();
    assert!(flush());
    println!("exported: {}", traced.shut_down().stats.exported);
}

#[test]
fn a_server_is_trusted_by_the_certificate_that_is_named() {
    if is_again() {
        return run();
    }
    let test = "a_server_is_trusted_by_the_certificate_that_is_named";
    let files = Files::new(test);
    let (authority, other) = (Authority::new(), Authority::new());
    let server = Server::new(&authority, "127.0.0.1", None);
    let named = files.write("ca.pem", &authority.certificate.pem());
    let (exported, said) = program(test, server.port, &[(CERTIFICATE, &named)]);
    assert!(exported, "{said}");
    assert_eq!(server.requests.load(SeqCst), 1);

    // Both files are there, and the more special variable counts.
    let wrong = files.write("other.pem", &other.certificate.pem());
    let variables = [("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", &*named), (CERTIFICATE, &*wrong)];
    let (exported, said) = program(test, server.port, &variables);
    assert!(exported, "{said}");
}

#[test]
fn a_server_of_another_authority_gets_nothing() {
    if is_again() {
        return run();
    }
    let test = "a_server_of_another_authority_gets_nothing";
    let files = Files::new(test);
    let (authority, other) = (Authority::new(), Authority::new());
    let server = Server::new(&authority, "127.0.0.1", None);
    let wrong = files.write("other.pem", &other.certificate.pem());
    for variables in [&[(CERTIFICATE, &*wrong)][..], &[]] {
        let (exported, said) = program(test, server.port, variables);
        assert!(!exported, "{said}");
        assert!(said.contains("certificate"), "the reason is told: {said}");
    }
    assert_eq!(server.requests.load(SeqCst), 0);
}

#[test]
fn a_server_by_another_name_gets_nothing() {
    if is_again() {
        return run();
    }
    let test = "a_server_by_another_name_gets_nothing";
    let files = Files::new(test);
    let authority = Authority::new();
    let server = Server::new(&authority, "elsewhere.example", None);
    let named = files.write("ca.pem", &authority.certificate.pem());
    let (exported, said) = program(test, server.port, &[(CERTIFICATE, &named)]);
    assert!(!exported, "{said}");
    assert_eq!(server.requests.load(SeqCst), 0);
}

#[test]
fn a_client_shows_its_certificate_to_a_server_that_asks() {
    if is_again() {
        return run();
    }
    let test = "a_client_shows_its_certificate_to_a_server_that_asks";
    let files = Files::new(test);
    let (authority, clients, other) = (Authority::new(), Authority::new(), Authority::new());
    let server = Server::new(&authority, "127.0.0.1", Some(&clients));
    let named = files.write("ca.pem", &authority.certificate.pem());
    let client = |authority: &Authority, name: &str| {
        let (certificate, key) = authority.signs(name);
        let path = files.write(&format!("{name}.pem"), &certificate.pem());
        (certificate, path, files.write(&format!("{name}.key"), &key.serialize_pem()))
    };
    let (certificate, path, key) = client(&clients, "orders");
    let (_, strangers, strangers_key) = client(&other, "stranger");

    let known = [(CERTIFICATE, &*named), (CLIENT_CERTIFICATE, &*path), (CLIENT_KEY, &*key)];
    let (exported, said) = program(test, server.port, &known);
    assert!(exported, "{said}");
    assert_eq!(*server.clients.lock().unwrap(), [certificate.der().clone()]);

    let stranger = [
        soon(),
        (CERTIFICATE, &*named),
        (CLIENT_CERTIFICATE, &*strangers),
        (CLIENT_KEY, &*strangers_key),
    ];
    for variables in [&stranger[..], &stranger[..2]] {
        let (exported, said) = program(test, server.port, variables);
        assert!(!exported, "{said}");
    }
    assert_eq!(server.requests.load(SeqCst), 1);
}

#[test]
fn files_that_cannot_be_used_end_tracing_and_not_the_program() {
    if is_again() {
        return run();
    }
    let test = "files_that_cannot_be_used_end_tracing_and_not_the_program";
    let files = Files::new(test);
    let authority = Authority::new();
    let server = Server::new(&authority, "127.0.0.1", Some(&authority));
    let named = files.write("ca.pem", &authority.certificate.pem());
    let (certificate, key) = authority.signs("orders");
    let path = files.write("orders.pem", &certificate.pem());
    let key = files.write("orders.key", &key.serialize_pem());
    let nonsense = files.write("nonsense.pem", "this is no PEM");
    let missing = files.0.join("missing.pem");
    let cases: [(&str, &Path, Variables<'_>); 5] = [
        ("no certificate", &nonsense, &[(CERTIFICATE, &nonsense)]),
        ("no key", &nonsense, &[(CLIENT_CERTIFICATE, &path), (CLIENT_KEY, &nonsense)]),
        ("no certificate", &nonsense, &[(CLIENT_CERTIFICATE, &nonsense), (CLIENT_KEY, &key)]),
        ("cannot be read", &missing, &[(CLIENT_CERTIFICATE, &path), (CLIENT_KEY, &missing)]),
        ("needs its key", Path::new(""), &[(CERTIFICATE, &named), (CLIENT_CERTIFICATE, &path)]),
    ];
    for (why, file, variables) in cases {
        let (exported, said) = program(test, server.port, variables);
        assert!(!exported, "{said}");
        assert!(said.contains(why) && said.contains(&*file.to_string_lossy()), "{why}: {said}");
        assert!(said.contains("running without tracing"), "{said}");
        for (variable, _) in variables {
            assert!(said.contains(variable), "{variable} is to blame: {said}");
        }
    }

    // A key of somebody else is no reason to stop before a server asks; then nothing is sent.
    let (_, others) = authority.signs("others");
    let others = files.write("others.key", &others.serialize_pem());
    let variables =
        [soon(), (CERTIFICATE, &*named), (CLIENT_CERTIFICATE, &*path), (CLIENT_KEY, &*others)];
    let (exported, said) = program(test, server.port, &variables);
    assert!(!exported, "{said}");
    assert_eq!(server.requests.load(SeqCst), 0);
}
