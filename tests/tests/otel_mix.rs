//! Programs at random in which `#[traced]`'s spans, those of `opentelemetry` by hand and those of
//! `tracing-opentelemetry` are mixed, in threads and in tasks; each span's parent is compared with what a
//! reference says.
//!
//! One thing of the reference is `tracing-opentelemetry`'s own: its spans hang on what `Context::current()`
//! shows when they are made. That is the last span that somebody attached, and of ours only the local
//! root is, in the place of whichever of them is innermost.
//!
//! The programs are the same in each run; `TRACED_MIX_SEED` draws others, `TRACED_MIX_PROGRAMS` more of them.

use opentelemetry::trace::{FutureExt, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue, global};
use std::collections::HashMap;
use std::pin::Pin;
use traced::data::{Attribute, Span};
use traced::memory::Memory;
use traced::sampling::{AlwaysOn, ParentBased};
use traced_tests::next_random;
use tracing_subscriber::layer::SubscriberExt;

/// The same numbers in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        next_random(&mut self.0) % bound
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// `traced`.
    Ours,
    /// `opentelemetry`, by hand.
    Foreign,
    /// `tracing-opentelemetry`.
    Tracing,
}

#[derive(Clone, Debug)]
struct Node {
    id: i64,
    kind: Kind,
    /// Whether its task gives way before, between and behind its children.
    yields: bool,
    children: Vec<Node>,
}

impl Node {
    fn random(random: &mut Random, next: &mut i64, depth: u64) -> Self {
        *next += 1;
        let id = *next;
        let kind =
            [Kind::Ours, Kind::Foreign, Kind::Tracing][usize::try_from(random.below(3)).unwrap()];
        let children = if depth == 0 { 0 } else { random.below(4) };
        let children = (0..children).map(|_| Self::random(random, next, depth - 1)).collect();
        Self { id, kind, yields: random.below(2) == 0, children }
    }

    /// The parent of each node.
    fn parents<'n>(&'n self, around: &mut Vec<&'n Self>, parents: &mut HashMap<i64, i64>) {
        parents.insert(self.id, self.parent(around).map_or(0, |parent| parent.id));
        around.push(self);
        for child in &self.children {
            child.parents(around, parents);
        }
        around.pop();
    }

    fn parent<'n>(&self, around: &[&'n Self]) -> Option<&'n Self> {
        let innermost = around.last().copied();
        if self.kind != Kind::Tracing {
            return innermost;
        }
        let root = around.iter().position(|node| node.kind == Kind::Ours);
        let attached = around.iter().rposition(|node| node.kind != Kind::Ours);
        match (root, attached) {
            (Some(root), Some(attached)) if attached > root => Some(around[attached]),
            (Some(_), _) => innermost,
            (None, attached) => attached.map(|at| around[at]),
        }
    }
}

fn run(node: &Node) {
    let inside = || node.children.iter().for_each(run);
    match node.kind {
        Kind::Ours => traced::span!("ours", n = node.id).in_scope(inside),
        Kind::Foreign => {
            let tracer = global::tracer("by hand");
            let builder =
                tracer.span_builder("foreign").with_attributes([KeyValue::new("n", node.id)]);
            tracer.in_span_with_builder(builder, |_| inside());
        }
        Kind::Tracing => tracing::info_span!("tracing", n = node.id).in_scope(inside),
    }
}

fn run_async(node: Node) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    let Node { id, kind, yields, children } = node;
    let inside = async move {
        for child in children {
            if yields {
                tokio::task::yield_now().await;
            }
            run_async(child).await;
        }
        if yields {
            tokio::task::yield_now().await;
        }
    };
    match kind {
        Kind::Ours => {
            Box::pin(traced::Instrument::instrument(inside, traced::span!("ours", n = id)))
        }
        Kind::Foreign => Box::pin(async move {
            let tracer = global::tracer("by hand");
            let builder = tracer.span_builder("foreign").with_attributes([KeyValue::new("n", id)]);
            let context = Context::current_with_span(builder.start(&tracer));
            inside.with_context(context).await;
        }),
        Kind::Tracing => Box::pin(async move {
            let span = tracing::info_span!("tracing", n = id);
            tracing::Instrument::instrument(inside, span).await;
        }),
    }
}

fn number(span: &Span) -> i64 {
    match span.attribute("n") {
        Some(Attribute::I64(n)) => *n,
        other => panic!("{} has no number but {other:?}", span.name),
    }
}

fn check(programs: &[Node], spans: &[Span], seed: u64) {
    let by_id: HashMap<_, _> =
        spans.iter().map(|span| ((span.trace_id, span.span_id), span)).collect();
    let mut expected = HashMap::new();
    for program in programs {
        program.parents(&mut Vec::new(), &mut expected);
    }
    assert_eq!(spans.len(), expected.len(), "all spans arrive (TRACED_MIX_SEED={seed})");
    for span in spans {
        let id = number(span);
        let parent = by_id.get(&(span.trace_id, span.parent_id)).map_or(0, |parent| number(parent));
        assert!(parent != 0 || !span.parent_id.is_valid(), "{id} hangs on nobody we know");
        let program = programs.iter().rfind(|program| program.id <= id).unwrap();
        assert_eq!(
            parent, expected[&id],
            "the parent of {} {id} (TRACED_MIX_SEED={seed}) in {program:#?}",
            span.name
        );
    }
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn all_three_make_one_tree() {
    let memory = Memory::new();
    let _traced = traced_tests::builder()
        .exporter(memory.clone())
        .sampler(ParentBased::new(AlwaysOn))
        .install()
        .unwrap();
    let tracer = traced::otel::TracerProvider::new().tracer("tracing");
    let layer = tracing_opentelemetry::layer().with_tracer(tracer);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let seed = variable("TRACED_MIX_SEED", 1);
    let mut random = Random(seed);
    let mut next = 0;
    let count = variable("TRACED_MIX_PROGRAMS", 150);
    let mut program = || Node::random(&mut random, &mut next, 5);
    let programs: Vec<_> = (0..count).map(|_| program()).collect();

    // One after the other on a thread, each on a thread of its own, in tasks.
    let (here, elsewhere) = programs.split_at(programs.len() / 4);
    let (threads, tasks) = elsewhere.split_at(elsewhere.len() / 3);
    here.iter().for_each(run);
    std::thread::scope(|scope| {
        for program in threads {
            scope.spawn(|| run(program));
        }
    });
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(3).build().unwrap().block_on(async {
        let tasks: Vec<_> =
            tasks.iter().cloned().map(|task| tokio::spawn(run_async(task))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(traced_tests::flush());
    check(&programs, &memory.take(), seed);
    assert!(!Context::current().has_active_span(), "nothing is left behind");
}
