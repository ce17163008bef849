//! Spans on their way to a collector that is well, busy, wrong, slow or gone: each test in a process of its own.

use crate::compare::decode;
use crate::sink::{Reply, Request, Sink};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use std::time::Duration;
use traced::otlp::{Compression, Otlp, Pem, Settings};
use traced::sampling::AlwaysOn;
use traced::{Dropped, Installed, Stats, stats};
use traced_tests::{
    Deserted, PATIENCE, before_a_part_is_due, builder, flush, in_a_process_of_its_own, leaf, open,
};

const NEVER: Duration = Duration::from_secs(1_000_000);
const SOON: Duration = Duration::from_millis(1);

/// Retries and probes come at once, and no answer comes too late.
fn settings(endpoint: &str) -> Settings {
    let mut settings = Settings::new(endpoint);
    settings.timeout = PATIENCE;
    settings.retry.pause = SOON;
    settings.retry.longest_pause = SOON;
    settings.retry.probe = SOON;
    settings
}

fn install(settings: &Settings) -> Installed {
    install_until(settings, PATIENCE)
}

/// One whose end is waited for no longer than this.
fn install_until(settings: &Settings, limit: Duration) -> Installed {
    let exporter = Otlp::new(settings).unwrap();
    let builder = builder().sampler(AlwaysOn).exporter(exporter).interval(NEVER);
    builder.shutdown_within(limit).install().unwrap()
}

fn trace() {
    open!(_root = "root");
    leaf();
}

#[track_caller]
fn assert_settled(exported: u64, failed: u64) -> Stats {
    let stats = stats();
    assert_eq!(stats.created, exported + failed, "{stats:?}");
    assert_eq!((stats.exported, stats.pending), (exported, 0), "{stats:?}");
    assert_eq!(stats.dropped(Dropped::Export), failed, "{stats:?}");
    stats
}

fn spans(requests: &[Request]) -> usize {
    requests.iter().map(Request::spans).sum()
}

#[test]
fn spans_arrive_with_the_headers_of_the_settings() {
    in_a_process_of_its_own("delivery::spans_arrive_with_the_headers_of_the_settings", || {
        let sink = Sink::new([]);
        let mut settings = settings(&sink.endpoint());
        settings.headers.push(("api-key".into(), "secret".into()));
        let _installed = install(&settings);
        trace();
        assert!(flush());
        let [request] = &sink.requests()[..] else { panic!("{:?}", sink.requests()) };
        assert_eq!(request.line, "POST /v1/traces HTTP/1.1");
        assert_eq!(request.header("content-type"), Some("application/x-protobuf"));
        assert_eq!(request.header("api-key"), Some("secret"));
        assert!(request.header("user-agent").unwrap().starts_with("OTel-OTLP-Exporter-Rust"));
        assert_eq!(request.spans(), 2);
        assert_settled(2, 0);
        assert!(!format!("{settings:?}").contains("secret"), "headers are secrets");
    });
}

#[test]
fn gzip_makes_bodies_shorter() {
    in_a_process_of_its_own("delivery::gzip_makes_bodies_shorter", || {
        let sink = Sink::new([]);
        let mut settings = settings(&sink.endpoint());
        settings.compression = Compression::Gzip;
        let _installed = install(&settings);
        (0..100).for_each(|_| trace());
        assert!(flush());
        let [request] = &sink.requests()[..] else { panic!("{:?}", sink.requests()) };
        assert_eq!(request.spans(), 200);
        assert!(request.length < request.body.len() / 2);
    });
}

/// One batch meets these replies, and after so many requests this many spans of two were taken.
#[track_caller]
fn meets(test: &str, replies: &[Reply], requests: usize, taken: u64) {
    in_a_process_of_its_own(&format!("delivery::{test}"), || {
        let sink = Sink::new(replies.to_vec());
        let _installed = install(&settings(&sink.endpoint()));
        trace();
        assert!(flush());
        let seen = sink.requests();
        assert_eq!(seen.len(), requests);
        assert!(seen.iter().all(|request| request.body == seen[0].body));
        assert_settled(taken, 2 - taken);
    });
}

fn status(status: u16) -> Reply {
    Reply::Answer(status, "", Vec::new())
}

