//! Where spans go by OTLP, and how: plain data, for whoever reads configuration.

use std::path::PathBuf;
use std::time::Duration;

/// Where spans go by OTLP, and how.
///
/// ```
/// use traced::otlp::{Compression, Settings};
///
/// let mut settings = Settings::new("https://otlp.example.com/v1/traces");
/// settings.headers.push(("api-key".into(), "secret".into()));
/// settings.compression = Compression::Gzip;
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// The whole address that is posted to, path included.
    pub endpoint: String,
    /// Headers of every request.
    pub headers: Vec<(String, String)>,
    /// How long one body may take in all, retries included.
    pub timeout: Duration,
    /// Whether bodies are compressed.
    pub compression: Compression,
    /// Whom to trust instead of the authorities that are built in.
    pub certificate: Option<Pem>,
    /// Who we are, for servers that ask for it; needs [`Settings::client_key`].
    pub client_certificate: Option<Pem>,
    /// The key of [`Settings::client_certificate`].
    pub client_key: Option<Pem>,
    /// How often, and how patiently, a body is sent again.
    pub retry: Retry,
    /// At most so many spans in one body.
    pub max_spans: usize,
    /// A body is sent when it has so many bytes; 64 MiB at the most.
    pub body_bytes: usize,
}

impl Settings {
    /// Where a collector on the same machine listens.
    pub const LOCAL: &str = "http://localhost:4318/v1/traces";

    /// What OpenTelemetry says where nobody says anything, for this address.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            compression: Compression::None,
            certificate: None,
            client_certificate: None,
            client_key: None,
            retry: Retry::default(),
            max_spans: usize::MAX,
            body_bytes: 1 << 20,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new(Self::LOCAL)
    }
}

/// Headers and keys are secrets: they are named and not shown.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Settings")
            .field("headers", &headers)
            .field("timeout", &self.timeout)
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

/// Whether bodies are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compression {
    /// As they are.
    #[default]
    None,
    /// By gzip: a tenth of the bytes, for more processor time than all the rest.
    Gzip,
}

/// A certificate or a key in the format PEM.
#[derive(Clone, PartialEq, Eq)]
pub enum Pem {
    /// In a file, which is read when the exporter is made.
    File(PathBuf),
    /// Here.
    Bytes(Vec<u8>),
}

/// Keys are secrets.
impl std::fmt::Debug for Pem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

/// How often, and how patiently, a body is sent again after an answer that asks for it, or none at all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// So many times after the first.
    pub times: u32,
    /// The pause before the first of them; the others are half as long again each, more or less by chance.
    pub pause: Duration,
    /// No pause of ours is longer.
    pub longest_pause: Duration,
    /// When nobody takes spans at all, somebody is asked again this often.
    pub probe: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            times: 4,
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(5),
            probe: Duration::from_secs(30),
        }
    }
}

/// Whether a header is one of those that say how a request is sent: they are the exporter's own, and with others nothing
/// arrives.
pub(crate) fn is_ours(name: &str) -> bool {
    const OURS: [&str; 8] = [
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "te",
        "transfer-encoding",
        "upgrade",
    ];
    OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours))
}
