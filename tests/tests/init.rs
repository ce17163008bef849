//! `traced::init()` and what the variables make of it: each test in a process with an environment of its own.

#![allow(missing_docs)]

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use traced::data::{Attribute, Limits, Resource, Span};
use traced::memory::Memory;
use traced::sampling::AlwaysOn;
use traced::{Destination, Export, InstallError, traced};
use traced_tests::{PATIENCE, again, builder, flush, is_again};

/// Runs `body` in a process with these variables, and returns what it said on standard error; there it returns
/// nothing.
#[track_caller]
fn said(test: &str, variables: &[(&str, &str)], body: impl FnOnce()) -> Option<String> {
    if is_again() {
        body();
        return None;
    }
    let output = again(test).envs(variables.iter().copied()).output().expect("a process");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stdout.contains("1 passed"), "{stdout}\n{stderr}");
    Some(stderr)
}

/// The lines that are ours.
fn lines(said: &str) -> Vec<&str> {
    said.lines().filter_map(|line| line.strip_prefix("traced: ")).collect()
}

#[traced]
fn charge(order: u64, tries: u64) {
    let _ = (order, tries);
}

#[traced(level = "debug")]
fn look() {}

#[traced]
fn ours(work: impl FnOnce()) {
    work();
}

fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| &*span.name).collect()
}

/// Keeps spans, and who sent them.
#[derive(Clone, Debug, Default)]
struct Listener {
    resource: Arc<Mutex<Resource>>,
    memory: Memory,
}

impl Export for Listener {
    fn resource(&mut self, resource: &Resource) {
        *self.resource.lock().unwrap() = resource.clone();
    }

    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.memory.export(spans)
    }
}

impl Listener {
    fn resource(&self, key: &str) -> Option<Attribute> {
        assert!(flush());
        self.resource.lock().unwrap().attribute(key).cloned()
    }
}

#[test]
fn nothing_configured_goes_to_the_default_collector() {
    let test = "nothing_configured_goes_to_the_default_collector";
    for variables in [&[][..], &[("CI", "true")], &[("OTEL_SERVICE_NAME", "")]] {
        let Some(said) = said(test, variables, || drop(traced::init())) else { return };
        let line = lines(&said)[0];
        assert!(line.starts_with("unknown_service:init-"), "{said}");
        assert!(
            line.ends_with(" → http://localhost:4318 (default, nothing configured), budget 100/s"),
            "{said}"
        );
    }
}