#[test]
fn a_busy_collector_is_asked_again() {
    let busy = [status(429), status(503), status(502), status(504)];
    meets("a_busy_collector_is_asked_again", &busy, 5, 2);
}

#[test]
fn a_collector_that_stays_busy_costs_the_batch() {
    let test = "a_collector_that_stays_busy_costs_the_batch";
    meets(test, &[const { Reply::Answer(503, "", Vec::new()) }; 9], 5, 0);
}

#[test]
fn retry_after_is_obeyed() {
    let at_once = Reply::Answer(503, "retry-after: 0\r\n", Vec::new());
    meets("retry_after_is_obeyed", &[at_once], 2, 2);
}

#[test]
fn retry_after_that_is_too_late_costs_the_batch() {
    let late = Reply::Answer(503, "retry-after: 3600\r\n", Vec::new());
    meets("retry_after_that_is_too_late_costs_the_batch", &[late], 1, 0);
}

#[test]
fn an_internal_error_is_final() {
    meets("an_internal_error_is_final", &[status(500)], 1, 0);
}

#[test]
fn no_patience_is_too_long() {
    in_a_process_of_its_own("delivery::no_patience_is_too_long", || {
        let sink = Sink::new([status(503)]);
        let mut settings = settings(&sink.endpoint());
        settings.timeout = Duration::MAX;
        settings.retry.longest_pause = Duration::MAX;
        settings.retry.probe = Duration::MAX;
        let _installed = install(&settings);
        trace();
        assert!(flush());
        assert_settled(2, 0);
    });
}

#[test]
fn a_bad_request_is_final() {
    meets("a_bad_request_is_final", &[status(400)], 1, 0);
}

#[test]
fn a_connection_that_is_closed_without_an_answer_is_tried_again() {
    let test = "a_connection_that_is_closed_without_an_answer_is_tried_again";
    meets(test, &[Reply::Close], 2, 2);
}

#[test]
fn half_an_answer_is_one() {
    meets("half_an_answer_is_one", &[Reply::Half(200)], 1, 2);
}

#[test]
fn what_a_partial_success_rejects_is_counted_and_not_sent_again() {
    let test = "what_a_partial_success_rejects_is_counted_and_not_sent_again";
    let body = [b"\x0a\x09\x08\x01\x12\x05".as_slice(), b"older"].concat();
    meets(test, &[Reply::Answer(200, "", body)], 1, 1);
}

#[test]
fn an_answer_that_is_too_long_is_one() {
    let long = Reply::Answer(200, "", vec![0xff; 5 << 20]);
    meets("an_answer_that_is_too_long_is_one", &[long], 1, 2);
}

#[test]
fn nobody_is_followed_elsewhere() {
    in_a_process_of_its_own("delivery::nobody_is_followed_elsewhere", || {
        let elsewhere = Sink::new([]);
        let location = format!("location: {}\r\n", elsewhere.endpoint());
        let sink = Sink::new([Reply::Answer(307, location.leak(), Vec::new())]);
        let _installed = install(&settings(&sink.endpoint()));
        trace();
        assert!(flush());
        assert_eq!((sink.requests().len(), elsewhere.requests().len()), (1, 0));
        assert_settled(0, 2);
    });
}

#[test]
fn a_collector_that_hangs_costs_the_batch() {
    in_a_process_of_its_own("delivery::a_collector_that_hangs_costs_the_batch", || {
        let sink = Sink::new([Reply::Hang]);
        let mut settings = settings(&sink.endpoint());
        settings.timeout = Duration::from_millis(100);
        let _installed = install(&settings);
        trace();
        assert!(flush());
        assert_settled(0, 2);
    });
}

#[test]
fn a_flush_waits_no_longer_than_it_says() {
    in_a_process_of_its_own("delivery::a_flush_waits_no_longer_than_it_says", || {
        let sink = Sink::new([Reply::Hang]);
        let mut settings = settings(&sink.endpoint());
        settings.timeout = NEVER;
        let installed = install_until(&settings, SOON);
        trace();
        assert!(!traced::flush_within(SOON), "nobody has answered");
        assert_eq!(stats().pending, 2);
        assert_eq!(sink.wait_for(1).len(), 1);
        drop(installed);
        assert_eq!(sink.requests().len(), 1);
    });
}

