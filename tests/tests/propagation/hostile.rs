//! Headers that nobody meant well: random bytes, and good headers with random faults. Nothing panics, what
//! is kept is bounded, and what was understood can be sent and understood again.

use traced::propagation::{Format, Propagators};
use traced_tests::next_random;

/// The same numbers in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        next_random(&mut self.0)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}

const GOOD: [(&str, &str); 14] = [
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01"),
    ("traceparent", "cc-12345678901234567890123456789012-1234567890123456-03-more"),
    ("tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,t@s= 1"),
    ("baggage", "userId=Am%C3%A9lie;p=1;q,serverNode=DF%2028, isProduction=false"),
    ("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90"),
    ("x-b3-traceid", "80f198ee56343ba864fe8b2a57d3eff7"),
    ("x-b3-spanid", "e457b5a2e4d86bd1"),
    ("x-b3-sampled", "1"),
    ("x-b3-flags", "1"),
    ("uber-trace-id", "80f198ee56343ba864fe8b2a57d3eff7%3Ae457b5a2e4d86bd1%3A0%3A1"),
    ("x-datadog-trace-id", "7277407061855694839"),
    ("x-datadog-parent-id", "16453819474850114513"),
    ("x-datadog-sampling-priority", "-1"),
    ("x-datadog-tags", "_dd.p.dm=-0,_dd.p.tid=80f198ee56343ba8"),
];

const ALPHABET: &[char] = &[
    '0',
    '1',
    '9',
    'a',
    'f',
    'g',
    'A',
    '-',
    ':',
    '=',
    ',',
    ';',
    '%',
    '@',
    ' ',
    '\t',
    '"',
    '\\',
    '+',
    '.',
    '\u{0}',
    '\u{7f}',
    '\u{e9}',
    '\u{1f600}',
];

fn header(random: &mut Random) -> (&'static str, String) {
    let (name, good) = GOOD[random.below(GOOD.len())];
    let mut text: Vec<char> = match random.below(3) {
        0 => Vec::new(),
        _ => good.chars().collect(),
    };
    for _ in 0..random.below(6) {
        let at = random.below(text.len() + 1);
        match random.below(4) {
            0 if at < text.len() => {
                text.remove(at);
            }
            1 => text.truncate(at),
            2 => {
                let copy = text[at..].to_vec();
                text.extend(copy);
            }
            _ => text.insert(at, ALPHABET[random.below(ALPHABET.len())]),
        }
    }
    if random.below(200) == 0 {
        let piece: String = text.iter().chain(&[',']).collect();
        return (name, piece.repeat(1 + random.below(4000)));
    }
    (name, text.into_iter().collect())
}

#[test]
fn whatever_arrives_is_understood_the_same_way_again_or_not_at_all() {
    let all = Propagators::new(Format::ALL);
    let mut random = Random(7);
    let mut understood = 0;
    for round in 0..40_000 {
        let headers: Vec<_> = (0..=random.below(4)).map(|_| header(&mut random)).collect();
        let context = all.extract(&headers);
        assert!(context.trace_state().as_str().len() <= 16 * 1024);
        assert!(context.trace_state().iter().count() <= 32);
        assert!(context.baggage().as_str().len() <= 8192);
        assert!(context.baggage().iter().count() <= 64);
        let mut sent = Vec::<(String, String)>::new();
        Propagators::default().inject(&context, &mut sent);
        let again = Propagators::default().extract(&sent);
        assert_eq!(again.is_none(), context.is_none(), "round {round}: {headers:?}");
        assert_eq!(again.trace_id(), context.trace_id(), "round {round}: {headers:?}");
        assert_eq!(again.span_id(), context.span_id(), "round {round}: {headers:?}");
        assert_eq!(again.is_sampled(), context.is_sampled(), "round {round}: {headers:?}");
        assert_eq!(again.trace_state(), context.trace_state(), "round {round}: {headers:?}");
        assert_eq!(again.baggage(), context.baggage(), "round {round}: {headers:?}");
        understood += usize::from(!context.is_none());
    }
    assert!(understood > 1000, "most are refused, but {understood} are too few");
}

#[test]
fn endless_lists_are_refused_as_a_whole() {
    let members = "a=1,".repeat(1 << 20);
    let headers = [("traceparent", GOOD[0].1), ("tracestate", &members), ("baggage", &members)];
    let context = Propagators::default().extract(&headers);
    assert!(!context.is_none());
    assert!(context.trace_state().is_empty() && context.baggage().is_empty());
    let headers: Vec<_> = (0..100_000).map(|_| ("tracestate", "a=1")).collect();
    assert!(Propagators::default().extract(&headers).is_none());
}
