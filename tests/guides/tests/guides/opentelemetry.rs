//! `docs/opentelemetry.md`.

mod one_tree {
    use traced::traced;

    struct Client;

    impl Client {
        fn get(&self, _address: &str) {}
    }

    #[allow(non_upper_case_globals, reason = "it is called so on the page")]
    static http: Client = Client;

    #[traced]
    fn order(id: u64) {
        http.get("http://stock/items");
    }
}

mod headers {
    use std::collections::HashMap;

    fn handle(_request: u64) {}

    fn both_ways(
        headers: HashMap<String, String>,
        mut outgoing: HashMap<String, String>,
        request: u64,
    ) {
        let caller = traced::propagation::extract(&headers);
        caller.in_scope(|| handle(request));
        traced::propagation::inject(&mut outgoing);
    }
}

mod by_hand {
    use std::error::Error;
    use traced::Redact;

    #[derive(Redact)]
    struct Card {
        #[redact]
        number: String,
    }

    struct Receipt;

    #[derive(Debug, thiserror::Error, Redact)]
    #[error("declined")]
    #[public(display, reason = "a constant")]
    struct PayError;

    struct Bank;

    impl Bank {
        async fn charge(&self, card: &Card) -> Result<Receipt, PayError> {
            if card.number.is_empty() { Err(PayError) } else { Ok(Receipt) }
        }
    }

    #[allow(non_upper_case_globals, reason = "it is called so on the page")]
    static bank: Bank = Bank;

    fn serve() -> Result<(), Box<dyn Error>> {
        Ok(())
    }

    mod before {
        use super::{Card, PayError, Receipt, bank, serve};
        use opentelemetry::trace::{
            FutureExt as _, Span as _, Status, TraceContextExt as _, Tracer as _,
        };
        use opentelemetry::{Context, KeyValue, global};
        use opentelemetry_otlp::SpanExporter;
        use opentelemetry_sdk::Resource;
        use opentelemetry_sdk::propagation::TraceContextPropagator;
        use opentelemetry_sdk::trace::SdkTracerProvider;
        use std::error::Error;

        fn main() -> Result<(), Box<dyn Error>> {
            let exporter = SpanExporter::builder().with_http().build()?;
            let provider = SdkTracerProvider::builder()
                .with_batch_exporter(exporter)
                .with_resource(Resource::builder().with_service_name("shop").build())
                .build();
            global::set_tracer_provider(provider.clone());
            global::set_text_map_propagator(TraceContextPropagator::new());
            serve()?;
            provider.shutdown()?;
            Ok(())
        }

        async fn charge(order: i64, card: &Card) -> Result<Receipt, PayError> {
            let mut span = global::tracer("shop").start("charge");
            span.set_attribute(KeyValue::new("order", order));
            let context = Context::current_with_span(span);
            async {
                let paid = bank.charge(card).await;
                if let Err(error) = &paid {
                    context.span().record_error(error);
                    context.span().set_status(Status::error(error.to_string()));
                }
                paid
            }
            .with_context(context.clone())
            .await
        }
    }

    mod after {
        use super::{Card, PayError, Receipt, bank, serve};
        use std::error::Error;
        use traced::traced;

        fn main() -> Result<(), Box<dyn Error>> {
            let _traced = traced::init!();
            serve()
        }

        #[traced]
        async fn charge(order: i64, card: &Card) -> Result<Receipt, PayError> {
            bank.charge(card).await
        }
    }
}