#[test]
fn the_start_line_names_service_version_and_the_variable_that_decided() {
    let test = "the_start_line_names_service_version_and_the_variable_that_decided";
    let variables = [
        ("OTEL_SERVICE_NAME", "orders"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.version=1.4.2"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:hunter2@127.0.0.1:1/"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.5"),
    ];
    let Some(said) = said(test, &variables, || drop(traced::init!())) else { return };
    let expected = "orders 1.4.2 → http://127.0.0.1:1 (OTEL_EXPORTER_OTLP_ENDPOINT), \
                    sampler parentbased_traceidratio 0.5";
    assert_eq!(lines(&said)[0], expected);
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn the_console_draws_what_ended() {
    let test = "the_console_draws_what_ended";
    let Some(said) = said(test, &[("OTEL_TRACES_EXPORTER", "console")], || {
        let _traced = traced::init!();
        charge(7, 1);
        assert!(flush());
    }) else {
        return;
    };
    assert!(
        lines(&said)[0].ends_with(" 0.0.0 → standard error (OTEL_TRACES_EXPORTER), budget 100/s"),
        "{said}"
    );
    assert!(said.contains("charge order=7 tries=1"), "{said}");
}

#[test]
fn a_disabled_sdk_records_nothing_whatever_code_says() {
    let test = "a_disabled_sdk_records_nothing_whatever_code_says";
    let Some(said) = said(test, &[("OTEL_SDK_DISABLED", "TRUE")], || {
        let memory = Memory::new();
        let installed = builder().exporter(memory.clone()).install().unwrap();
        assert!(!installed.is_active());
        charge(7, 1);
        assert!(flush());
        drop(installed);
        let report = traced::doctor().to_string();
        assert!(report.contains("\nswitched off (OTEL_SDK_DISABLED=true)\n"), "{report}");
        assert!(!report.contains("\nspans\n") && !report.contains("somebody else's"), "{report}");
        assert!(memory.take().is_empty());
        assert_eq!(traced::stats().created, 0);
    }) else {
        return;
    };
    assert_eq!(said, "traced: switched off (OTEL_SDK_DISABLED=true)\n");
}

#[test]
fn no_exporter_means_no_tracing() {
    let Some(said) =
        said("no_exporter_means_no_tracing", &[("OTEL_TRACES_EXPORTER", "none")], || {
            let installed = traced::init();
            charge(7, 1);
            assert!(!installed.is_active());
            assert_eq!(traced::stats().created, 0);
        })
    else {
        return;
    };
    assert_eq!(said, "traced: switched off (OTEL_TRACES_EXPORTER=none)\n");
}

#[test]
fn a_second_init_says_so_and_changes_nothing() {
    let test = "a_second_init_says_so_and_changes_nothing";
    let Some(said) = said(test, &[("OTEL_BSP_SCHEDULE_DELAY", "never")], || {
        let memory = Memory::new();
        let first = builder().exporter(memory.clone()).install().unwrap();
        let second = traced::init();
        assert!(first.is_active() && !second.is_active());
        drop(second);
        charge(7, 1);
        assert!(flush());
        assert_eq!(names(&memory.take()), ["charge"]);
    }) else {
        return;
    };
    let lines = lines(&said);
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[0].starts_with("OTEL_BSP_SCHEDULE_DELAY=\"never\": "), "{said}");
    assert!(lines[1].ends_with(" → an exporter in code, budget 100/s"), "{said}");
    assert_eq!(lines[2], "set up a second time; what was set up first stays as it is");
}

#[test]
fn a_guard_that_is_dropped_at_once_is_told_when_somebody_comes() {
    let test = "a_guard_that_is_dropped_at_once_is_told_when_somebody_comes";
    let Some(said) = said(test, &[("OTEL_LOG_LEVEL", "warn")], || {
        let _ = traced::init();
        charge(7, 1);
        charge(7, 2);
        look();
    }) else {
        return;
    };
    assert_eq!(
        lines(&said),
        ["charge is not traced: the guard of tracing was dropped before the first span; \
          keep it to the end of main, as in `let _traced = traced::init!();`"]
    );
}

#[test]
fn a_guard_that_is_dropped_at_the_end_is_no_mistake() {
    let test = "a_guard_that_is_dropped_at_the_end_is_no_mistake";
    let variables = [("OTEL_LOG_LEVEL", "warn"), ("OTEL_TRACES_EXPORTER", "console")];
    let Some(said) = said(test, &variables, || {
        let installed = traced::init();
        charge(7, 1);
        assert!(flush());
        drop(installed);
        charge(7, 2);
        look();
    }) else {
        return;
    };
    assert_eq!(lines(&said), [""; 0], "{said}");
}

#[test]
fn bad_values_are_told_once_each_and_the_program_runs() {
    let test = "bad_values_are_told_once_each_and_the_program_runs";
    let variables = [
        ("OTEL_TRACES_EXPORTER", "smoke,console"),
        ("OTEL_BSP_SCHEDULE_DELAY", "never"),
        ("OTEL_TRACES_SAMPLER", "by mood"),
        ("OTEL_PROPAGATORS", "pigeon"),
        ("TRACED", "shop=loud"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"),
    ];
    let Some(said) = said(test, &variables, || {
        let _traced = traced::init();
        charge(7, 1);
        assert!(flush());
    }) else {
        return;
    };
    let lines = lines(&said);
    for (name, _) in variables {
        let about = lines.iter().filter(|line| line.starts_with(name));
        assert!(about.count() >= 1, "{name} in {said}");
    }
    assert_eq!(lines.len(), variables.len() + 1, "{said}");
    assert!(said.contains("charge order=7"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn the_log_level_decides_what_is_said() {
    let bad = ("OTEL_BSP_SCHEDULE_DELAY", "never");
    for (level, lines_expected) in
        [("none", 0), ("error", 0), ("warn", 1), ("info", 2), ("debug", 2)]
    {
        let variables = [bad, ("OTEL_LOG_LEVEL", level), ("OTEL_TRACES_EXPORTER", "console")];
        let test = "the_log_level_decides_what_is_said";
        let Some(said) = said(test, &variables, || drop(traced::init())) else { return };
        assert_eq!(lines(&said).len(), lines_expected, "{level}: {said}");
    }
}

#[test]
fn code_outweighs_variables() {
    let variables = [
        ("OTEL_SERVICE_NAME", "by variable"),
        ("OTEL_RESOURCE_ATTRIBUTES", "zone=by%20variable,host=h"),
        ("OTEL_TRACES_SAMPLER", "always_off"),
        ("TRACED", "off"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "0"),
        ("OTEL_TRACES_EXPORTER", "none"),
    ];
    let test = "code_outweighs_variables";
    let Some(said) = said(test, &variables, || {
        let listener = Listener::default();
        let mut limits = Limits::default();
        limits.attributes = 1;
        let _installed = builder()
            .service_name("by code")
            .resource("zone", "by code")
            .sampler(AlwaysOn)
            .filter("debug")
            .limits(limits)
            .exporter(listener.clone())
            .install()
            .unwrap();
        charge(7, 1);
        look();
        assert_eq!(listener.resource("service.name"), Some("by code".into()));
        assert_eq!(listener.resource("zone"), Some("by code".into()));
        assert_eq!(listener.resource("host"), Some("h".into()));
        let spans = listener.memory.take();
        assert_eq!(names(&spans), ["charge", "look"]);
        assert_eq!((spans[0].attributes.len(), spans[0].dropped_attributes), (1, 1));
    }) else {
        return;
    };
    assert_eq!(lines(&said).len(), 1, "{said}");
}

#[test]
fn variables_reach_the_pipeline() {
    let variables = [
        ("OTEL_SERVICE_NAME", "orders"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=list,zone=a%2Cb"),
        ("TRACED", "debug"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1"),
    ];
    let Some(_) = said("variables_reach_the_pipeline", &variables, || {
        let listener = Listener::default();
        let _installed = builder().exporter(listener.clone()).install().unwrap();
        charge(7, 1);
        look();
        assert_eq!(listener.resource("service.name"), Some("orders".into()));
        assert_eq!(listener.resource("zone"), Some("a,b".into()));
        assert_eq!(listener.resource("telemetry.sdk.language"), Some("rust".into()));
        let spans = listener.memory.take();
        assert_eq!(names(&spans), ["charge", "look"]);
        assert_eq!(spans[0].attributes.len(), 1);
    }) else {
        return;
    };
}

#[test]
fn a_sampler_by_variable_is_obeyed() {
    for (sampler, argument, exported) in [
        ("always_off", "", 0),
        ("always_on", "", 2),
        ("traceidratio", "0", 0),
        ("traceidratio", "1", 2),
    ] {
        let expected = exported.to_string();
        let variables = [
            ("OTEL_TRACES_SAMPLER", sampler),
            ("OTEL_TRACES_SAMPLER_ARG", argument),
            ("TRACED_TEST_EXPECTED", &expected),
        ];
        let Some(_) = said("a_sampler_by_variable_is_obeyed", &variables, || {
            let memory = Memory::new();
            let _installed = builder().exporter(memory.clone()).install().unwrap();
            charge(7, 1);
            charge(7, 2);
            assert!(flush());
            let expected = std::env::var("TRACED_TEST_EXPECTED").unwrap();
            assert_eq!(memory.take().len().to_string(), expected);
        }) else {
            return;
        };
    }
}

#[test]
fn mistakes_in_code_are_errors() {
    let variables = [("OTEL_BSP_SCHEDULE_DELAY", "never")];
    let Some(said) = said("mistakes_in_code_are_errors", &variables, || {
        let error = |builder: traced::Builder| builder.install().unwrap_err();
        let filter = error(builder().filter("shop=loud"));
        assert!(matches!(filter, InstallError::Filter(_)));
        assert!(filter.to_string().contains("unknown level `loud`"), "{filter}");
        let endpoint = error(builder().endpoint("me:hunter2@collector"));
        assert_eq!(endpoint.to_string(), "(not shown): an address without http:// or https://");
        let header = error(builder().header("a b", "hunter2"));
        assert!(header.to_string().starts_with(r#"the header "a b" cannot be sent"#), "{header}");
        let header = error(builder().header("Content-Type", "text/plain"));
        assert!(matches!(header, InstallError::Header(_)), "{header}");
        if !cfg!(feature = "exporters") {
            let not_built = error(builder().destination(Destination::Zipkin));
            assert!(not_built.to_string().contains("`cargo add traced -F zipkin`"), "{not_built}");
        }
        // None of them took the place of the pipeline.
        let memory = Memory::new();
        let _installed = builder().exporter(memory.clone()).install().unwrap();
        assert!(matches!(builder().install(), Err(InstallError::AlreadyInstalled)));
    }) else {
        return;
    };
    // The warning once, and what was set up in the end.
    assert_eq!(lines(&said).len(), 2, "{said}");
}

#[test]
fn an_exporter_in_code_and_a_destination_both_get_all_spans() {
    let test = "an_exporter_in_code_and_a_destination_both_get_all_spans";
    let Some(said) = said(test, &[], || {
        let memory = Memory::new();
        let builder = builder().exporter(memory.clone()).destination(Destination::Console);
        let _installed = builder.interval(Duration::from_secs(1000)).install().unwrap();
        charge(7, 1);
        assert!(flush());
        assert_eq!(names(&memory.take()), ["charge"]);
    }) else {
        return;
    };
    assert!(
        lines(&said)[0].ends_with(" → an exporter in code and standard error (code), budget 100/s"),
        "{said}"
    );
    assert!(said.contains("charge order=7"), "{said}");
}

#[test]
fn the_doctor_says_what_is_set_up_and_who_said_so() {
    let variables = [
        ("OTEL_SERVICE_NAME", "orders"),
        ("OTEL_BSP_SCHEDULE_DELAY", "never"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter2"),
        ("TRACED", "init::look=off"),
    ];
    let test = "the_doctor_says_what_is_set_up_and_who_said_so";
    let Some(_) = said(test, &variables, || {
        let before = traced::doctor().to_string();
        assert!(before.contains("not set up; the variables would make of it"), "{before}");
        let memory = Memory::new();
        let builder = builder().exporter(memory.clone()).memory_limit(64 << 20);
        let _installed = builder.install().unwrap();
        charge(7, 1);
        look();
        assert!(flush());
        let report = traced::doctor().to_string();
        for expected in [
            "\norders → an exporter in code, budget 100/s\n",
            "  service name             orders (OTEL_SERVICE_NAME)\n",
            "  memory limit             64MiB (code)\n",
            "  interval                 1000ms (default)\n",
            "  otlp headers             api-key (OTEL_EXPORTER_OTLP_HEADERS)\n",
            "  not understood: OTEL_BSP_SCHEDULE_DELAY=\"never\": ",
            "\n  1 created, 1 exported, 0 on their way, 0 dropped\n",
            " s ago: 1 taken\n",
            "\n  2 used, 1 of them off\n  in blocks with #[traced], const fns, naked ones and getters have none\n  off: init::look\n",
        ] {
            assert!(report.contains(expected), "{expected:?} in\n{report}");
        }
        assert!(!report.contains("hunter2") && !before.contains("hunter2"), "{report}");
    }) else {
        return;
    };
}

/// The names of the headers that the innermost span writes.
fn headers() -> Vec<String> {
    let mut headers = Vec::new();
    traced::propagation::inject_with(|name, _| headers.push(name.to_owned()));
    headers
}

#[test]
fn propagators_by_variable_are_used_also_where_tracing_is_off() {
    let test = "propagators_by_variable_are_used_also_where_tracing_is_off";
    let variables = [("OTEL_PROPAGATORS", "b3,jaeger"), ("OTEL_SDK_DISABLED", "true")];
    let Some(_) = said(test, &variables, || {
        let _traced = traced::init();
        let caller = std::collections::HashMap::from([(
            "b3",
            "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1",
        )]);
        let _caller = traced::propagation::extract(&caller).attach();
        assert_eq!(headers(), ["b3", "uber-trace-id"]);
    }) else {
        return;
    };
}

#[test]
fn propagators_in_code_outweigh_the_variable() {
    let test = "propagators_in_code_outweigh_the_variable";
    let Some(_) = said(test, &[("OTEL_PROPAGATORS", "b3")], || {
        let builder = builder().propagators([traced::propagation::Format::TraceContext]);
        let _installed = builder.exporter(Memory::new()).install().unwrap();
        let _charge = traced::span!("charge").enter();
        let headers = headers();
        assert_eq!(headers[0], "traceparent");
        assert!(!headers.contains(&"b3".to_owned()), "{headers:?}");
    }) else {
        return;
    };
}

/// Reads the head of one request, and answers that all is well.
fn one_request(listener: &std::net::TcpListener) -> String {
    use std::io::{Read, Write};
    let (mut stream, _) = listener.accept().unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(answer.as_bytes()).unwrap();
    head
}

#[test]
fn variables_reach_the_wire() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/below/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || one_request(&listener));
    let patience = PATIENCE.as_millis().to_string();
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*address),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b,x=y"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", &*patience),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
    ];
    let Some(said) = said("variables_reach_the_wire", &variables, || {
        let _traced = traced::init();
        charge(7, 1);
        assert!(flush());
        assert_eq!(traced::stats().exported, 1);
    }) else {
        return;
    };
    let head = server.join().unwrap();
    for expected in [
        "post /below/v1/traces http/1.1\r\n",
        "\r\napi-key: a b\r\n",
        "\r\nx: y\r\n",
        "\r\ncontent-encoding: gzip\r\n",
        "\r\ncontent-type: application/x-protobuf\r\n",
    ] {
        assert!(head.contains(expected), "{expected} in {head}");
    }
    assert_eq!(lines(&said).len(), 1, "{said}");
}

#[test]
fn a_collector_that_is_not_there_is_told_in_one_line() {
    let test = "a_collector_that_is_not_there_is_told_in_one_line";
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "50"),
    ];
    let Some(said) = said(test, &variables, || {
        let _traced = traced::init();
        for order in 1..=3 {
            charge(order, 1);
            flush();
        }
    }) else {
        return;
    };
    assert_eq!(lines(&said).len(), 2, "{said}");
    assert!(lines(&said)[1].contains("http://127.0.0.1:1"), "{said}");
}

#[derive(Debug)]
struct Declined(u32);

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "declined, {} left", self.0)
    }
}

