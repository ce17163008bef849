//! Every variable, good and bad, through one [`table`]; `hostile` ones; and what the variables are together.

mod hostile;
mod table;

use super::built::Built;
use super::exporters::Surroundings;
use super::lines::Line;
use super::variables::Source;
use super::*;
use table::TABLE;

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
    let page = include_str!("../../../../docs/configuration.md");
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
