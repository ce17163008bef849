//! The shop runs, shows whole traces, and betrays nobody: on the terminal and in the bytes that a collector gets.

#![allow(missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;

/// Of each secret a part that is long enough to be no accident; the last four digits of a card may be told.
const SECRETS: [&str; 4] = ["jane.doe", "42424242", "4000000000", "0000000119"];

fn shop() -> Command {
    let mut shop = Command::new(env!("CARGO_BIN_EXE_shop"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_others(&name.to_string_lossy())) {
        shop.env_remove(name);
    }
    shop
}

/// Variables that decide where spans go, and which.
fn is_of_others(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("OTEL_") || name.starts_with("TRACED") || name.ends_with("_PROXY")
}

fn said(output: &Output) -> String {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(said).expect("the shop speaks UTF-8")
}

fn assert_betrays_nobody(text: &[u8]) {
    for secret in SECRETS {
        let found = text.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!found, "`{secret}` is in the output");
    }
}

#[test]
fn traces_go_through_all_services_and_tell_no_secret() {
    let output = shop().env("COLUMNS", "200").output().expect("the shop starts");
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert_betrays_nobody(said.as_bytes());
    for expected in [
        "orders: PUT /orders/{id}",
        "inventory: POST /reservations",
        "payment: POST /charges",
        "shipping: POST /shipments",
        "├ print label",
        "order.email=[redacted]",
        "order.card.number=…4242",
        "the issuer declined [redacted]: insufficient funds",
        "ShopError::OutOfStock",
        "· slow threshold_ms=5.0",
        "links=10",
        "42 requests: ",
        "dropped: none",
        "found in them: 0",
    ] {
        assert!(said.contains(expected), "`{expected}` is missing in\n{said}");
    }
    // One for each order and each look-up, and three for the books.
    assert!(said.contains(" spans in 45 traces."), "{said}");
}

#[test]
fn a_collector_gets_the_spans_of_all_services_and_no_secret() {
    let (address, received) = collector();
    let mut shop = shop();
    shop.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}"));
    // However slow the machine is.
    shop.env("OTEL_EXPORTER_OTLP_TIMEOUT", "300000");
    let output = shop.output().expect("the shop starts");
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert_betrays_nobody(said.as_bytes());

    let bytes = received.lock().unwrap();
    assert_betrays_nobody(&bytes);
    // Names and attributes lie in protobuf as they are.
    for expected in [
        "inventory",
        "PUT /orders/{id}",
        "order.card.number",
        "[redacted]",
        "print label",
        "db.query.text",
    ] {
        let found = bytes.windows(expected.len()).any(|part| part == expected.as_bytes());
        assert!(found, "`{expected}` did not arrive");
    }
}

/// Takes everything, and says that all is well.
fn collector() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(Vec::new()));
    let all = received.clone();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let all = all.clone();
            thread::spawn(move || answer(connection, &all));
        }
    });
    (address, received)
}

fn answer(connection: TcpStream, all: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let mut requests = BufReader::new(connection.try_clone()?);
    let mut answers = connection;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if requests.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        requests.read_exact(&mut body)?;
        all.lock().unwrap().extend_from_slice(&body);
        answers.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
    }
}
