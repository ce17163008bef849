//! Non-interference over every exporter: the same program, a process of its own, with one secret and with others,
//! leaves the same bytes on the wire, on standard output and on standard error, but for ids and times.

use crate::program::program;
use crate::secret::Secret;
use crate::{grpc, http};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use std::io::Read;
use std::time::Duration;
use traced::memory::Memory;
use traced::otlp::{Compression, Protocol};
use traced::sampling::AlwaysOn;
use traced::{Builder, Destination};
use traced_tests::{PATIENCE, again, builder, flush};

/// The ways out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Http,
    Grpc,
    Zipkin,
    Stdout,
    Console,
    Memory,
    Manifest,
    Warnings,
}

const WAYS: [Way; 8] = [
    Way::Http,
    Way::Grpc,
    Way::Zipkin,
    Way::Stdout,
    Way::Console,
    Way::Memory,
    Way::Manifest,
    Way::Warnings,
];

/// Of other length, sign, variant, number of elements, and with nothing where there is something.
fn secrets() -> [Secret; 4] {
    let symbols = "\"},{\"key\":\"x\" '; DROP TABLE users;-- \u{1f511}\n?a=b&c=%2F#d\u{1b}[31m";
    let mut mixed = Secret::of(symbols);
    (mixed.optional, mixed.number, mixed.variant) = (None, i64::MIN, false);
    [Secret::other(), Secret::of("hunter2"), mixed, Secret::of(&"q7!Wj3?Xv5%KpY".repeat(2000))]
}

const WAY: &str = "TRACED_TEST_WAY";
const SECRET: &str = "TRACED_TEST_SECRET";
const ADDRESS: &str = "TRACED_TEST_ADDRESS";
/// Whether the program gives its secret away.
const PLANTED: &str = "TRACED_TEST_PLANTED";
const TEST: &str = "interference::what_is_exported_does_not_depend_on_secrets";

/// Nothing is sent but by a flush.
const NEVER: Duration = Duration::from_secs(1_000_000);

/// Runs in the process that was started for it.
fn be_the_program(way: Way, secret: &Secret, is_planted: bool) -> ! {
    let memory = Memory::new();
    let builder = builder().service_name("secrets").sampler(AlwaysOn).interval(NEVER);
    let installed = towards(way, builder, &memory).install().unwrap();
    // A second one, and a key that is none: both are said on standard error.
    drop(
        traced_tests::builder()
            .exporter(Memory::new())
            .install()
            .map_err(|error| eprintln!("{error}")),
    );
    program(secret);
    if is_planted {
        traced::span!("planted", %secret.text).in_scope(|| {});
        if matches!(way, Way::Manifest | Way::Warnings) {
            eprintln!("{}", secret.text);
        }
    }
    flush();
    match way {
        Way::Memory => memory.take().iter().for_each(|span| println!("{span:#?}")),
        Way::Manifest => {
            let rows = traced::manifest();
            println!("{rows:#?}\n{}\n{}", traced::manifest::markdown(&rows), traced::suggest());
        }
        Way::Warnings => eprintln!("{:#?}", traced::stats()),
        _ => {}
    }
    drop(installed);
    // Before the harness says how long it took.
    std::process::exit(0);
}

fn towards(way: Way, builder: Builder, memory: &Memory) -> Builder {
    let address = std::env::var(ADDRESS).unwrap_or_default();
    let otlp = |builder: Builder, path: &str| {
        let builder = builder.destination(Destination::Otlp).compression(Compression::Gzip);
        let builder = builder.timeout(PATIENCE);
        builder.endpoint(format!("http://{address}{path}")).header("authorization", "a secret, too")
    };
    match way {
        Way::Http => otlp(builder, "").protocol(Protocol::HttpProtobuf),
        // Nobody takes it, which is said.
        Way::Warnings => otlp(builder, ""),
        Way::Grpc => otlp(builder, "").protocol(Protocol::Grpc),
        Way::Zipkin => builder.destination(Destination::Zipkin),
        Way::Stdout => builder
            .exporter(traced::sdk::Exporter::new(opentelemetry_stdout::SpanExporter::default())),
        Way::Console => builder.destination(Destination::Console),
        Way::Memory | Way::Manifest => builder.exporter(memory.clone()),
    }
}

/// What the program left, without ids and times: on the wire, and what it said.
fn left(way: Way, number: usize, is_planted: bool) -> String {
    let mut child = again(TEST);
    child.env("OTEL_EXPORTER_ZIPKIN_TIMEOUT", PATIENCE.as_millis().to_string());
    child.env(WAY, format!("{way:?}")).env(SECRET, number.to_string()).env("NO_COLOR", "1");
    if is_planted {
        child.env(PLANTED, "1");
    }
    // Settings that are not understood are said on standard error.
    child.env("OTEL_BSP_MAX_QUEUE_SIZE", "many").env("OTEL_TRACES_SAMPLER_ARG", "2");
    let mut run = |address: &str| {
        child.env(ADDRESS, address);
        child.env("OTEL_EXPORTER_ZIPKIN_ENDPOINT", format!("http://{address}/api/v2/spans"));
        let output = child.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
        said.concat().replace(address, "address")
    };
    let (wire, said): (Vec<_>, _) = if way == Way::Grpc {
        let (address, requests) = grpc::server();
        let said = run(address.trim_start_matches("http://"));
        (requests.try_iter().map(|(_, request)| shown(request)).collect(), said)
    } else {
        let is_refused = way == Way::Warnings;
        let status = if is_refused { "400 Bad Request" } else { "200 OK" };
        let (address, requests) = http::server(status);
        let said = run(&address);
        (requests.try_iter().map(|(head, body)| opened(&head, &body)).collect(), said)
    };
    let is_sent = matches!(way, Way::Http | Way::Grpc | Way::Zipkin | Way::Warnings);
    assert_eq!(!wire.is_empty(), is_sent, "{way:?}");
    let left = wire.concat() + &said;
    match way {
        // These have attributes in no order.
        Way::Zipkin => sorted(&without_times(&left.replace([',', '{', '}'], "\n"))),
        Way::Stdout => sorted(&without_times(&left)),
        _ => without_times(&left),
    }
}