#[test]
fn a_shutdown_waits_no_longer_for_what_is_on_its_way_and_counts_it_later() {
    let test = "delivery::a_shutdown_waits_no_longer_for_what_is_on_its_way_and_counts_it_later";
    in_a_process_of_its_own(test, || {
        let sink = Sink::new([Reply::Hang]);
        let mut settings = settings(&sink.endpoint());
        settings.timeout = NEVER;
        let installed = install_until(&settings, SOON);
        trace();
        assert!(!traced::flush_within(SOON), "it is on its way");
        sink.wait_for(1);
        trace();
        let ended = installed.shut_down();
        assert!(!ended.in_time && !flush(), "nobody has answered");
        let stats = ended.stats;
        let known = stats.exported + stats.dropped_in_all();
        assert!(stats.pending >= 2, "what is on its way is neither sent nor lost: {stats:?}");
        assert_eq!(stats.created, known + stats.pending, "{stats:?}");
        sink.let_go();
        while traced::stats().pending > 0 {
            std::thread::sleep(SOON);
        }
        assert_settled(0, 4);
    });
}

#[test]
fn a_collector_that_comes_back_gets_spans_again() {
    in_a_process_of_its_own("delivery::a_collector_that_comes_back_gets_spans_again", || {
        let nobody = Deserted::new();
        let endpoint = format!("http://{}/v1/traces", nobody.address());
        let _installed = install(&settings(&endpoint));
        for _ in 0..3 {
            trace();
            assert!(flush());
        }
        assert_settled(0, 6);
        let sink = Sink::at(nobody.listen(), []);
        // Nobody is asked before then.
        std::thread::sleep(10 * SOON);
        trace();
        assert!(flush());
        assert_eq!(sink.requests().len(), 1);
        assert_settled(2, 6);
    });
}

#[test]
fn nobody_is_asked_while_the_exporter_is_dormant() {
    in_a_process_of_its_own("delivery::nobody_is_asked_while_the_exporter_is_dormant", || {
        let sink = Sink::new(vec![status(503); 5]);
        let mut settings = settings(&sink.endpoint());
        settings.retry.probe = NEVER;
        let _installed = install(&settings);
        for _ in 0..10 {
            trace();
            assert!(flush());
        }
        assert_eq!(sink.requests().len(), 5);
        assert_settled(0, 20);
    });
}

#[test]
fn a_collector_that_refuses_everything_is_left_alone() {
    in_a_process_of_its_own("delivery::a_collector_that_refuses_everything_is_left_alone", || {
        let sink = Sink::new(vec![status(401); 100]);
        let mut settings = settings(&sink.endpoint());
        settings.retry.probe = NEVER;
        let _installed = install(&settings);
        for _ in 0..20 {
            trace();
            assert!(flush());
        }
        assert_eq!(sink.requests().len(), 5);
        assert_settled(0, 40);
    });
}

#[test]
fn bodies_are_split() {
    in_a_process_of_its_own("delivery::bodies_are_split", || {
        let sink = Sink::new([]);
        let mut settings = settings(&sink.endpoint());
        settings.body_bytes = 10_000;
        settings.max_spans = 30;
        let _installed = install(&settings);
        (0..100).for_each(|_| trace());
        assert!(flush());
        let requests = sink.requests();
        assert_eq!(spans(&requests), 200);
        assert!(requests.iter().all(|request| request.spans() <= 30 && request.length < 11_000));
        assert_settled(200, 0);
    });
}

#[test]
fn huge_attributes_arrive() {
    #[traced::traced]
    fn huge(#[public] text: &str) {
        let _ = text;
    }

    in_a_process_of_its_own("delivery::huge_attributes_arrive", || {
        let sink = Sink::new([]);
        let _installed = install(&settings(&sink.endpoint()));
        let text = "x".repeat(100_000);
        (0..200).for_each(|_| huge(&text));
        assert!(flush());
        let requests = sink.requests();
        assert_eq!(spans(&requests), 200);
        assert!(requests.len() > 1, "three megabytes are more than one body");
        assert_settled(200, 0);
    });
}

#[traced::traced]
fn call() {}

#[traced::traced]
fn import() {
    (0..1_000_000).for_each(|_| call());
}

