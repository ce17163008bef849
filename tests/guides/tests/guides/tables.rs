//! What the tables of `docs/from-tracing.md` and `docs/opentelemetry.md` say, a line each, before and after.

mod functions {
    use traced::traced;
    use tracing::{Level, instrument};

    const TARGET: &str = "shop";

    struct Db;

    #[derive(Debug)]
    struct Order {
        id: u64,
    }

    struct Before;

    impl Before {
        #[instrument(skip(self, db), fields(id = order.id, name = %name, who = ?user), level = "debug")]
        fn one(&self, db: &Db, order: &Order, name: &str, user: &str) {
            let _ = db;
        }

        #[instrument(skip_all, fields(later = tracing::field::Empty), level = Level::DEBUG, target = TARGET)]
        fn two(&self) {
            tracing::Span::current().record("later", 7);
        }

        #[instrument(
            skip(self),
            name = "place",
            ret(Display),
            err(Display),
            level = 2,
            target = "shop"
        )]
        fn three(&self) -> Result<u64, String> {
            Ok(1)
        }

        #[instrument("place", skip_all, ret(Debug), err(Debug), parent = None)]
        fn four(&self, causes: Vec<tracing::Id>) -> Result<u64, String> {
            let _ = causes;
            Ok(1)
        }

        #[instrument(skip(self), ret(level = "debug"), err(level = "warn"), follows_from = causes)]
        fn five(&self, causes: Vec<tracing::Id>) -> Result<u64, String> {
            Ok(1)
        }
    }

    struct After;

    impl After {
        #[traced(skip(self, db), fields(id = order.id, name = %name, who = ?user), level = "debug")]
        fn one(&self, db: &Db, order: &Order, name: &str, user: &str) {
            let _ = db;
        }

        #[traced(skip_all, fields(later), level = Level::DEBUG, target = TARGET)]
        fn two(&self) {
            traced::record!(later = 7);
        }

        #[traced(name = "place", ret(Display), err(Display), level = 2, target = "shop")]
        fn three(&self) -> Result<u64, String> {
            Ok(1)
        }

        #[traced("place", skip_all, ret(Debug), err(Debug), parent = None)]
        fn four(&self) -> Result<u64, String> {
            Ok(1)
        }

        #[traced(ret = debug, err = display, links = causes)]
        fn five(&self, causes: Vec<traced::Context>) -> Result<u64, String> {
            Ok(1)
        }

        #[traced(fields(later = tracing::field::Empty), parent = &context)]
        fn six(&self, context: traced::Context) {}

        #[traced(root)]
        fn seven(&self) {}
    }
}

mod beside_each_other {
    use traced_tracing::Bridge;
    use tracing::{info, warn};

    fn messages(name: &str) -> Bridge {
        warn!("the cache is cold");
        info!("hello {name}");
        Bridge::new().public("my_app", ["order_id"])
    }
}

mod on_async_trait {
    use async_trait::async_trait;
    use traced::traced;
    use tracing::instrument;

    #[async_trait]
    trait Payment {
        async fn pay(&self);
        async fn ship(&self);
    }

    struct Shop;

    #[async_trait]
    impl Payment for Shop {
        #[instrument]
        async fn pay(&self) {}

        #[traced]
        async fn ship(&self) {}
    }

    impl std::fmt::Debug for Shop {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Shop")
        }
    }

    struct Other;

    #[traced]
    #[async_trait]
    impl Payment for Other {
        async fn pay(&self) {}
        async fn ship(&self) {}
    }
}

mod bodies {
    mod before {
        use std::thread;
        use tokio::task::spawn_blocking;
        use tracing::{Instrument as _, Span, info_span};
        use tracing_opentelemetry::OpenTelemetrySpanExt as _;

        async fn all(n: u64, cx: opentelemetry::Context, cause: tracing::Id) {
            async fn work() {}
            {
                let _span = info_span!("load").entered();
            }
            info_span!("load", rows = n).in_scope(|| ());
            let future = work();
            future.instrument(info_span!("load")).await;
            let future = work();
            future.in_current_span().await;
            let future = work();
            future.instrument(Span::current()).await;
            drop(tokio::spawn(work().instrument(Span::current())));
            {
                let work = || ();
                let span = Span::current();
                spawn_blocking(move || span.in_scope(work));
                let span = Span::current();
                thread::spawn(move || span.in_scope(work));
            }
            Span::current().record("rows", n);
            let span = Span::current();
            span.follows_from(cause);
            Span::current().context();
            drop(span.set_parent(cx));
        }
    }

    mod after {
        use std::thread;
        use traced::{Instrument as _, traced};

        struct Db;

        #[traced(skip_all)]
        impl Db {
            async fn load(&self) {}
        }

        #[traced(parent = cx)]
        async fn all(n: u64, cx: opentelemetry::Context, context: traced::Context) {
            #[traced]
            async fn work() {}
            #[section("load")]
            Db.load().await;
            traced::span!("load", rows = n).in_scope(|| ());
            let future = work();
            future.instrument(traced::span!("load")).await;
            let future = work();
            future.in_current().await;
            drop(tokio::spawn(work()));
            drop(traced::task::spawn(async {}));
            {
                let work = || ();
                drop(traced::task::spawn_blocking(work));
                drop(thread::spawn(traced::in_current(work)));
            }
            traced::record!(rows = n);
            traced::link(context);
            drop(traced::otel::context());
        }
    }
}

mod events {
    struct User {
        plan: &'static str,
    }

    mod before {
        use super::User;
        use tracing::{error, info};

