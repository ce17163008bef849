//! `OTEL_EXPORTER_OTLP_*`: where spans go by OTLP, and how. What is said for traces outweighs what is said for
//! all signals.

use super::built::Built;
use super::pairs;
use super::url::{self, Url};
use super::values::{self, BOOLEAN, FILE, Kind, TIMEOUT};
use super::variables::{Setting, Source, Variables};
use crate::export::otlp::{Compression, Pem, is_ours};
use std::time::Duration;

/// What the variables say about OTLP.
#[derive(Clone, Debug)]
pub(crate) struct Otlp {
    pub(crate) protocol: Setting<Protocol>,
    /// The whole address, path included.
    pub(crate) endpoint: Setting<String>,
    pub(crate) headers: Setting<Vec<(String, String)>>,
    pub(crate) timeout: Setting<Duration>,
    pub(crate) compression: Setting<Compression>,
    /// Whom to trust, in PEM; otherwise the authorities of Mozilla's list.
    pub(crate) certificate: Setting<Option<Pem>>,
    /// Who we are.
    pub(crate) client_certificate: Setting<Option<Pem>>,
    pub(crate) client_key: Setting<Option<Pem>>,
}

/// How OTLP is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Protocol {
    /// Protobuf in the bodies of HTTP requests; collectors listen on port 4318.
    #[default]
    HttpProtobuf,
    /// gRPC, with feature `grpc`; collectors listen on port 4317.
    Grpc,
}

const PROTOCOL: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const INSECURE: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_INSECURE", "OTEL_EXPORTER_OTLP_INSECURE"];
const HEADERS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
const TIMEOUTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
const COMPRESSION: [&str; 2] =
    ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"];
const CERTIFICATE: [&str; 2] =
    ["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"];
const CLIENT_CERTIFICATE: [&str; 2] =
    ["OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"];
const CLIENT_KEY: [&str; 2] =
    ["OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY"];

/// Where collectors listen.
pub(crate) const HTTP_DEFAULT: &str = "http://localhost:4318";
pub(crate) const GRPC_DEFAULT: &str = "http://localhost:4317";
const TRACES_PATH: &str = "v1/traces";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

impl Otlp {
    pub(crate) fn read(variables: &mut Variables<'_>, built: Built) -> Self {
        let protocol = protocol(variables, built);
        let insecure = variables.read(&INSECURE, &BOOLEAN, false).value;
        let endpoint = endpoint(variables, protocol.value, insecure);
        hint_at_port(variables, &protocol, &endpoint);
        let none = Setting::default_of(None);
        let mut file = |names| {
            let found = variables.find(names, &FILE, "none");
            found.map_or(none.clone(), |file| file.map(|path| Some(Pem::File(path))))
        };
        let certificate = file(&CERTIFICATE);
        let client_certificate = file(&CLIENT_CERTIFICATE);
        let client_key = file(&CLIENT_KEY);
        Self {
            protocol,
            endpoint,
            headers: variables
                .find(&HEADERS, &HEADER_LIST, "none of it")
                .unwrap_or(Setting::default_of(Vec::new())),
            timeout: variables.read(&TIMEOUTS, &TIMEOUT, DEFAULT_TIMEOUT),
            compression: variables.read(&COMPRESSION, &COMPRESSIONS, Compression::None),
            certificate,
            client_certificate,
            client_key,
        }
    }
}

impl Otlp {
    /// Another protocol has another default address.
    pub(crate) fn speak(&mut self, protocol: Protocol) {
        self.protocol.overrule(Some(protocol));
        if self.endpoint.is_default() {
            self.endpoint.value = default_address(protocol);
        }
    }
}

const PROTOCOLS: [(&str, Option<Protocol>); 3] = [
    ("http/protobuf", Some(Protocol::HttpProtobuf)),
    ("grpc", Some(Protocol::Grpc)),
    // Known, but not spoken by us.
    ("http/json", None),
];

fn protocol(variables: &mut Variables<'_>, built: Built) -> Setting<Protocol> {
    for variable in PROTOCOL {
        let Some(text) = variables.text(variable) else { continue };
        let problem = match values::word(&text, &PROTOCOLS) {
            Some(Some(Protocol::Grpc)) if !built.grpc => {
                "this program was built without feature `grpc` of `traced`: \
                 `cargo add traced -F grpc`, and an endpoint on port 4318 until then"
                    .to_owned()
            }
            Some(Some(protocol)) => {
                return Setting { value: protocol, source: Source::Variable(variable) };
            }
            Some(None) => "not spoken by `traced`".to_owned(),
            None => values::one_of(&PROTOCOLS[..2]),
        };
        variables.warn(variable, text, problem, "using http/protobuf");
        // It was asked for, if not understood, so that nothing else is said about the port.
        return Setting { value: Protocol::HttpProtobuf, source: Source::Variable(variable) };
    }
    Setting::default_of(Protocol::HttpProtobuf)
}