/// As OTLP sends by default: not compressed, with the places in the source.
#[test]
fn a_loop_of_a_million_calls_is_less_than_a_kibibyte() {
    in_a_process_of_its_own("delivery::a_loop_of_a_million_calls_is_less_than_a_kibibyte", || {
        let sink = Sink::new([]);
        let _installed = install(&settings(&sink.endpoint()));
        let mut imports = 0;
        before_a_part_is_due(|| {
            import();
            assert!(flush());
            imports += 1;
        });
        let requests = sink.requests();
        assert!(requests.len() >= imports, "{requests:?}");
        let request = requests.last().unwrap();
        assert!(request.length < 1024, "{} bytes", request.length);
        let counts = decode(&request.body).into_values().map(|(_, span)| {
            let count = span.attributes.iter().find(|attribute| attribute.key == "traced.count");
            match count.and_then(|count| count.value.clone()?.value) {
                Some(Value::IntValue(count)) => count,
                other => other.map_or(1, |other| panic!("{other:?}")),
            }
        });
        assert_eq!(counts.sum::<i64>(), 1_000_001);
        let stats = stats();
        let created = imports as u64 * 1_000_001;
        assert_eq!((stats.created, stats.pending), (created, 0), "{stats:?}");
        assert_eq!(stats.exported + stats.dropped(Dropped::Folded), created, "{stats:?}");
    });
}

#[test]
fn what_piles_up_before_a_collector_that_hangs_is_bounded_and_counted() {
    let test = "delivery::what_piles_up_before_a_collector_that_hangs_is_bounded_and_counted";
    in_a_process_of_its_own(test, || {
        let sink = Sink::new([Reply::Hang]);
        let mut settings = settings(&sink.endpoint());
        settings.timeout = NEVER;
        let exporter = Otlp::new(&settings).unwrap();
        let builder = builder().sampler(AlwaysOn).exporter(exporter);
        let _installed = builder.interval(SOON).memory_limit(1 << 20).install().unwrap();
        trace();
        sink.wait_for(1);
        (0..100_000).for_each(|_| trace());
        let stats = stats();
        assert!(stats.dropped(Dropped::OutboxFull) > 100_000, "{stats:?}");
        sink.let_go();
        let sum = stats.exported + stats.pending + stats.dropped_in_all();
        assert_eq!(stats.created, sum, "{stats:?}");
    });
}

/// Twelve mebibytes of records meet a limit of eight while nothing can be sent.
#[test]
fn what_waits_for_a_slow_collector_takes_little_room_and_arrives() {
    let test = "delivery::what_waits_for_a_slow_collector_takes_little_room_and_arrives";
    in_a_process_of_its_own(test, || {
        let sink = Sink::new([Reply::Hang]);
        let exporter = Otlp::new(&settings(&sink.endpoint())).unwrap();
        let builder = builder().sampler(AlwaysOn).exporter(exporter);
        let _installed = builder.interval(SOON).memory_limit(8 << 20).install().unwrap();
        trace();
        sink.wait_for(1);
        for number in 0..1_900 {
            open!(_root = "root");
            for _ in 0..100 {
                open!(_inner = "inner");
                leaf();
            }
            if number % 25 == 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        sink.let_go();
        assert!(flush());
        assert_settled(2 + 1_900 * 201, 0);
    });
}

#[test]
fn settings_that_make_no_sense_are_refused_with_a_reason() {
    let refused = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        Otlp::new(&settings).unwrap_err().to_string()
    };
    let endpoint = refused(|settings| settings.endpoint = "localhost:4318".into());
    assert!(endpoint.contains("localhost:4318"), "{endpoint}");
    let header = refused(|settings| settings.headers.push(("a b".into(), "secret".into())));
    assert!(header.contains("a b") && !header.contains("secret"), "{header}");
    let ours = refused(|settings| settings.headers.push(("Content-Length".into(), "7".into())));
    assert!(ours.contains("Content-Length"), "{ours}");
    let file = refused(|settings| settings.certificate = Some(Pem::File("/not/there.pem".into())));
    assert!(file.contains("/not/there.pem"), "{file}");
    let empty = refused(|settings| settings.certificate = Some(Pem::Bytes(b"nothing".to_vec())));
    assert!(empty.contains("no certificate"), "{empty}");
    let alone = refused(|settings| settings.client_key = Some(Pem::Bytes(Vec::new())));
    assert!(alone.contains("needs its certificate"), "{alone}");
}
