//! `traced-tower`, with `#[traced]`.

use crate::child::Contender;
use crate::{HELLO, PART, ROUTE};
use axum::Router;
use axum::routing::get;
use traced::sampling::{AlwaysOn, ParentBased, Sampler, TraceIdRatio};
use traced::traced;
use traced_tower::AxumLayer;

#[traced]
async fn hello() -> &'static str {
    HELLO
}

pub(crate) fn off(_: &str) -> Contender {
    contender()
}

pub(crate) fn part(endpoint: &str) -> Contender {
    sampled(endpoint, ParentBased::new(TraceIdRatio::new(PART)))
}

pub(crate) fn all(endpoint: &str) -> Contender {
    sampled(endpoint, ParentBased::new(AlwaysOn))
}

fn sampled(endpoint: &str, sampler: impl Sampler) -> Contender {
    let settings = traced::otlp::Settings::new(endpoint);
    let exporter = traced::otlp::Otlp::new(&settings).expect("settings that make sense");
    let installed = traced::builder().sampler(sampler).exporter(exporter).install();
    std::mem::forget(installed.expect("nobody else installs a pipeline in this process"));
    contender()
}

fn contender() -> Contender {
    let app = Router::new().route(ROUTE, get(hello)).layer(AxumLayer::new());
    let flush = Box::new(|| {
        traced::flush();
    });
    Contender { app, flush }
}
