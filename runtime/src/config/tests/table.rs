//! What each variable takes, and what is said to what it does not take.

/// A variable, the setting that it decides, good values with what is shown of them, and bad ones with the
/// warnings that they cause.
pub(super) struct Row {
    pub(super) variable: &'static str,
    pub(super) what: &'static str,
    pub(super) default: &'static str,
    pub(super) good: &'static [(&'static str, &'static str)],
    pub(super) bad: &'static [(&'static str, &'static str)],
}

pub(super) const TABLE: &[Row] = &[
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
            (
                "http://m\u{fc}nchen:4318",
                "OTEL_EXPORTER_OTLP_ENDPOINT=\"http://m\u{fc}nchen:4318\": an address without a valid host; using http://localhost:4318",
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
                "api-key=secret,Content-Length=7",
                "OTEL_EXPORTER_OTLP_HEADERS: a header that says how a request is sent, which the exporter says itself; using none of it",
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