impl Error for Declined {}

#[traced]
fn decline(left: u32) -> Result<(), Declined> {
    Err(Declined(left))
}

#[test]
fn the_application_gets_the_whole_error_with_its_trace() {
    let test = "the_application_gets_the_whole_error_with_its_trace";
    let Some(_) = said(test, &[], || {
        let told = Arc::new(Mutex::new(Vec::new()));
        let memory = Memory::new();
        let log = told.clone();
        let builder = builder().exporter(memory.clone()).on_error(move |error, span| {
            log.lock().unwrap().push((error.to_string(), span.trace_id(), span.span_id()));
        });
        let _installed = builder.install().unwrap();
        decline(3).unwrap_err();
        assert!(flush());
        let span = memory.take().remove(0);
        let told = told.lock().unwrap();
        assert_eq!(*told, [("declined, 3 left".to_owned(), span.trace_id, span.span_id)]);
    }) else {
        return;
    };
}

#[test]
fn the_most_that_values_tell_is_what_variable_and_code_allow() {
    let test = "the_most_that_values_tell_is_what_variable_and_code_allow";
    let Some(_) = said(test, &[("TRACED_REDACT", "strict")], || {
        let memory = Memory::new();
        let builder = builder().exporter(memory.clone()).redact(traced::redact::Cap::Declared);
        let _installed = builder.install().unwrap();
        charge(7, 1);
        assert!(flush());
        assert_eq!(memory.take()[0].attribute("order"), Some(&"[redacted]".into()));
    }) else {
        return;
    };
}

