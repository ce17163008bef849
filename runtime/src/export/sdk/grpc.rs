//! OTLP over gRPC, by `opentelemetry-otlp`.
//!
//! Its client needs a tokio runtime, which it gets for itself: of one thread, which is the collector's, so that
//! nothing of it runs but while a batch is sent. Whether the program has a runtime makes no difference.

use super::{Exporter, Exporting};
use crate::export::Export;
use crate::export::otlp::pem::{content, identity};
use crate::export::otlp::{Compression, Settings};
use opentelemetry_otlp::tonic_types::metadata::MetadataMap;
use opentelemetry_otlp::tonic_types::transport::{Certificate, ClientTlsConfig, Identity};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use std::error::Error;
use tokio::runtime::{Builder, Runtime};
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

type Failure = Box<dyn Error + Send + Sync>;

/// An exporter with these settings.
pub(crate) fn exporter(settings: &Settings) -> Result<Box<dyn Export>, Failure> {
    let runtime = Own(Some(Builder::new_current_thread().enable_all().build()?));
    // The client looks for a runtime where it is made.
    let inside = runtime.0.as_ref().map(Runtime::enter);
    let mut builder = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(settings.endpoint.clone())
        .with_timeout(settings.timeout)
        .with_metadata(metadata(&settings.headers)?);
    if settings.compression == Compression::Gzip {
        builder = builder.with_compression(opentelemetry_otlp::Compression::Gzip);
    }
    if settings.endpoint.starts_with("https") {
        builder = builder.with_tls_config(tls(settings)?);
    }
    let exporter = builder.build()?;
    drop(inside);
    let settings = settings.clone();
    let most_spans = Some(settings.max_spans).filter(|spans| *spans != usize::MAX);
    let exporter = Exporter::new(exporter)
        .most_spans_if(most_spans)
        .driven_by(move |exporting| runtime.drive(exporting));
    Ok(Box::new(exporter.made_again_by(move || self::exporter(&settings).ok())))
}

/// A runtime that may be dropped inside of another one, where an exporter is given up before its first batch.
struct Own(Option<Runtime>);

impl Own {
    fn drive(&self, exporting: Exporting<'_>) -> OTelSdkResult {
        self.0.as_ref().map_or(Err(OTelSdkError::AlreadyShutdown), |own| own.block_on(exporting))
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn metadata(headers: &[(String, String)]) -> Result<MetadataMap, Failure> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
    }
    Ok(MetadataMap::from_headers(map))
}

fn tls(settings: &Settings) -> Result<ClientTlsConfig, Failure> {
    let mut tls = match &settings.certificate {
        Some(certificate) => {
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(content(certificate)?))
        }
        None => ClientTlsConfig::new().with_enabled_roots(),
    };
    if let Some((certificate, key)) = identity(settings)? {
        tls = tls.identity(Identity::from_pem(content(certificate)?, content(key)?));
    }
    Ok(tls)
}