fn sorted(lines: &str) -> String {
    let mut lines: Vec<_> = lines.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// A body, readable: OTLP is protobuf, mostly compressed, Zipkin JSON.
fn opened(head: &str, body: &[u8]) -> String {
    let is_compressed = head.to_ascii_lowercase().contains("content-encoding: gzip");
    let mut plain = Vec::new();
    if is_compressed {
        flate2::read::GzDecoder::new(body).read_to_end(&mut plain).unwrap();
    } else {
        plain.extend_from_slice(body);
    }
    if head.contains("application/x-protobuf") {
        assert!(is_compressed, "{head}");
        return shown(ExportTraceServiceRequest::decode(&plain[..]).unwrap());
    }
    String::from_utf8(plain).unwrap()
}

fn shown(mut request: ExportTraceServiceRequest) -> String {
    for spans in &mut request.resource_spans {
        // The SDK has them in no order.
        let resource = spans.resource.get_or_insert_default();
        resource.attributes.sort_by(|one, other| one.key.cmp(&other.key));
    }
    let scopes = request.resource_spans.iter_mut().flat_map(|spans| &mut spans.scope_spans);
    for span in scopes.flat_map(|scope| &mut scope.spans) {
        for id in [&mut span.trace_id, &mut span.span_id, &mut span.parent_span_id] {
            id.clear();
        }
        span.links.iter_mut().for_each(|link| (link.trace_id, link.span_id) = Default::default());
    }
    format!("{request:#?}\n")
}

/// Ids and times, whoever wrote them, become `#`: long numbers, with letters in them or without, and those
/// before a unit of time. A bar of the console goes with the spaces around it.
fn without_times(text: &str) -> String {
    let is_bar = |c: char| ('\u{2500}'..='\u{259f}').contains(&c) || c == ' ';
    let mut told = String::new();
    let word_ends = |c: char| !(c.is_alphanumeric() || c == '.' || c == '_');
    for line in text.lines() {
        // Small numbers of Zipkin's, and dates of the SDK's standard output.
        let keys = ["\"duration\":", "\"timestamp\":", "Start time", "End time", "Timestamp"];
        if let Some(key) = keys.iter().find(|key| line.trim_start().starts_with(*key)) {
            told.push_str(key);
            told.push('\n');
            continue;
        }
        for word in line.split_inclusive(word_ends) {
            let bare = word.trim_end_matches(word_ends);
            let end = &word[bare.len()..];
            if is_id(bare) || is_time(bare) {
                told.push('#');
            } else {
                told.push_str(bare);
            }
            if !end.chars().all(is_bar) {
                told.push_str(end);
            }
        }
        told.push('\n');
    }
    told
}

fn is_id(word: &str) -> bool {
    let word = word.trim_start_matches("0x");
    word.len() >= 14 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        || word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_time(word: &str) -> bool {
    let number = ["ns", "\u{b5}s", "us", "ms", "s"].iter().find_map(|unit| word.strip_suffix(unit));
    number.is_some_and(|number| number.parse::<f64>().is_ok())
}

#[test]
fn what_is_exported_does_not_depend_on_secrets() {
    if let Ok(way) = std::env::var(WAY) {
        let way = WAYS.into_iter().find(|other| format!("{other:?}") == way).unwrap();
        let number: usize = std::env::var(SECRET).unwrap().parse().unwrap();
        be_the_program(way, &secrets()[number], std::env::var_os(PLANTED).is_some());
    }
    for way in WAYS {
        let reference = left(way, 0, false);
        let expected = match way {
            Way::Warnings => "OTEL_BSP_MAX_QUEUE_SIZE",
            Way::Manifest => "#[redact]",
            _ => "[redacted]",
        };
        assert!(reference.contains(expected), "{way:?}:\n{reference}");
        for number in 1..secrets().len() {
            let found = left(way, number, false);
            assert!(
                found == reference,
                "secret {number} shows in {way:?}:\n{}",
                changes(&reference, &found)
            );
        }
    }
}

#[test]
fn a_secret_that_gets_out_is_seen_on_each_way() {
    for way in WAYS {
        let [one, other] = [1, 3].map(|number| left(way, number, true));
        assert!(one != other && one.contains("hunter2"), "{way:?}:\n{one}");
    }
}

fn changes(reference: &str, found: &str) -> String {
    let pairs = reference.lines().zip(found.lines()).filter(|(one, other)| one != other);
    let shown = pairs.take(5).map(|(one, other)| format!("-{one}\n+{other}\n"));
    let lengths = [reference, found].map(|text| text.lines().count());
    shown.collect::<String>() + &format!("of {lengths:?} lines")
}
