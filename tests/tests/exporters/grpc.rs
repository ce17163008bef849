//! OTLP over gRPC, against a server of tonic's.

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use std::future::Future;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tonic::codec::CompressionEncoding;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use traced::otlp::{Compression, Protocol};
use traced::{Destination, Dropped, stats, traced};
use traced_tests::{PATIENCE, builder, flush, in_a_process_of_its_own};

/// Hands on what comes, with the header `api-key`.
struct Collector(Sender<(Option<String>, ExportTraceServiceRequest)>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let key = request.metadata().get("api-key").map(|key| key.to_str().unwrap().to_owned());
        self.0.send((key, request.into_inner())).unwrap();
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// A server on a thread and a runtime of its own.
pub(crate) fn server() -> (String, Receiver<(Option<String>, ExportTraceServiceRequest)>) {
    let (sender, receiver) = channel();
    let (at, address) = channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
            at.send(incoming.local_addr().unwrap()).unwrap();
            let service = TraceServiceServer::new(Collector(sender))
                .accept_compressed(CompressionEncoding::Gzip);
            Server::builder().add_service(service).serve_with_incoming(incoming).await.unwrap();
        });
    });
    (format!("http://{}", address.recv().unwrap()), receiver)
}

#[traced]
fn charge(order: u64) {
    assert!(order > 0);
}

fn builder_to(address: &str) -> traced::Builder {
    let builder = builder().service_name("orders").destination(Destination::Otlp);
    let builder = builder.protocol(Protocol::Grpc).endpoint(address).header("API-Key", "k");
    builder.interval(Duration::from_secs(1_000_000))
}

fn send_one(address: &str, compression: Compression) {
    let builder = builder_to(address).compression(compression).timeout(PATIENCE);
    let _installed = builder.install().unwrap();
    charge(7);
    assert!(flush());
    assert_eq!((stats().created, stats().exported), (1, 1));
}

fn assert_arrived(requests: &Receiver<(Option<String>, ExportTraceServiceRequest)>) {
    let (key, request) = requests.recv_timeout(PATIENCE).unwrap();
    assert_eq!(key.as_deref(), Some("k"));
    let spans = &request.resource_spans[0];
    let resource = spans.resource.as_ref().unwrap();
    let name = resource.attributes.iter().find(|pair| pair.key == "service.name").unwrap();
    let name = name.value.as_ref().unwrap().value.clone();
    assert_eq!(name, Some(Value::StringValue("orders".into())));
    let scope = &spans.scope_spans[0];
    assert_eq!(scope.scope.as_ref().unwrap().name, "traced");
    assert_eq!(scope.spans[0].name, "grpc::charge");
    assert_eq!(scope.spans[0].attributes[0].key, "order");
}

#[test]
fn spans_arrive_from_a_program_without_a_runtime() {
    in_a_process_of_its_own("grpc::spans_arrive_from_a_program_without_a_runtime", || {
        let (address, requests) = server();
        send_one(&address, Compression::None);
        assert_arrived(&requests);
    });
}

#[test]
fn spans_arrive_compressed() {
    in_a_process_of_its_own("grpc::spans_arrive_compressed", || {
        let (address, requests) = server();
        send_one(&address, Compression::Gzip);
        assert_arrived(&requests);
    });
}

fn on(runtime: &tokio::runtime::Runtime, work: impl Future<Output = ()>) {
    runtime.block_on(work);
}

#[test]
fn spans_arrive_from_inside_a_runtime_of_one_thread() {
    in_a_process_of_its_own("grpc::spans_arrive_from_inside_a_runtime_of_one_thread", || {
        let (address, requests) = server();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        on(&runtime, async { send_one(&address, Compression::None) });
        assert_arrived(&requests);
    });
}

#[test]
fn spans_arrive_from_inside_a_runtime_of_many_threads() {
    in_a_process_of_its_own("grpc::spans_arrive_from_inside_a_runtime_of_many_threads", || {
        let (address, requests) = server();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        on(&runtime, async { send_one(&address, Compression::None) });
        assert_arrived(&requests);
    });
}

#[test]
fn a_collector_that_is_down_costs_the_batch_and_no_more() {
    in_a_process_of_its_own("grpc::a_collector_that_is_down_costs_the_batch_and_no_more", || {
        let builder = builder_to("http://127.0.0.1:1").timeout(Duration::from_millis(100));
        let _installed = builder.install().unwrap();
        charge(7);
        assert!(flush());
        assert_eq!(stats().dropped(Dropped::Export), 1);
    });
}

#[test]
fn an_exporter_that_is_given_up_inside_a_runtime_does_not_panic() {
    let test = "grpc::an_exporter_that_is_given_up_inside_a_runtime_does_not_panic";
    in_a_process_of_its_own(test, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        on(&runtime, async {
            let no_file = traced::otlp::Pem::File("/there/is/no/such/file".into());
            let builder = builder_to("https://127.0.0.1:1").certificate(no_file);
            let error = builder.install().unwrap_err().to_string();
            assert!(error.contains("`/there/is/no/such/file` cannot be read"), "{error}");
        });
    });
}

#[test]
fn a_secure_address_needs_no_certificate_of_ones_own() {
    in_a_process_of_its_own("grpc::a_secure_address_needs_no_certificate_of_ones_own", || {
        let builder = builder_to("https://127.0.0.1:1").timeout(Duration::from_millis(100));
        let _installed = builder.install().unwrap();
        charge(7);
        assert!(flush());
        assert_eq!(stats().dropped(Dropped::Export), 1);
    });
}
