//! Services that are processes of their own call each other over loopback: what is on the wire, and one tree of all.
//!
//! A service is this program started anew. It says its port, answers, and when nobody has questions any more, says
//! which spans it made.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::HeaderMap;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};
use traced::Instrument as _;
use traced::traced;
use traced_tests_http::{Trace, again, flush, pipeline, serve};
use traced_tower::ServerLayer;

const SERVICE: &str = "TRACED_TEST_SERVICE";
const NEXT: &str = "TRACED_TEST_NEXT";
const TEST: &str = "a_trace_goes_through_processes";

fn client() -> ClientWithMiddleware {
    ClientBuilder::new(reqwest::Client::new()).with(traced_reqwest::Traced::new()).build()
}

/// What arrived on the wire.
fn received(headers: &HeaderMap) -> String {
    let of = |name| headers.get(name).map_or("-", |value| value.to_str().unwrap());
    format!("{} {} {}", of("traceparent"), of("tracestate"), of("baggage"))
}

#[traced(skip_all)]
async fn handle(State(next): State<Option<String>>, headers: HeaderMap) -> String {
    let received = received(&headers);
    match next {
        None => received,
        Some(next) => {
            let answer = client().get(next).send().await.unwrap().text().await.unwrap();
            format!("{received}\n{answer}")
        }
    }
}

/// Serves until the other side closes standard input.
fn be_a_service() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let next = std::env::var(NEXT).ok();
    let app =
        Router::new().route("/handle", get(handle)).with_state(next).layer(ServerLayer::new());
    let address = runtime.block_on(serve(app));
    println!("\nport {}", address.port());
    std::io::stdout().flush().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    drop(runtime);
    assert!(flush());
    for span in pipeline().take() {
        println!("\nspan {} {} {} {}", span.trace_id, span.span_id, span.parent_id, span.name);
    }
}

struct Service {
    process: Child,
    answers: BufReader<std::process::ChildStdout>,
    url: String,
}

impl Service {
    fn start(next: Option<&str>) -> Self {
        let mut command = again(TEST);
        command.env(SERVICE, "1").envs(next.map(|next| (NEXT, next)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut answers = BufReader::new(process.stdout.take().unwrap());
        let port = loop {
            let mut line = String::new();
            assert_ne!(answers.read_line(&mut line).unwrap(), 0, "the service has not begun");
            if let Some(port) = line.trim().strip_prefix("port ") {
                break port.to_owned();
            }
        };
        Self { process, answers, url: format!("http://127.0.0.1:{port}/handle") }
    }

    /// Its spans of a trace: id, parent, name.
    fn end(mut self, trace: Trace) -> Vec<[String; 3]> {
        drop(self.process.stdin.take());
        let lines = self.answers.lines().map_while(Result::ok);
        let spans = lines.filter_map(|line| {
            let mut words = line.strip_prefix("span ")?.splitn(4, ' ').map(str::to_owned);
            let (of, rest) = (words.next()?, [words.next()?, words.next()?, words.next()?]);
            (of == trace.id.to_string()).then_some(rest)
        });
        let spans = spans.collect();
        assert!(self.process.wait().unwrap().success());
        spans
    }
}

/// The tree below a span, by name.
fn tree(spans: &[[String; 3]], below: &str) -> String {
    let children = spans.iter().filter(|[_, parent, _]| parent == below);
    let told = children.map(|[id, _, name]| match tree(spans, id) {
        inside if inside.is_empty() => name.clone(),
        inside => format!("{name}({inside})"),
    });
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_trace_goes_through_processes() {
    if std::env::var_os(SERVICE).is_some() {
        return be_a_service();
    }
    pipeline();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let last = Service::start(None);
    let middle = Service::start(Some(&last.url));
    let trace = Trace::new();
    let caller = {
        let mut headers = trace.headers();
        headers.insert("tracestate", http::HeaderValue::from_static("vendor=value"));
        headers.insert("baggage", http::HeaderValue::from_static("tenant=17"));
        traced::propagation::extract(&headers)
    };
    // Two processes, and three.
    let answers = runtime.block_on(
        async {
            let mut answers = Vec::new();
            for url in [&last.url, &middle.url] {
                answers.push(client().get(url).send().await.unwrap().text().await.unwrap());
            }
            (answers, trace.spans(2).await)
        }
        .in_context(&caller),
    );
    let (answers, own) = answers;
    let mut spans: Vec<_> = own
        .iter()
        .map(|span| [span.span_id.to_string(), span.parent_id.to_string(), span.name.to_string()])
        .collect();
    let own_ids: Vec<_> = spans.iter().map(|[id, ..]| id.clone()).collect();
    let of_middle = middle.end(trace);
    let of_last = last.end(trace);
    assert_eq!((of_middle.len(), of_last.len()), (3, 4));
    let sent_by_middle = of_middle.iter().find(|[_, _, name]| name == "GET").unwrap()[0].clone();
    spans.extend(of_middle.into_iter().chain(of_last));

    let on_the_wire = |span: &str| format!("00-{}-{span}-01 vendor=value tenant=17", trace.id);
    assert_eq!(answers[0], on_the_wire(&own_ids[0]));
    let two = format!("{}\n{}", on_the_wire(&own_ids[1]), on_the_wire(&sent_by_middle));
    assert_eq!(answers[1], two);
    let served = "GET /handle(handle)";
    let both = format!("GET({served}) GET(GET /handle(handle(GET({served}))))");
    assert_eq!(tree(&spans, &trace.caller.to_string()), both);
}
