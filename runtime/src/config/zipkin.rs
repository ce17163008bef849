//! `OTEL_EXPORTER_ZIPKIN_*`.

use super::url::{self, Url};
use super::values::{Kind, TIMEOUT};
use super::variables::{Setting, Variables};
use std::time::Duration;

/// What the variables say about Zipkin.
#[derive(Clone, Debug)]
pub(crate) struct Zipkin {
    pub(crate) endpoint: Setting<String>,
    pub(crate) timeout: Setting<Duration>,
}

const ENDPOINT: &str = "OTEL_EXPORTER_ZIPKIN_ENDPOINT";
const TIMEOUT_NAME: &str = "OTEL_EXPORTER_ZIPKIN_TIMEOUT";
const DEFAULT_ENDPOINT: &str = "http://localhost:9411/api/v2/spans";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

impl Zipkin {
    pub(crate) fn read(variables: &mut Variables<'_>) -> Self {
        Self {
            endpoint: variables.read(&[ENDPOINT], &ADDRESS, DEFAULT_ENDPOINT.to_owned()),
            timeout: variables.read(&[TIMEOUT_NAME], &TIMEOUT, DEFAULT_TIMEOUT),
        }
    }
}

const ADDRESS: Kind<String> = Kind {
    parse: |text| Url::parse(text).map(|_| text.to_owned()),
    show: |text| url::shown(text),
    // It may hold a password.
    is_secret: true,
};
