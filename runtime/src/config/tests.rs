//! Every variable, good and bad, through one table.

use super::built::Built;
use super::exporters::Surroundings;
use super::lines::Line;
use super::variables::Source;
use super::*;

const EVERYTHING: Built = Built { otlp: true, console: true, grpc: true, zipkin: true };
const SERVER: Surroundings = Surroundings { has_terminal: false };
const TERMINAL: Surroundings = Surroundings { has_terminal: true };

fn read(variables: &[(&str, &str)], built: Built, surroundings: Surroundings) -> Config {
    let lookup = |name: &str| {
        let found = variables.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Config::read(&lookup, built, surroundings)
}

fn config(variables: &[(&str, &str)]) -> Config {
    read(variables, EVERYTHING, SERVER)
}

fn warnings(variables: &[(&str, &str)]) -> Vec<String> {
    config(variables).warnings.iter().map(ToString::to_string).collect()
}

fn found(config: &Config, what: &str) -> Line {
    let line = config.lines().into_iter().find(|line| line.what == what);
    line.unwrap_or_else(|| panic!("there is no line `{what}`"))
}

/// A variable, the setting that it decides, good values with what is shown of them, and bad ones with the
/// warnings that they cause.
struct Row {
    variable: &'static str,
    what: &'static str,
    default: &'static str,
    good: &'static [(&'static str, &'static str)],
    bad: &'static [(&'static str, &'static str)],
}

const TABLE: &[Row] = &[
    Row {
        variable: "OTEL_SDK_DISABLED",
        what: "disabled",
        default: "false",
        good: &[("true", "true"), ("TRUE", "true"), ("false", "false"), (" true ", "true")],
        bad: &[("1", r#"OTEL_SDK_DISABLED="1": neither true nor false; using false"#)],
    },
    Row {
        variable: "OTEL_LOG_LEVEL",
        what: "log level",
        default: "info",
        good: &[
            ("none", "none"),
            ("ERROR", "error"),
            ("warn", "warn"),
            ("info", "info"),
            ("debug", "debug"),
            ("all", "debug"),
            ("off", "none"),
        ],
        bad: &[(
            "loud",
            r#"OTEL_LOG_LEVEL="loud": not one of none, error, warn, info and debug; using info"#,
        )],
    },
    Row {
        variable: "OTEL_SERVICE_NAME",
        what: "service name",
        default: "unknown",
        good: &[("orders", "orders"), (" über all ", "über all")],
        bad: &[],
    },
    Row {
        variable: "OTEL_RESOURCE_ATTRIBUTES",
        what: "resource attributes",
        default: "none",
        good: &[("zone=a,host%20name=b%2Cc", "zone=a,host name=b,c"), ("a=", "a=")],
        bad: &[
            (
                "zone=a,host",
                r#"OTEL_RESOURCE_ATTRIBUTES="zone=a,host": a pair without `=`; using none of it"#,
            ),
            (
                "zone=%zz",
                r#"OTEL_RESOURCE_ATTRIBUTES="zone=%zz": a `%` without two hexadecimal digits; using none of it"#,
            ),
        ],
    },
    Row {
        variable: "OTEL_TRACES_EXPORTER",
        what: "exporter",
        default: "otlp",
        good: &[
            ("otlp", "otlp"),
            ("console", "console"),
            ("zipkin", "zipkin"),
            ("none", "none"),
            ("OTLP, console,otlp", "otlp,console"),
        ],
        bad: &[
            (
                "jaeger",
                r#"OTEL_TRACES_EXPORTER="jaeger": `jaeger` is not one of otlp, console, zipkin and none; using otlp"#,
            ),
            (",", r#"OTEL_TRACES_EXPORTER=",": an empty list; using otlp"#),
        ],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_PROTOCOL",
        what: "otlp protocol",
        default: "http/protobuf",
        good: &[("grpc", "grpc"), ("HTTP/protobuf", "http/protobuf")],
        bad: &[
            (
                "http/json",
                r#"OTEL_EXPORTER_OTLP_PROTOCOL="http/json": not spoken by `traced`; using http/protobuf"#,
            ),
            (
                "smoke",
                r#"OTEL_EXPORTER_OTLP_PROTOCOL="smoke": not one of http/protobuf and grpc; using http/protobuf"#,
            ),
        ],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        what: "otlp protocol",
        default: "http/protobuf",
        good: &[("grpc", "grpc")],
        bad: &[(
            "smoke",
            r#"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL="smoke": not one of http/protobuf and grpc; using http/protobuf"#,
        )],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
        what: "otlp endpoint",
        default: "http://localhost:4318/v1/traces",
        good: &[
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("https://collector/", "https://collector/v1/traces"),
            ("https://collector/otel//", "https://collector/otel/v1/traces"),
            ("http://me:secret@collector:1/", "http://collector:1/v1/traces"),
        ],
        bad: &[
            (
                "collector:4318",
                r#"OTEL_EXPORTER_OTLP_ENDPOINT="collector:4318": an address without http:// or https://; using http://localhost:4318"#,
            ),
            (
                "me:secret@collector",
                r#"OTEL_EXPORTER_OTLP_ENDPOINT="(not shown)": an address without http:// or https://; using http://localhost:4318"#,
            ),
        ],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        what: "otlp endpoint",
        default: "http://localhost:4318/v1/traces",
        good: &[
            ("http://collector:4318", "http://collector:4318/"),
            ("http://collector:4318/here", "http://collector:4318/here"),
        ],
        bad: &[(
            "ftp://collector",
            r#"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="ftp://collector": an address that is neither http:// nor https://; using http://localhost:4318"#,
        )],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_HEADERS",
        what: "otlp headers",
        default: "none",
        good: &[("api-key=secret,x=Bearer%20y==", "api-key,x"), ("x=", "x")],
        bad: &[
            ("api-key", "OTEL_EXPORTER_OTLP_HEADERS: a pair without `=`; using none of it"),
            (
                "api key=secret",
                "OTEL_EXPORTER_OTLP_HEADERS: a header with characters that HTTP does not allow; using none of it",
            ),
            (
                "x=secret%0d%0ay:z",
                "OTEL_EXPORTER_OTLP_HEADERS: a header with characters that HTTP does not allow; using none of it",
            ),
        ],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        what: "otlp headers",
        default: "none",
        good: &[("x=y", "x")],
        bad: &[("x", "OTEL_EXPORTER_OTLP_TRACES_HEADERS: a pair without `=`; using none of it")],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TIMEOUT",
        what: "otlp timeout",
        default: "10000ms",
        good: &[("500", "500ms"), ("0", "no timeout")],
        bad: &[
            (
                "10s",
                r#"OTEL_EXPORTER_OTLP_TIMEOUT="10s": not a whole number of milliseconds; using 10000"#,
            ),
            (
                "-1",
                r#"OTEL_EXPORTER_OTLP_TIMEOUT="-1": not a whole number of milliseconds; using 10000"#,
            ),
        ],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        what: "otlp timeout",
        default: "10000ms",
        good: &[("500", "500ms")],
        bad: &[(
            "soon",
            r#"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT="soon": not a whole number of milliseconds; using 10000"#,
        )],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_COMPRESSION",
        what: "otlp compression",
        default: "none",
        good: &[("gzip", "gzip"), ("none", "none")],
        bad: &[(
            "zstd",
            r#"OTEL_EXPORTER_OTLP_COMPRESSION="zstd": not one of gzip and none; using none"#,
        )],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
        what: "otlp compression",
        default: "none",
        good: &[("gzip", "gzip")],
        bad: &[(
            "zip",
            r#"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION="zip": not one of gzip and none; using none"#,
        )],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_INSECURE",
        what: "otlp protocol",
        default: "http/protobuf",
        good: &[],
        bad: &[(
            "yes",
            r#"OTEL_EXPORTER_OTLP_INSECURE="yes": neither true nor false; using false"#,
        )],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
        what: "otlp protocol",
        default: "http/protobuf",
        good: &[],
        bad: &[(
            "yes",
            r#"OTEL_EXPORTER_OTLP_TRACES_INSECURE="yes": neither true nor false; using false"#,
        )],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_CERTIFICATE",
        what: "otlp certificate",
        default: "built in",
        good: &[("/etc/ca.pem", "/etc/ca.pem")],
        bad: &[],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
        what: "otlp certificate",
        default: "built in",
        good: &[("/etc/ca.pem", "/etc/ca.pem")],
        bad: &[],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        what: "otlp client certificate",
        default: "none",
        good: &[("me.pem", "me.pem")],
        bad: &[],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
        what: "otlp client certificate",
        default: "none",
        good: &[("me.pem", "me.pem")],
        bad: &[],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_CLIENT_KEY",
        what: "otlp client key",
        default: "none",
        good: &[("key.pem", "key.pem")],
        bad: &[],
    },
    Row {
        variable: "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
        what: "otlp client key",
        default: "none",
        good: &[("key.pem", "key.pem")],
        bad: &[],
    },
    Row {
        variable: "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
        what: "zipkin endpoint",
        default: "http://localhost:9411/api/v2/spans",
        good: &[("http://zipkin:9411/api/v2/spans", "http://zipkin:9411/api/v2/spans")],
        bad: &[(
            "me:secret@zipkin:9411",
            "OTEL_EXPORTER_ZIPKIN_ENDPOINT: an address without http:// or https://; using http://localhost:9411/api/v2/spans",
        )],
    },
    Row {
        variable: "OTEL_EXPORTER_ZIPKIN_TIMEOUT",
        what: "zipkin timeout",
        default: "10000ms",
        good: &[("20", "20ms")],
        bad: &[(
            "x",
            r#"OTEL_EXPORTER_ZIPKIN_TIMEOUT="x": not a whole number of milliseconds; using 10000"#,
        )],
    },
    Row {
        variable: "OTEL_BSP_SCHEDULE_DELAY",
        what: "interval",
        default: "1000ms",
        good: &[("5000", "5000ms"), ("0", "0ms")],
        bad: &[(
            "5s",
            r#"OTEL_BSP_SCHEDULE_DELAY="5s": not a whole number of milliseconds; using 1000"#,
        )],
    },
    Row {
        variable: "OTEL_BSP_EXPORT_TIMEOUT",
        what: "export timeout",
        default: "30000ms",
        good: &[("5000", "5000ms"), ("0", "no timeout")],
        bad: &[
            ("", ""),
            (
                "1e3",
                r#"OTEL_BSP_EXPORT_TIMEOUT="1e3": not a whole number of milliseconds; using 30000"#,
            ),
        ],
    },
    Row {
        variable: "OTEL_BSP_MAX_QUEUE_SIZE",
        what: "memory limit",
        default: "32MiB",
        good: &[("65536", "64MiB"), ("1", "1MiB")],
        bad: &[(
            "0",
            r#"OTEL_BSP_MAX_QUEUE_SIZE="0": not a whole number above zero; using 32MiB of memory"#,
        )],
    },
    Row {
        variable: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        what: "spans in a request",
        default: "no limit",
        good: &[("512", "512")],
        bad: &[(
            "0",
            r#"OTEL_BSP_MAX_EXPORT_BATCH_SIZE="0": not a whole number above zero; using as many as fit into a body"#,
        )],
    },
    Row {
        variable: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        what: "characters of a value",
        default: "no limit",
        good: &[("100", "100"), ("0", "0")],
        bad: &[(
            "-1",
            r#"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT="-1": not a whole number; using no limit"#,
        )],
    },
    Row {
        variable: "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        what: "characters of a value",
        default: "no limit",
        good: &[("100", "100")],
        bad: &[(
            "all",
            r#"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT="all": not a whole number; using no limit"#,
        )],
    },
    Row {
        variable: "OTEL_ATTRIBUTE_COUNT_LIMIT",
        what: "attributes of a span",
        default: "128",
        good: &[("3", "3"), ("0", "0")],
        bad: &[("x", r#"OTEL_ATTRIBUTE_COUNT_LIMIT="x": not a whole number; using 128"#)],
    },
    Row {
        variable: "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        what: "attributes of a span",
        default: "128",
        good: &[("3", "3")],
        bad: &[("x", r#"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT="x": not a whole number; using 128"#)],
    },
    Row {
        variable: "OTEL_SPAN_EVENT_COUNT_LIMIT",
        what: "events of a span",
        default: "128",
        good: &[("3", "3")],
        bad: &[("x", r#"OTEL_SPAN_EVENT_COUNT_LIMIT="x": not a whole number; using 128"#)],
    },
    Row {
        variable: "OTEL_SPAN_LINK_COUNT_LIMIT",
        what: "links of a span",
        default: "128",
        good: &[("3", "3")],
        bad: &[("x", r#"OTEL_SPAN_LINK_COUNT_LIMIT="x": not a whole number; using 128"#)],
    },
    Row {
        variable: "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
        what: "attributes of an event",
        default: "128",
        good: &[("3", "3")],
        bad: &[("x", r#"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT="x": not a whole number; using 128"#)],
    },
    Row {
        variable: "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
        what: "attributes of a link",
        default: "128",
        good: &[("3", "3")],
        bad: &[("x", r#"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT="x": not a whole number; using 128"#)],
    },
    Row {
        variable: "OTEL_TRACES_SAMPLER",
        what: "sampler",
        default: "adaptive",
        good: &[
            ("always_on", "always_on"),
            ("always_off", "always_off"),
            ("traceidratio", "traceidratio 1"),
            ("parentbased_always_on", "parentbased_always_on"),
            ("PARENTBASED_always_off", "parentbased_always_off"),
            ("parentbased_traceidratio", "parentbased_traceidratio 1"),
        ],
        bad: &[(
            "jaeger_remote",
            r#"OTEL_TRACES_SAMPLER="jaeger_remote": not one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off and parentbased_traceidratio; using the default sampler"#,
        )],
    },
    Row {
        variable: "TRACED_SAMPLING",
        what: "sampler",
        default: "adaptive",
        good: &[
            ("Adaptive", "adaptive"),
            ("adaptive, rate=0.1", "adaptive,rate=0.1"),
            ("standard", "parentbased_always_on"),
        ],
        bad: &[
            (
                "clever",
                r#"TRACED_SAMPLING="clever": not one of adaptive, adaptive,rate=0.1 and standard; using the default sampler"#,
            ),
            (
                "adaptive,rate=2",
                r#"TRACED_SAMPLING="adaptive,rate=2": the rate is not a number between 0 and 1; using the default sampler"#,
            ),
        ],
    },
    Row {
        variable: "TRACED_SAMPLING_RULES",
        what: "sampling rules",
        default: "none",
        good: &[
            ("/health=0, shop::jobs=0.5", "/health=off,shop::jobs=0.5"),
            ("/static/*=on", "/static/*=1"),
        ],
        bad: &[
            (
                "/health=off,shop::jobs",
                r#"TRACED_SAMPLING_RULES="/health=off,shop::jobs": `shop::jobs`: write for example `/health=off`; using none"#,
            ),
            (
                "/health=2",
                r#"TRACED_SAMPLING_RULES="/health=2": `/health=2`: not off, on or a number between 0 and 1; using none"#,
            ),
        ],
    },
    Row {
        variable: "TRACED_BUDGET",
        what: "budget",
        default: "100/s,1MiB/s",
        good: &[("200/s", "200/s,1MiB/s"), ("5KiB/s", "100/s,5KiB/s")],
        bad: &[(
            "much",
            r#"TRACED_BUDGET="much": `much` is not an amount per second; write for example `200/s,2MiB/s`; using 100/s,1MiB/s"#,
        )],
    },
    Row {
        variable: "OTEL_PROPAGATORS",
        what: "propagators",
        default: "tracecontext,baggage",
        good: &[
            ("b3", "b3"),
            (
                "tracecontext, B3multi,jaeger,datadog,baggage,b3multi",
                "tracecontext,b3multi,jaeger,datadog,baggage",
            ),
            ("none", "none"),
        ],
        bad: &[(
            "xray",
            r#"OTEL_PROPAGATORS="xray": `xray` is not one of tracecontext, baggage, b3, b3multi, jaeger, datadog and none; using tracecontext,baggage"#,
        )],
    },
    Row {
        variable: "TRACED",
        what: "filter",
        default: "info",
        good: &[("debug,shop=off", "debug,shop=off")],
        bad: &[(
            "shop=loud",
            r#"TRACED="shop=loud": `shop=loud`: unknown level `loud`; write off, error, warn, info, debug, trace or on; using info"#,
        )],
    },
    Row {
        variable: "TRACED_REDACT",
        what: "told at most",
        default: "declared",
        good: &[("len", "len"), ("last,pii.email=strict", "last,pii.email=strict")],
        bad: &[],
    },
    Row {
        variable: "TRACED_HASH_KEY_FILE",
        what: "key of hashes",
        default: "none in a file",
        good: &[("/run/secrets/key", "/run/secrets/key")],
        bad: &[],
    },
    Row {
        variable: "TRACED_MEMORY_LIMIT",
        what: "memory limit",
        default: "32MiB",
        good: &[("64MiB", "64MiB"), ("1048577", "1048577")],
        bad: &[(
            "lots",
            r#"TRACED_MEMORY_LIMIT="lots": not a number of bytes above zero, as in 32MiB; using 32MiB"#,
        )],
    },
    Row {
        variable: "TRACED_CODE_ATTRIBUTES",
        what: "code attributes",
        default: "on",
        good: &[("off", "off"), ("on", "on"), ("false", "off")],
        bad: &[("few", r#"TRACED_CODE_ATTRIBUTES="few": not one of on and off; using on"#)],
    },
];

#[test]
fn good_values_are_used_and_name_their_variable() {
    for row in TABLE {
        for (text, shown) in row.good {
            let config = config(&[(row.variable, text)]);
            let line = found(&config, row.what);
            assert_eq!(line.value, *shown, "{}={text}", row.variable);
            assert_eq!(line.source, Source::Variable(row.variable), "{}={text}", row.variable);
            assert_eq!(config.warnings, [], "{}={text}", row.variable);
        }
    }
}

#[test]
fn a_bad_value_is_told_once_and_the_default_is_used() {
    for row in TABLE {
        for (text, warning) in row.bad.iter().filter(|(text, _)| !text.is_empty()) {
            assert_eq!(warnings(&[(row.variable, text)]), [*warning]);
            let line = found(&config(&[(row.variable, text)]), row.what);
            assert_eq!(line.value, row.default, "{}={text}", row.variable);
        }
    }
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    for row in TABLE {
        for text in ["", "  "] {
            let config = config(&[(row.variable, text)]);
            let line = found(&config, row.what);
            assert_eq!(
                (&*line.value, line.source),
                (row.default, Source::Default),
                "{}",
                row.variable
            );
            assert_eq!(config.warnings, [], "{}", row.variable);
        }
    }
}

#[test]
fn what_is_said_for_traces_outweighs_what_is_said_for_all() {
    for (general, special, what, first, second) in [
        (
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
            "otlp timeout",
            "1",
            "2",
        ),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
            "otlp headers",
            "a=1",
            "b=2",
        ),
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "otlp protocol",
            "grpc",
            "http/protobuf",
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "otlp endpoint",
            "http://a",
            "http://b",
        ),
        (
            "OTEL_ATTRIBUTE_COUNT_LIMIT",
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
            "attributes of a span",
            "1",
            "2",
        ),
        (
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            "characters of a value",
            "1",
            "2",
        ),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "TRACED_MEMORY_LIMIT", "memory limit", "5", "7MiB"),
    ] {
        let config = config(&[(general, first), (special, second)]);
        assert_eq!(found(&config, what).source, Source::Variable(special));
    }
}

#[test]
fn where_the_special_value_is_bad_the_general_one_is_used() {
    let variables =
        [("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "soon"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "700")];
    assert_eq!(found(&config(&variables), "otlp timeout").value, "700ms");
    assert_eq!(
        warnings(&variables),
        [
            r#"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT="soon": not a whole number of milliseconds; using 700 (OTEL_EXPORTER_OTLP_TIMEOUT)"#
        ]
    );
    let variables = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "a:1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://b:2"),
    ];
    assert_eq!(found(&config(&variables), "otlp endpoint").value, "http://b:2/v1/traces");
    assert_eq!(warnings(&variables).len(), 1);
}

#[test]
fn a_general_limit_holds_for_events_and_links_too() {
    let config =
        config(&[("OTEL_ATTRIBUTE_COUNT_LIMIT", "5"), ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "6")]);
    let limits = config.limits.limits();
    assert_eq!((limits.attributes, limits.event_attributes, limits.link_attributes), (5, 5, 6));
    assert_eq!((limits.events, limits.links), (128, 128));
}

#[test]
fn the_argument_belongs_to_samplers_that_have_one() {
    let sampler = |name, argument| {
        let variables = [("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)];
        (found(&config(&variables), "sampler").value, warnings(&variables))
    };
    assert_eq!(sampler("traceidratio", "0.25"), ("traceidratio 0.25".into(), vec![]));
    assert_eq!(
        sampler("parentbased_traceidratio", "0"),
        ("parentbased_traceidratio 0".into(), vec![])
    );
    assert_eq!(sampler("always_on", "lots"), ("always_on".into(), vec![]));
    let warning = r#"OTEL_TRACES_SAMPLER_ARG="lots": not a number between 0 and 1; using 1"#;
    assert_eq!(sampler("traceidratio", "lots"), ("traceidratio 1".into(), vec![warning.into()]));
    assert_eq!(warnings(&[("OTEL_TRACES_SAMPLER_ARG", "lots")]), [""; 0]);
}

#[test]
fn a_standard_sampler_is_obeyed_unless_ours_is_asked_for() {
    let sampler = |standard, ours| {
        let variables = [("OTEL_TRACES_SAMPLER", standard), ("TRACED_SAMPLING", ours)];
        found(&config(&variables), "sampler").value
    };
    assert_eq!(sampler("always_off", ""), "always_off");
    assert_eq!(sampler("always_off", "standard"), "always_off");
    assert_eq!(sampler("always_off", "adaptive"), "adaptive");
    assert_eq!(sampler("always_off", "clever"), "always_off");
    assert_eq!(sampler("", "standard"), "parentbased_always_on");
}

#[test]
fn a_list_with_mistakes_keeps_what_is_good_in_it() {
    let variables = [("OTEL_TRACES_EXPORTER", "console,jaeger,none")];
    assert_eq!(found(&config(&variables), "exporter").value, "console");
    assert_eq!(
        warnings(&variables),
        [
            r#"OTEL_TRACES_EXPORTER="console,jaeger,none": `jaeger` is not one of otlp, console, zipkin and none, `none` beside others means nothing; using console"#
        ]
    );
    let variables = [("OTEL_PROPAGATORS", "b3,ottrace")];
    assert_eq!(found(&config(&variables), "propagators").value, "b3");
    assert_eq!(warnings(&variables).len(), 1);
}

#[test]
fn grpc_addresses_are_taken_as_they_are() {
    let endpoint = |address, insecure| {
        let config = config(&[
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", address),
            ("OTEL_EXPORTER_OTLP_INSECURE", insecure),
        ]);
        assert_eq!(config.warnings, []);
        config.otlp.endpoint.value
    };
    assert_eq!(endpoint("http://a:4317", "false"), "http://a:4317");
    assert_eq!(endpoint("a:4317", "false"), "https://a:4317");
    assert_eq!(endpoint("a:4317", "true"), "http://a:4317");
    assert_eq!(endpoint("https://a:4317", "true"), "https://a:4317", "the scheme outweighs");
    assert_eq!(endpoint("", ""), "http://localhost:4317");
}

#[test]
fn the_port_of_the_other_protocol_is_pointed_out() {
    let said = warnings(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317")]);
    assert_eq!(said.len(), 1);
    assert!(
        said[0].starts_with(
            r#"OTEL_EXPORTER_OTLP_ENDPOINT="http://collector:4317": port 4317 usually speaks grpc"#
        ) && said[0].contains("use port 4318, or "),
        "{said:?}"
    );
    let said = warnings(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ]);
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("port 4318 usually speaks http/protobuf"), "{said:?}");
    let on_purpose = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    ];
    assert_eq!(warnings(&on_purpose), [""; 0]);
}

#[test]
fn what_was_not_built_names_the_feature() {
    let nothing = Built { otlp: true, console: false, grpc: false, zipkin: false };
    let said = |variables: &[_]| {
        let config = read(variables, nothing, SERVER);
        let said: Vec<_> = config.warnings.iter().map(ToString::to_string).collect();
        said
    };
    assert_eq!(
        said(&[("OTEL_TRACES_EXPORTER", "zipkin")]),
        [
            r#"OTEL_TRACES_EXPORTER="zipkin": this program was built without feature `zipkin` of `traced`: `cargo add traced -F zipkin`; using otlp"#
        ]
    );
    let grpc = said(&[
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"),
    ]);
    assert_eq!(grpc.len(), 1, "the port is not told beside it: {grpc:?}");
    assert!(grpc[0].contains("`cargo add traced -F grpc`"), "{grpc:?}");
}

#[test]
fn a_terminal_shows_traces_where_somebody_looks() {
    let exporter = |variables: &[_], built, surroundings| {
        exporters::names(&read(variables, built, surroundings).destinations.value)
    };
    assert_eq!(exporter(&[], EVERYTHING, TERMINAL), "console");
    assert_eq!(exporter(&[], EVERYTHING, SERVER), "otlp");
    assert_eq!(exporter(&[("CI", "true")], EVERYTHING, TERMINAL), "otlp");
    assert_eq!(exporter(&[("CI", "")], EVERYTHING, TERMINAL), "console");
    assert_eq!(exporter(&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")], EVERYTHING, TERMINAL), "otlp");
    let named = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")];
    assert_eq!(exporter(&named, EVERYTHING, TERMINAL), "otlp");
    assert_eq!(exporter(&[("OTEL_TRACES_EXPORTER", "otlp")], EVERYTHING, TERMINAL), "otlp");
    assert_eq!(exporter(&[("OTEL_TRACES_EXPORTER", "console")], EVERYTHING, SERVER), "console");

    let only = |otlp, console, zipkin| Built { otlp, console, grpc: false, zipkin };
    assert_eq!(exporter(&[], only(true, false, false), TERMINAL), "otlp");
    assert_eq!(exporter(&[], only(false, true, false), SERVER), "console");
    assert_eq!(exporter(&[], only(false, false, true), SERVER), "zipkin");
    assert_eq!(exporter(&[], only(false, false, false), SERVER), "none");
}

#[test]
fn no_secret_is_shown_anywhere() {
    let config = config(&[
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hunter2"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:hunter2@a/b?token=hunter2"),
        ("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "https://me:hunter2@a/b?token=hunter2"),
    ]);
    let all = format!("{:?}{:?}", config.lines(), config.warnings);
    assert!(!all.contains("hunter2"), "{all}");
    for name in [
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
    ] {
        for bad in ["hunter2@x?", "a b=hunter2?", "%hunter2=%?"] {
            let said = warnings(&[(name, bad)]);
            assert_eq!(said.len(), 1, "{name}={bad}");
            assert!(!said[0].contains("hunter2"), "{said:?}");
        }
    }
}

#[test]
fn long_and_odd_values_stay_on_their_line() {
    let long = "x\n".repeat(1000);
    let said = warnings(&[("OTEL_BSP_SCHEDULE_DELAY", &long)]);
    assert_eq!(said.len(), 1);
    assert!(said[0].len() < 300 && !said[0].contains('\n'), "{said:?}");
    let said = warnings(&[("OTEL_TRACES_EXPORTER", &long)]);
    assert!(said[0].len() < 600 && !said[0].contains('\n'), "{said:?}");
}

#[test]
fn the_documentation_lists_every_variable() {
    let page = include_str!("../../../docs/configuration.md");
    for row in TABLE {
        let general = row.variable.replace("OTLP_TRACES_", "OTLP_");
        assert!(
            page.contains(&format!("`{general}`")),
            "{general} is not in docs/configuration.md"
        );
    }
}

#[test]
fn a_cap_that_is_not_understood_is_the_strictest() {
    for (text, shown) in
        [("loud", "strict"), ("len,pii=loud", "len,pii=strict"), ("len,loud", "strict")]
    {
        let variables = [("TRACED_REDACT", text)];
        assert_eq!(found(&config(&variables), "told at most").value, shown);
        let said = warnings(&variables);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].ends_with(
            "`loud` is not one of strict, len, hash, last and declared; using strict in its place"
        ));
    }
}

/// Pieces that mean something somewhere, in any order.
fn hostile(random: &mut u64) -> String {
    const PIECES: [&str; 32] = [
        "otlp",
        "console",
        ",",
        "=",
        "%",
        "%4",
        "%zz",
        "%C3",
        "://",
        "http",
        "https://",
        "[",
        "]",
        "[slow>",
        "::",
        ":",
        "@",
        "/",
        "?",
        "0",
        "-1",
        "99999999999999999999",
        "\u{0}",
        "\r\n",
        "ü",
        "😀",
        " ",
        "MiB",
        "off",
        ">",
        "é%",
        "true",
    ];
    let mut next = || {
        *random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*random >> 40).unwrap()
    };
    (0..next() % 9).map(|_| PIECES[next() % PIECES.len()]).collect()
}

#[test]
fn hostile_values_are_told_at_most_once_and_on_one_line() {
    let mut random = 7;
    for _ in 0..200 {
        for row in TABLE {
            let text = hostile(&mut random);
            let config = config(&[(row.variable, &text)]);
            let said: Vec<_> = config.warnings.iter().map(ToString::to_string).collect();
            assert!(said.len() <= 1, "{}={text:?}: {said:?}", row.variable);
            assert!(said.iter().all(|line| !line.contains(char::is_control)), "{said:?}");
            let shown = found(&config, row.what);
            // Of a list, what is good in it is used; a cap that is not understood is the strictest.
            let is_whole = !text.contains(',') && row.variable != "TRACED_REDACT";
            if !said.is_empty() && !row.good.is_empty() && is_whole {
                assert_eq!(shown.value, row.default, "{}={text:?}: {said:?}", row.variable);
            }
        }
    }
}