#[test]
fn a_key_that_cannot_be_read_is_told() {
    let variables = [("TRACED_HASH_KEY_FILE", "/there/is/no/key"), ("OTEL_LOG_LEVEL", "warn")];
    let Some(said) = said("a_key_that_cannot_be_read_is_told", &variables, || {
        let _installed = builder().exporter(Memory::new()).install().unwrap();
    }) else {
        return;
    };
    let line = lines(&said)[0];
    assert!(
        line.starts_with(r#"TRACED_HASH_KEY_FILE="/there/is/no/key": it cannot be read: "#),
        "{said}"
    );
    assert!(line.ends_with("; telling the marker in place of hashes"), "{said}");
}

#[traced("login")]
fn login(#[redact(hash, class = "pii.email")] email: &str, #[redact(hash)] other: &str) {
    assert_eq!(email, other);
}

#[test]
fn hashes_are_keyed_by_a_file_or_by_code() {
    const KEY: &str = "a key of many random bytes";
    let test = "hashes_are_keyed_by_a_file_or_by_code";
    let body = || {
        let memory = Memory::new();
        let builder = builder().exporter(memory.clone());
        let has_file = std::env::var_os("TRACED_HASH_KEY_FILE").is_some();
        let builder = if has_file { builder } else { builder.hash_key(KEY) };
        let _installed = builder.install().unwrap();
        login("jane@example.org", "jane@example.org");
        assert!(flush());
        let spans = memory.take();
        // HMAC-SHA256 of the address under the HMAC of the class under the key.
        assert_eq!(spans[0].attribute("email"), Some(&"8be4c2da:74ca47360e3de928".into()));
        assert_eq!(spans[0].attribute("other"), Some(&"8be4c2da:8e7c9360ac707cd3".into()));
    };
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = directory.join(format!("hash-key-{}", std::process::id()));
    std::fs::write(&file, format!("{KEY}\n")).unwrap();
    for variable in [Some(("TRACED_HASH_KEY_FILE", file.to_str().unwrap())), None] {
        if said(test, variable.as_slice(), body).is_none() {
            break;
        }
    }
    std::fs::remove_file(&file).unwrap();
}

/// Fails as long as it is told to.
#[derive(Clone, Debug, Default)]
struct Unsteady(Arc<Mutex<bool>>);

impl Export for Unsteady {
    fn export(&mut self, _: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        let steady = *self.0.lock().unwrap();
        if steady { Ok(()) } else { Err("no way to http://me:hunter2@a/?key=hunter2".into()) }
    }
}

#[test]
fn an_exporter_that_fails_is_told_once_and_that_it_recovers_too() {
    let test = "an_exporter_that_fails_is_told_once_and_that_it_recovers_too";
    let Some(said) = said(test, &[], || {
        let exporter = Unsteady::default();
        let _installed = builder().exporter(exporter.clone()).install().unwrap();
        for tries in 1..=3 {
            charge(7, tries);
            assert!(flush());
        }
        assert!(traced::doctor().to_string().contains(" s ago: failed, no way to http://a/\n"));
        *exporter.0.lock().unwrap() = true;
        for tries in 4..=5 {
            charge(7, tries);
            assert!(flush());
        }
        assert_eq!(traced::stats().exported, 2);
    }) else {
        return;
    };
    let expected = [
        "an exporter fails, and its spans are dropped: no way to http://a/",
        "the exporter takes spans again; 3 were dropped meanwhile",
    ];
    assert_eq!(lines(&said)[1..], expected, "{said}");
}

#[test]
fn other_libraries_hand_on_what_callers_sent_where_tracing_is_off() {
    use opentelemetry::global::get_text_map_propagator;
    use std::collections::HashMap;

    let test = "other_libraries_hand_on_what_callers_sent_where_tracing_is_off";
    for variable in [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")] {
        let Some(_) = said(test, &[variable], || {
            let _traced = traced::init();
            let traceparent = "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01";
            let received = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
            let context = get_text_map_propagator(|theirs| theirs.extract(&received));
            let mut sent = HashMap::new();
            get_text_map_propagator(|theirs| theirs.inject_context(&context, &mut sent));
            assert_eq!(sent["traceparent"], traceparent);
        }) else {
            return;
        };
    }
}

#[test]
fn a_certificate_that_cannot_be_read_ends_tracing_and_not_the_program() {
    let test = "a_certificate_that_cannot_be_read_ends_tracing_and_not_the_program";
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:1"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/there/is/no/ca.pem"),
    ];
    let Some(said) = said(test, &variables, || {
        let installed = traced::init();
        assert!(!installed.is_active());
        charge(7, 1);
        assert_eq!(traced::stats().created, 0);
    }) else {
        return;
    };
    let lines = lines(&said);
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains("/there/is/no/ca.pem"), "{said}");
    assert!(lines[0].ends_with("; running without tracing"), "{said}");
}

