//! From destinations to exporters.

use crate::config::Config;
use crate::config::exporters::Destination;
#[cfg(feature = "otlp")]
use crate::config::otlp::{self, Otlp, Protocol};
#[cfg(feature = "otlp")]
use crate::config::variables::{Setting, Source};
use crate::export::Export;
#[cfg(feature = "otlp")]
use crate::export::otlp::{Error, Settings};
use crate::pipeline::install::InstallError;

pub(super) type Exporters = Vec<Box<dyn Export>>;

/// The exporters of code, and those of the destinations.
pub(super) fn make(config: &Config, mut exporters: Exporters) -> Result<Exporters, InstallError> {
    for destination in &config.destinations.value {
        exporters.push(exporter(*destination, config)?);
    }
    Ok(exporters)
}

#[cfg_attr(
    not(any(feature = "otlp", feature = "zipkin")),
    allow(unused_variables, reason = "the terminal needs no settings")
)]
fn exporter(destination: Destination, config: &Config) -> Result<Box<dyn Export>, InstallError> {
    match destination {
        #[cfg(feature = "console")]
        Destination::Console => Ok(Box::new(crate::export::console::Console::stderr())),
        #[cfg(feature = "grpc")]
        Destination::Otlp if config.otlp.protocol.value == Protocol::Grpc => {
            let exporter = crate::export::sdk::grpc::exporter(&settings(config));
            exporter.map_err(|error| failed(error, &config.otlp))
        }
        #[cfg(feature = "otlp")]
        Destination::Otlp => match crate::export::otlp::Otlp::new(&settings(config)) {
            Ok(otlp) => Ok(Box::new(otlp)),
            Err(error) => Err(failed(error.into(), &config.otlp)),
        },
        #[cfg(feature = "zipkin")]
        Destination::Zipkin => {
            let zipkin = &config.zipkin;
            let exporter = crate::export::sdk::zipkin::exporter(
                &zipkin.endpoint.value,
                zipkin.timeout.value,
                config.batch.spans_in_request.value,
            );
            exporter.map_err(InstallError::Exporter)
        }
        #[allow(unreachable_patterns, reason = "where every feature is on")]
        other => Err(InstallError::NotBuilt(other.name())),
    }
}

/// Why there is no exporter; where files are at fault, with the variables that name some.
#[cfg(feature = "otlp")]
fn failed(error: Box<dyn std::error::Error + Send + Sync>, otlp: &Otlp) -> InstallError {
    let Some(Error::Pem(why)) = error.downcast_ref() else { return InstallError::Exporter(error) };
    let files = [&otlp.certificate, &otlp.client_certificate, &otlp.client_key];
    let variables = files.iter().filter_map(|file| match file.source {
        Source::Variable(variable) => Some(variable),
        _ => None,
    });
    let variables = variables.collect::<Vec<_>>().join(", ");
    if variables.is_empty() {
        return InstallError::Exporter(error);
    }
    InstallError::Exporter(format!("{variables}: {why}").into())
}

/// What code says of OTLP takes the place of what variables say.
#[cfg(feature = "otlp")]
pub(super) fn overrule_otlp(
    otlp: &mut Otlp,
    said: super::said::SaidOfOtlp,
) -> Result<(), InstallError> {
    if let Some(protocol) = said.protocol {
        if protocol == Protocol::Grpc && !cfg!(feature = "grpc") {
            return Err(InstallError::NotBuilt("grpc"));
        }
        otlp.speak(protocol);
    }
    if let Some(endpoint) = said.endpoint {
        let mistake = crate::config::url::Url::parse(&endpoint).err();
        if let Some(problem) = mistake {
            let shown = crate::config::url::shown(&endpoint);
            return Err(InstallError::Endpoint(format!("{shown}: {problem}")));
        }
        otlp.endpoint.overrule(Some(endpoint));
    }
    for (name, value) in said.headers {
        if !otlp::is_header(&name, &value) {
            return Err(InstallError::Header(name));
        }
        otlp.headers.value.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        otlp.headers.value.push((name, value));
        otlp.headers.source = Source::Code;
    }
    otlp.timeout.overrule(said.timeout);
    otlp.compression.overrule(said.compression);
    otlp.certificate.overrule(said.certificate.map(Some));
    if let Some((certificate, key)) = said.client_identity {
        otlp.client_certificate = Setting { value: Some(certificate), source: Source::Code };
        otlp.client_key = Setting { value: Some(key), source: Source::Code };
    }
    Ok(())
}

/// What everything that speaks OTLP is told.
#[cfg(feature = "otlp")]
fn settings(config: &Config) -> Settings {
    let otlp = &config.otlp;
    let mut settings = Settings::new(otlp.endpoint.value.clone());
    settings.headers.clone_from(&otlp.headers.value);
    // A body takes no longer than either of the two allows.
    settings.timeout = otlp.timeout.value.min(config.batch.export_timeout.value);
    settings.compression = otlp.compression.value;
    settings.certificate.clone_from(&otlp.certificate.value);
    settings.client_certificate.clone_from(&otlp.client_certificate.value);
    settings.client_key.clone_from(&otlp.client_key.value);
    settings.max_spans = config.batch.spans_in_request.value.unwrap_or(settings.max_spans);
    settings
}
