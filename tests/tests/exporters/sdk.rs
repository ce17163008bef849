//! How exporters and processors are driven: without a runtime, within their time, to their end.

use opentelemetry::Context;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter, SpanProcessor};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use traced::sdk::{Exporter, Processor};
use traced::{Dropped, Export, stats, traced};
use traced_tests::{PATIENCE, again, builder, flush, in_a_process_of_its_own};

/// Nothing is sent but by a flush.
const NEVER: Duration = Duration::from_secs(1_000_000);

/// Remembers what was done with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recording(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    spans: Vec<SpanData>,
    calls: Vec<&'static str>,
    resource: Option<opentelemetry_sdk::Resource>,
    behaviour: Behaviour,
}

#[derive(Clone, Copy, Debug, Default)]
enum Behaviour {
    #[default]
    Immediate,
    WakesLater,
    Hangs,
    Fails,
    Panics,
}

impl Recording {
    fn behaving(behaviour: Behaviour) -> Self {
        let recording = Self::default();
        recording.record().behaviour = behaviour;
        recording
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap()
    }

    fn names(&self) -> Vec<String> {
        self.record().spans.drain(..).map(|span| span.name.into_owned()).collect()
    }

    /// Its own thread may take longer than it is waited for.
    fn wait_for(&self, spans: usize) {
        while self.record().spans.len() < spans {
            std::thread::yield_now();
        }
        assert_eq!(self.names().len(), spans);
    }

    fn calls(&self) -> Vec<&'static str> {
        self.record().calls.clone()
    }

    pub(crate) fn resource(&self) -> Option<opentelemetry_sdk::Resource> {
        self.record().resource.clone()
    }
}

/// Ready when another thread says so.
async fn another_thread() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || sender.send(()));
    receiver.await.unwrap();
}

impl SpanExporter for Recording {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let behaviour = self.record().behaviour;
        match behaviour {
            Behaviour::Immediate => {}
            Behaviour::WakesLater => another_thread().await,
            Behaviour::Hangs => std::future::pending().await,
            Behaviour::Fails => return Err(OTelSdkError::InternalFailure("on purpose".into())),
            Behaviour::Panics => panic!("on purpose"),
        }
        self.record().spans.extend(batch);
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.record().calls.push("shutdown");
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.record().calls.push("flush");
        Ok(())
    }

    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        self.record().resource = Some(resource.clone());
    }
}

impl SpanProcessor for Recording {
    fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &Context) {
        self.record().calls.push("start");
    }

    fn on_end(&self, span: SpanData) {
        self.record().spans.push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.record().calls.push("flush");
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.record().calls.push("shutdown");
        Ok(())
    }

    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        self.record().resource = Some(resource.clone());
    }
}

#[traced]
fn outer() {
    inner();
}

#[traced]
fn inner() {}

/// Two traced calls through this exporter, and what the flush said.
fn through(exporter: impl Export) -> traced::Installed {
    let builder = builder().service_name("orders").exporter(exporter).interval(NEVER);
    let installed = builder.install().unwrap();
    outer();
    assert!(flush());
    installed
}

#[test]
fn an_exporter_needs_no_runtime() {
    in_a_process_of_its_own("sdk::an_exporter_needs_no_runtime", || {
        let theirs = Recording::default();
        let installed = through(Exporter::new(theirs.clone()));
        assert_eq!(theirs.names(), ["sdk::outer", "sdk::inner"]);
        let name = theirs.resource().unwrap().get(&"service.name".into());
        assert_eq!(name, Some("orders".into()));
        assert_eq!(theirs.calls(), ["flush"]);
        drop(installed);
        assert_eq!(theirs.calls(), ["flush", "flush", "shutdown"]);
        assert_eq!((stats().created, stats().exported), (2, 2));
    });
}

fn code_of_the_first(wanted: bool) -> Vec<String> {
    let theirs = Recording::default();
    let exporter = Exporter::new(theirs.clone());
    let builder = builder().exporter(exporter).interval(NEVER).code_attributes(wanted);
    let _installed = builder.install().unwrap();
    outer();
    assert!(flush());
    let attributes = theirs.record().spans[0].attributes.clone();
    attributes.iter().map(|pair| format!("{}={}", pair.key, pair.value)).collect()
}