        fn all(user: &str, err: std::fmt::Error) -> Result<User, std::fmt::Error> {
            info!("validated");
            info!(checks = 3, "validated");
            info!("{user} logged in");
            error!(error = %err, "failed");
            return Err(err);
        }
    }

    mod after {
        use super::User;

        fn all(user: &User, err: std::fmt::Error) {
            traced::event!("validated");
            traced::event!("validated", checks = 3);
            traced::event!(
                "logged in",
                #[public]
                plan = user.plan
            );
            traced::record_error!(&err);
        }
    }
}

mod http_and_tests {
    use axum::Router;
    use reqwest_middleware::ClientBuilder;
    use traced::traced;

    #[traced]
    fn pay(order: u64) {
        let _ = order;
    }

    fn before() -> Router {
        Router::new().layer(tower_http::trace::TraceLayer::new_for_http())
    }

    fn after() -> Router {
        drop(ClientBuilder::new(reqwest::Client::new()).with(traced_reqwest::Traced::new()));
        let _layer = traced_tower::ClientLayer::new();
        Router::new().layer(traced_tower::AxumLayer::new())
    }

    #[test]
    fn a_capture_is_what_a_mock_subscriber_was() {
        let spans = traced::test::capture(|| pay(7));
        assert_eq!(spans.named("http_and_tests::pay").attribute("order"), Some(&7.into()));
    }
}

mod what_is_imprecise {
    use opentelemetry::Context;
    use opentelemetry::trace::{TraceContextExt as _, Tracer as _};
    use traced::traced;

    #[traced(attach)]
    fn exact(tracer: &traced::otel::Tracer) {
        drop(tracer.start("here"));
        drop(tracer.start_with_context("there", &Context::current()));
        Context::current().span().add_event("lost", Vec::new());
        drop(traced::otel::context());
    }

    fn main() {
        traced::otel::install();
        println!("{}", traced::doctor());
        drop(traced::otel::TracerProvider::new());
    }
}

mod by_hand {
    mod before {
        use opentelemetry::propagation::TextMapPropagator;
        use opentelemetry::trace::{
            FutureExt as _, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
        };
        use opentelemetry::{Context, KeyValue, global};
        use opentelemetry_http::{HeaderExtractor, HeaderInjector};
        use opentelemetry_sdk::propagation::TraceContextPropagator;
        use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

        async fn all(id: i64, propagator: &dyn TextMapPropagator, mut headers: http::HeaderMap) {
            drop(SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOn));
            let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build().unwrap();
            let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
            global::set_tracer_provider(provider);
            global::set_text_map_propagator(TraceContextPropagator::new());
            let tracer = global::tracer("shop");
            tracer.in_span("charge", |cx| {
                cx.span().set_attribute(KeyValue::new("order", id));
                cx.span().add_event("validated", vec![KeyValue::new("checks", 3)]);
                cx.span().set_status(Status::error("declined"));
            });
            let cx = Context::current();
            let future = async {};
            future.with_context(cx).await;
            let cx = Context::current();
            tokio::spawn(async move { id + 1 }.with_context(cx));
            let cx = Context::current();
            propagator.inject_context(&cx, &mut HeaderInjector(&mut headers));
            let parent = propagator.extract(&HeaderExtractor(&headers));
            let _g = parent.attach();
            let span = tracer.start("load");
            let _here = Context::current_with_span(span).attach();
        }

        fn ends(provider: &SdkTracerProvider) {
            drop(provider.shutdown());
        }

        fn over_there(cx: &Context, remote: opentelemetry::trace::SpanContext) -> Context {
            cx.with_remote_span_context(remote)
        }

        fn a_layer_that_stays() {
            use tracing_subscriber::layer::SubscriberExt as _;
            drop(
                tracing_subscriber::registry().with(
                    tracing_opentelemetry::layer()
                        .with_tracer(traced::otel::TracerProvider::new().tracer("shop")),
                ),
            );
        }
    }

    mod after {
        use axum::Router;
        use reqwest_middleware::ClientBuilder;
        use std::collections::HashMap;
        use traced::sampling::AlwaysOn;
        use traced::{Instrument as _, traced};

        #[traced]
        fn charge(order: i64) {
            let _ = order;
            traced::event!("validated", checks = 3);
            traced::fail!("declined");
        }

        #[traced]
        async fn work() {}

        #[traced(links = other, kind = client, parent = context)]
        async fn placed(other: opentelemetry::trace::SpanContext, context: opentelemetry::Context) {
        }

        #[traced(skip_all)]
        async fn all(headers: &HashMap<String, String>, value: u64) {
            let _traced = traced::init!();
            let future = async {};
            future.in_current().await;
            drop(tokio::spawn(work()));
            let mut outgoing = Vec::new();
            traced::propagation::inject_with(|name, value| {
                outgoing.push((name.to_owned(), value.to_owned()))
            });
            let caller =
                traced::propagation::extract_with(|name| headers.get(name).map(String::as_str));
            caller.in_scope(|| ());
            {
                let _inside = traced::span!("load").enter();
            }
            #[section("load")]
            charge(1);
            drop(traced::task::spawn_blocking(|| charge(2)));
            drop(traced::Message::new(value));
            drop(ClientBuilder::new(reqwest::Client::new()).with(traced_reqwest::Traced::new()));
            let mut headers = http::HeaderMap::new();
            traced_reqwest::inject(&mut headers);
            drop(Router::<()>::new().layer(traced_tower::AxumLayer::new()));
            drop(traced::builder().sampler(AlwaysOn));
            drop(traced::test::capture(|| ()));
        }
    }
}
