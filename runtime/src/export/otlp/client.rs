//! One request: headers, compression, TLS, deadlines.

use super::answer::Answer;
use super::gzip;
use super::pem::{content, identity, name_of};
use super::settings::{Compression, Pem, Settings, is_ours};
use std::fmt;
use std::time::{Duration, SystemTime};
use ureq::http::{HeaderName, HeaderValue, Response, Uri};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

/// Posts bodies to one address.
pub(super) struct Client {
    agent: Agent,
    endpoint: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    compression: Compression,
}

/// No answer is longer.
const MAX_ANSWER: u64 = 4 << 20;
/// So many bytes are handed to the kernel at once.
const SENT_AT_ONCE: usize = 512 << 10;
/// No body is longer, compressed or not.
pub(super) const MAX_BODY: usize = 64 << 20;

/// Why an exporter cannot be made of its settings.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The endpoint is no address that HTTP knows.
    Endpoint(String),
    /// A header cannot be sent; only its name is told.
    Header(String),
    /// A certificate or a key cannot be read, and why.
    Pem(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(why) => write!(f, "the endpoint cannot be used: {why}"),
            Self::Header(name) => write!(f, "the header `{name}` cannot be sent"),
            Self::Pem(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Error {}

impl Client {
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Headers carry keys; whoever answers with another address is not followed there.
            .max_redirects(0)
            .max_redirects_will_error(false)
            // A body in a few calls of the kernel.
            .output_buffer_size(SENT_AT_ONCE)
            .user_agent(concat!("OTel-OTLP-Exporter-Rust-traced/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls(settings)?)
            .build();
        Ok(Self {
            agent: config.new_agent(),
            endpoint: endpoint(&settings.endpoint)?,
            headers: settings.headers.iter().map(header).collect::<Result<_, _>>()?,
            compression: settings.compression,
        })
    }

    /// The address without what may be secret in it.
    pub(super) fn address(&self) -> String {
        let scheme = self.endpoint.scheme_str().unwrap_or_default();
        let host = self.endpoint.host().unwrap_or_default();
        let port = self.endpoint.port_u16().map_or(String::new(), |port| format!(":{port}"));
        format!("{scheme}://{host}{port}{}", self.endpoint.path())
    }

    /// What to do about an address that is likely a mistake.
    pub(super) fn cure(&self) -> &'static str {
        if self.endpoint.port_u16() == Some(4317) {
            "; 4317 is the port of OTLP/gRPC, and this is OTLP/HTTP: use port 4318, or the protocol `grpc`"
        } else {
            ""
        }
    }

    /// What goes over the wire for a body.
    pub(super) fn prepare<'b>(&self, body: &'b [u8], room: &'b mut Vec<u8>) -> &'b [u8] {
        if self.compression == Compression::None {
            return body;
        }
        room.clear();
        gzip::write(body, room);
        room
    }

    /// Posts what was prepared, and waits for the answer so long at the most.
    pub(super) fn post(&self, body: &[u8], timeout: Duration) -> Answer {
        let mut request = self
            .agent
            .post(self.endpoint.clone())
            .config()
            .timeout_global(Some(timeout.max(Duration::from_millis(1))))
            .build()
            .header("content-type", "application/x-protobuf");
        if self.compression == Compression::Gzip {
            request = request.header("content-encoding", "gzip");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        match request.send(body) {
            Ok(mut answer) => read(&mut answer),
            Err(error) => failed(&error),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.address()).finish_non_exhaustive()
    }
}

fn read(answer: &mut Response<Body>) -> Answer {
    let status = answer.status().as_u16();
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = header("retry-after").map(str::to_owned);
    let location = header("location").map(str::to_owned);
    // The status says whether the spans were taken, also where the rest is cut off or too long.
    let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().unwrap_or_default();
    match location.filter(|_| (300..400).contains(&status)) {
        Some(location) => Answer::Refused {
            why: format!("status {status}: it sends us to {location}, where we do not follow"),
        },
        None => Answer::of(status, retry_after.as_deref(), &body, SystemTime::now()),
    }
}

/// Nobody answered. What another try cannot change is final.
fn failed(error: &ureq::Error) -> Answer {
    use ureq::Error as E;
    let why = error.to_string();
    match error {
        E::Io(_) | E::Timeout(_) | E::HostNotFound | E::ConnectionFailed | E::Protocol(_) => {
            Answer::Later { after: None, why, nobody: true }
        }
        _ => Answer::Refused { why },
    }
}

fn endpoint(text: &str) -> Result<Uri, Error> {
    let uri: Uri = text.parse().map_err(|error| Error::Endpoint(format!("`{text}`: {error}")))?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    if !is_http || uri.host().is_none_or(str::is_empty) {
        return Err(Error::Endpoint(format!("`{text}` does not begin with http:// or https://")));
    }
    Ok(uri)
}

fn header((name, value): &(String, String)) -> Result<(HeaderName, HeaderValue), Error> {
    let refuse = || Error::Header(name.clone());
    if is_ours(name) {
        return Err(refuse());
    }
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refuse())?;
    let mut value = HeaderValue::from_str(value).map_err(|_| refuse())?;
    value.set_sensitive(true);
    Ok((parsed, value))
}

fn tls(settings: &Settings) -> Result<TlsConfig, Error> {
    let mut config = TlsConfig::builder();
    if let Some(pem) = &settings.certificate {
        config = config.root_certs(RootCerts::new_with_certs(&certificates(pem)?));
    }
    if let Some((certificate, key)) = identity(settings)? {
        let certificates = certificates(certificate)?;
        config =
            config.client_cert(Some(ClientCert::new_with_certs(&certificates, private_key(key)?)));
    }
    Ok(config.build())
}

fn certificates(pem: &Pem) -> Result<Vec<Certificate<'static>>, Error> {
    let mut found = Vec::new();
    for item in parse_pem(&content(pem)?) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(Error::Pem(format!("{}: {error}", name_of(pem)))),
        }
    }
    if found.is_empty() {
        return Err(Error::Pem(format!("{} holds no certificate", name_of(pem))));
    }
    Ok(found)
}

fn private_key(pem: &Pem) -> Result<PrivateKey<'static>, Error> {
    let content = content(pem)?;
    PrivateKey::from_pem(&content)
        .map_err(|error| Error::Pem(format!("{} holds no key: {error}", name_of(pem))))
}