#[test]
fn spans_say_where_in_the_source_they_come_from() {
    in_a_process_of_its_own("sdk::spans_say_where_in_the_source_they_come_from", || {
        let code = code_of_the_first(true);
        assert_eq!(code[0], "code.function.name=exporters::sdk::outer");
        assert!(code[1].starts_with("code.file.path=") && code[1].ends_with("sdk.rs"), "{code:?}");
        assert!(code[2].starts_with("code.line.number="), "{code:?}");
    });
}

#[test]
fn spans_say_it_only_where_it_is_wanted() {
    in_a_process_of_its_own("sdk::spans_say_it_only_where_it_is_wanted", || {
        assert_eq!(code_of_the_first(false), [""; 0]);
    });
}

#[test]
fn an_exporter_may_wait_for_another_thread() {
    in_a_process_of_its_own("sdk::an_exporter_may_wait_for_another_thread", || {
        let theirs = Recording::behaving(Behaviour::WakesLater);
        let _installed = through(Exporter::new(theirs.clone()).timeout(PATIENCE));
        assert_eq!(theirs.names().len(), 2);
    });
}

#[test]
fn an_exporter_that_hangs_fails_or_panics_costs_the_batch() {
    for (which, behaviour) in
        [Behaviour::Hangs, Behaviour::Fails, Behaviour::Panics].into_iter().enumerate()
    {
        // Each in a process, chosen by a variable of its own.
        let chosen = std::env::var("TRACED_TEST_WHICH").ok();
        if chosen.as_deref().is_some_and(|chosen| chosen != which.to_string()) {
            continue;
        }
        let body = || {
            let theirs = Recording::behaving(behaviour);
            let exporter = Exporter::new(theirs.clone()).timeout(Duration::from_millis(20));
            let _installed = through(exporter);
            assert_eq!(theirs.names().len(), 0);
            assert_eq!(stats().dropped(Dropped::Export), 2);
            theirs.record().behaviour = Behaviour::Immediate;
            outer();
            assert!(flush());
            assert_eq!(theirs.names().len(), 2, "the next batch arrives");
        };
        if chosen.is_some() {
            return body();
        }
        let mut child = again("sdk::an_exporter_that_hangs_fails_or_panics_costs_the_batch");
        let output = child.env("TRACED_TEST_WHICH", which.to_string()).output().unwrap();
        assert!(output.status.success(), "{behaviour:?}: {output:?}");
    }
}

#[test]
fn an_exporter_can_be_driven_by_a_runtime() {
    in_a_process_of_its_own("sdk::an_exporter_can_be_driven_by_a_runtime", || {
        /// Works on a runtime alone.
        #[derive(Debug)]
        struct NeedsTokio(Recording);
        impl SpanExporter for NeedsTokio {
            async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
                tokio::time::sleep(Duration::from_millis(1)).await;
                SpanExporter::export(&self.0, batch).await
            }
        }
        let theirs = Recording::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let exporter = Exporter::new(NeedsTokio(theirs.clone()));
        let _installed = through(exporter.driven_by(move |exporting| runtime.block_on(exporting)));
        assert_eq!(theirs.names().len(), 2);
    });
}

#[test]
fn a_processor_sees_ends_alone() {
    in_a_process_of_its_own("sdk::a_processor_sees_ends_alone", || {
        let theirs = Recording::default();
        let installed = through(Processor::new(theirs.clone()));
        assert_eq!(theirs.names(), ["sdk::outer", "sdk::inner"]);
        let name = theirs.resource().unwrap().get(&"service.name".into());
        assert_eq!(name, Some("orders".into()));
        drop(installed);
        assert_eq!(theirs.calls(), ["flush", "flush", "shutdown"]);
    });
}

#[test]
fn the_batch_processor_of_the_sdk_sends_what_it_holds() {
    in_a_process_of_its_own("sdk::the_batch_processor_of_the_sdk_sends_what_it_holds", || {
        let theirs = Recording::default();
        let batches = opentelemetry_sdk::trace::BatchSpanProcessor::builder(theirs.clone());
        let installed = through(Processor::new(batches.build()));
        theirs.wait_for(2);
        outer();
        drop(installed);
        theirs.wait_for(2);
    });
}
