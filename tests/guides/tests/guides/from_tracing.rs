//! `docs/from-tracing.md`.

mod beside_each_other {
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_otlp::SpanExporter;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use std::error::Error;
    use traced_tracing::{Bridge, Correlated};
    use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
    use tracing_subscriber::util::SubscriberInitExt as _;
    use tracing_subscriber::{EnvFilter, fmt};

    #[rustfmt::skip]
    fn before() -> Result<(), Box<dyn Error>> {
        let provider = SdkTracerProvider::builder().with_batch_exporter(SpanExporter::builder().with_http().build()?).build();
        tracing_subscriber::registry()
            .with(EnvFilter::from_default_env())
            .with(fmt::layer())
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("shop")))
            .init();
        provider.shutdown()?;
        Ok(())
    }

    #[rustfmt::skip]
    fn after() {
        let _traced = traced::init!();
        tracing_subscriber::registry()
            .with(fmt::layer().event_format(Correlated::new(fmt::format())).with_filter(EnvFilter::from_default_env()))
            .with(Bridge::new())
            .init();
    }
}

mod functions {
    use traced::{Redact, traced};
    use tracing::instrument;

    #[derive(Debug, Redact)]
    struct Card {
        #[redact(last = 4)]
        number: String,
    }

    struct Receipt;

    #[derive(Debug, thiserror::Error, Redact)]
    enum PayError {
        #[error("declined")]
        #[public]
        Declined,
    }

    struct Before;

    impl Before {
        #[instrument(skip(self, card), fields(order.total = total), err)]
        async fn pay(
            &self,
            order: u64,
            currency: &str,
            total: f64,
            card: &Card,
        ) -> Result<Receipt, PayError> {
            if card.number.is_empty() { Err(PayError::Declined) } else { Ok(Receipt) }
        }
    }

    struct After;

    impl After {
        #[traced(fields(order.total = total))]
        async fn pay(
            &self,
            order: u64,
            #[public] currency: &str,
            total: f64,
            card: &Card,
        ) -> Result<Receipt, PayError> {
            if card.number.is_empty() { Err(PayError::Declined) } else { Ok(Receipt) }
        }
    }
}

mod log_lines {
    use traced_tracing::Correlated;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::{fmt, registry};

    fn layers() {
        drop(registry().with(fmt::layer().json()));
        drop(
            registry().with(
                fmt::layer()
                    .json()
                    .event_format(Correlated::new(fmt::format().json()).log_fields(["user_id"])),
            ),
        );
    }
}