fn endpoint(variables: &mut Variables<'_>, protocol: Protocol, insecure: bool) -> Setting<String> {
    for variable in [TRACES_ENDPOINT, ENDPOINT] {
        let Some(mut text) = variables.text(variable) else { continue };
        if protocol == Protocol::Grpc && !text.contains("://") {
            text = format!("{}://{text}", if insecure { "http" } else { "https" });
        }
        let problem = match Url::parse(&text) {
            Ok(url) => {
                let value = whole_address(&text, &url, protocol, variable == ENDPOINT);
                return Setting { value, source: Source::Variable(variable) };
            }
            Err(problem) => problem,
        };
        let next = if variable == TRACES_ENDPOINT { variables.text(ENDPOINT) } else { None };
        let next = next.map_or(default_endpoint(protocol).to_owned(), |next| url::shown(&next));
        variables.warn(variable, url::shown(&text), problem, format!("using {next}"));
    }
    Setting::default_of(default_address(protocol))
}

fn default_address(protocol: Protocol) -> String {
    match protocol {
        Protocol::Grpc => GRPC_DEFAULT.to_owned(),
        Protocol::HttpProtobuf => traces_address(HTTP_DEFAULT),
    }
}

fn default_endpoint(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Grpc => GRPC_DEFAULT,
        Protocol::HttpProtobuf => HTTP_DEFAULT,
    }
}

/// The general address is completed by the path of traces; theirs is taken as it is.
fn whole_address(text: &str, url: &Url<'_>, protocol: Protocol, is_general: bool) -> String {
    match protocol {
        Protocol::HttpProtobuf if is_general => traces_address(text),
        Protocol::HttpProtobuf if url.path.is_empty() => format!("{text}/"),
        Protocol::HttpProtobuf | Protocol::Grpc => text.to_owned(),
    }
}

/// The address for traces below a general one.
pub(crate) fn traces_address(general: &str) -> String {
    format!("{}/{TRACES_PATH}", general.trim_end_matches('/'))
}

/// The most frequent mistake of all: the port of one protocol with the other.
fn hint_at_port(
    variables: &mut Variables<'_>,
    protocol: &Setting<Protocol>,
    endpoint: &Setting<String>,
) {
    let Source::Variable(variable) = endpoint.source else { return };
    let Ok(url) = Url::parse(&endpoint.value) else { return };
    let hint = match (protocol.value, url.port) {
        (Protocol::HttpProtobuf, Some(4317)) if protocol.is_default() => port_hint(),
        (Protocol::Grpc, Some(4318)) => {
            "port 4318 usually speaks http/protobuf, and grpc was asked for: \
             use port 4317, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
        }
        _ => return,
    };
    variables.warn(variable, url::shown_in_general(&endpoint.value), hint, "trying it as it is");
}

/// What is said about http/protobuf on port 4317.
pub(crate) fn port_hint() -> &'static str {
    if Built::NOW.grpc {
        "port 4317 usually speaks grpc, and http/protobuf is the default: \
         use port 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
    } else {
        "port 4317 usually speaks grpc, and http/protobuf is the default: \
         use port 4318, or `cargo add traced -F grpc` and OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
    }
}

const HEADER_LIST: Kind<Vec<(String, String)>> = Kind {
    parse: |text| {
        let headers = pairs::parse(text)?;
        for (name, value) in &headers {
            if is_ours(name) {
                return Err(OUR_HEADER.to_owned());
            }
            if !is_header(name, value) {
                return Err(NO_HEADER.to_owned());
            }
        }
        Ok(headers)
    },
    show: |headers| headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
    is_secret: true,
};

const NO_HEADER: &str = "a header with characters that HTTP does not allow";
const OUR_HEADER: &str = "a header that says how a request is sent, which the exporter says itself";

/// Whether HTTP allows a header of this name and value, and the exporter has none of its own.
pub(crate) fn is_header(name: &str, value: &str) -> bool {
    !name.is_empty() && is_token(name) && is_visible(value) && !is_ours(name)
}

/// The characters of a header's name.
fn is_token(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn is_visible(value: &str) -> bool {
    value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
}

const COMPRESSION_NAMES: [(&str, Compression); 2] =
    [("gzip", Compression::Gzip), ("none", Compression::None)];

const COMPRESSIONS: Kind<Compression> = Kind {
    parse: |text| {
        let known = values::word(text, &COMPRESSION_NAMES);
        known.ok_or_else(|| values::one_of(&COMPRESSION_NAMES))
    },
    show: |compression| compression_name(*compression).to_owned(),
    is_secret: false,
};

/// As the variable would say it.
pub(crate) fn compression_name(compression: Compression) -> &'static str {
    match compression {
        Compression::None => "none",
        Compression::Gzip => "gzip",
    }
}

impl Protocol {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HttpProtobuf => "http/protobuf",
            Self::Grpc => "grpc",
        }
    }
}