#[test]
fn a_collector_that_cannot_be_started_ends_tracing_and_not_the_program() {
    let test = "a_collector_that_cannot_be_started_ends_tracing_and_not_the_program";
    // No address space has room for the stack of such a thread, whatever the system promises.
    let Some(said) = said(test, &[("RUST_MIN_STACK", "4611686018427387904")], || {
        let builder = builder().exporter(Memory::default());
        assert!(matches!(builder.install(), Err(InstallError::Thread(_))));
        let installed = traced::init();
        assert!(!installed.is_active());
        charge(7, 1);
        assert_eq!(traced::stats().created, 0, "every place stays off");
        assert!(flush(), "and nobody waits");
    }) else {
        return;
    };
    let lines = lines(&said);
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains("the collector's thread could not start"), "{said}");
    assert!(lines[0].ends_with("; running without tracing"), "{said}");
}

#[test]
fn tracers_that_were_fetched_before_init_are_in_our_traces_from_then_on() {
    use opentelemetry::global;
    use opentelemetry::trace::{Span as _, Tracer};
    let test = "tracers_that_were_fetched_before_init_are_in_our_traces_from_then_on";
    let Some(_) = said(test, &[("OTEL_TRACES_SAMPLER", "always_on")], || {
        let too_early = global::tracer("too early");
        traced::otel::install();
        let early = global::tracer("early");
        let mut before = early.start("before");
        assert!(!before.is_recording(), "nobody is there to see it");
        before.end();

        let memory = Memory::default();
        let _traced = builder().exporter(memory.clone()).install().unwrap();
        ours(|| {
            early.in_span("theirs", |_| charge(7, 1));
            too_early.in_span("bound to nobody", |_| ours(|| ()));
        });
        assert!(flush());
        let spans = memory.take();
        let parent = |name: &str| {
            let span = spans.iter().find(|span| span.name == name).expect(name);
            spans.iter().find(|other| other.span_id == span.parent_id).map(|other| &*other.name)
        };
        assert_eq!(parent("theirs"), Some("ours"));
        assert_eq!(parent("charge"), Some("theirs"));
        let let_through = spans.iter().filter(|span| span.name == "ours").count();
        assert_eq!((let_through, spans.len()), (2, 4), "{:?}", names(&spans));
        assert!(spans.iter().all(|span| span.trace_id == spans[0].trace_id), "one trace");
    }) else {
        return;
    };
}
