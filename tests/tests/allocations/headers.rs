//! However much a caller sends, what reading its headers takes is bounded.

use crate::counting::most_of;
use traced::propagation::{Format, Propagators};

const TRACEPARENT: (&str, &str) =
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01");
const NAMES: [&str; 14] = [
    "traceparent",
    "tracestate",
    "baggage",
    "b3",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-flags",
    "uber-trace-id",
    "x-datadog-trace-id",
    "x-datadog-parent-id",
    "x-datadog-sampling-priority",
    "x-datadog-tags",
];
/// What is read of a list at the most, 32 KiB, and half of that again while it grows.
const BOUND: usize = 48 << 10;

#[test]
fn whatever_is_sent_is_read_in_bounded_memory() {
    let all = Propagators::new(Format::ALL);
    let well_meant =
        most_of(|| all.extract(&[TRACEPARENT, ("tracestate", "a=1"), ("baggage", "b=2")]));
    assert!(well_meant > 0 && well_meant < 4096, "{well_meant}");
    let pieces = ["a=1,", "a", "0", "%41", "=,;", " ", "-1:", "é"];
    for name in NAMES {
        for piece in pieces {
            // One endless header, endlessly many, and many long ones.
            let endless = piece.repeat((1 << 20) / piece.len());
            let one = [TRACEPARENT, (name, &*endless)];
            let many: Vec<_> =
                [TRACEPARENT].into_iter().chain((0..20_000).map(|_| (name, piece))).collect();
            let long: Vec<_> = [TRACEPARENT]
                .into_iter()
                .chain((0..100).map(|n| (name, &endless[..1000 * n / piece.len() * piece.len()])))
                .collect();
            let most = [
                most_of(|| all.extract(&one)),
                most_of(|| all.extract(&many)),
                most_of(|| all.extract(&long)),
            ];
            assert!(most.iter().all(|most| *most <= BOUND), "{name}, {piece:?}: {most:?} bytes");
        }
    }
}
