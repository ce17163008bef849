//! Zipkin, against a server that says what it got.

use crate::http::server;
use std::time::Duration;
use traced::{Destination, Dropped, stats, traced};
use traced_tests::{PATIENCE, again, builder, flush, in_a_process_of_its_own, is_again};

#[traced(kind = client)]
fn charge(order: u64) {
    assert!(order > 0);
}

fn install(endpoint: &str) -> traced::Installed {
    assert_eq!(std::env::var("OTEL_EXPORTER_ZIPKIN_ENDPOINT").unwrap(), endpoint);
    let builder = builder().service_name("orders").destination(Destination::Zipkin);
    builder.interval(Duration::from_secs(1_000_000)).install().unwrap()
}

/// The address must be known before the process starts: the server lives in the parent.
fn sent_to_zipkin(
    test: &str,
    status: &'static str,
    check: impl FnOnce(),
) -> Option<(String, String)> {
    if is_again() {
        let _installed = install(&std::env::var("OTEL_EXPORTER_ZIPKIN_ENDPOINT").unwrap());
        charge(7);
        assert!(flush());
        check();
        return None;
    }
    let (address, requests) = server(status);
    let mut child = again(test);
    let address = format!("http://{address}/api/v2/spans");
    child.env("OTEL_EXPORTER_ZIPKIN_TIMEOUT", PATIENCE.as_millis().to_string());
    let output = child.env("OTEL_EXPORTER_ZIPKIN_ENDPOINT", address).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let (head, body) = requests.recv_timeout(PATIENCE).unwrap();
    Some((head, String::from_utf8(body).unwrap()))
}

#[test]
fn spans_arrive_as_zipkin_writes_them() {
    let request =
        sent_to_zipkin("zipkin::spans_arrive_as_zipkin_writes_them", "202 Accepted", || {
            assert_eq!(stats().exported, 1);
        });
    let Some((head, body)) = request else { return };
    assert!(head.starts_with("POST /api/v2/spans HTTP/1.1\r\n"), "{head}");
    for expected in [r#""name":"zipkin::charge""#, r#""kind":"CLIENT""#, r#""order":"7""#] {
        assert!(body.contains(expected), "{expected} in {body}");
    }
}

#[test]
fn a_refusal_costs_the_batch() {
    let test = "zipkin::a_refusal_costs_the_batch";
    let request = sent_to_zipkin(test, "500 Internal Server Error", || {
        assert_eq!(stats().dropped(Dropped::Export), 1);
    });
    let Some((_, body)) = request else { return };
    assert!(body.contains("zipkin::charge"), "{body}");
}

#[test]
fn inside_of_a_runtime_it_works_too() {
    in_a_process_of_its_own("zipkin::inside_of_a_runtime_it_works_too", || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            // Nobody listens there; what counts is that nothing panics.
            let builder = builder().destination(Destination::Zipkin);
            let _installed = builder.interval(Duration::from_secs(1_000_000)).install().unwrap();
            charge(7);
            assert!(flush());
            assert_eq!(stats().created, 1);
        });
    });
}
