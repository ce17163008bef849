//! `#[section(…)]` on statements, blocks and expressions.

use std::sync::Mutex;
use traced::test::{Spans, capture};
use traced::traced;
use traced_tests::{assert_tree, block_on, leaf, yield_now};

/// Does something in the section.
fn work(number: u64) -> u64 {
    leaf();
    number
}

async fn later(number: u64) -> u64 {
    yield_now().await;
    leaf();
    number
}

#[track_caller]
fn sections(tree: &str, call: impl FnOnce()) -> Spans {
    let spans = capture(call);
    assert_tree(&spans, tree);
    spans
}

#[test]
fn on_every_kind_of_statement() {
    #[traced("f")]
    #[allow(unused_must_use, reason = "the operation is what the section stands on")]
    fn f(number: u64) -> u64 {
        let mut all;
        #[section("let")]
        let one = work(1);
        #[section("pattern")]
        let (two, _) = (work(2), String::new());
        #[section("let else")]
        let Some(three) = Some(work(3)) else { return 0 };
        #[section("call")]
        work(4);
        #[section("assignment")]
        all = vec![work(5)];
        #[section("method")]
        all.push(work(6));
        #[section("block")]
        {
            work(7);
        }
        #[section("loop")]
        loop {
            work(8);
            break;
        }
        #[section("while")]
        while all.len() < 3 {
            all.push(work(9));
        }
        #[section("for")]
        for number in 10..11 {
            all.push(work(number));
        }
        #[section("if")]
        if work(11) == 11 {
            all.clear();
        }
        #[section("match")]
        match work(12) {
            0 => all.push(0),
            _ => {}
        }
        #[section("macro")]
        assert_eq!(work(13), 13);
        #[section("operation")]
        1 + work(14);
        leaf();
        #[section("return")]
        return one + two + three + number;
    }
    let names = [
        "let",
        "pattern",
        "let else",
        "call",
        "assignment",
        "method",
        "block",
        "loop",
        "while",
        "for",
        "if",
        "match",
        "macro",
        "operation",
    ];
    let each = names.map(|name| format!("{name}(leaf)")).join(" ");
    sections(&format!("f({each} leaf return)"), || assert_eq!(f(10), 16));
}

#[test]
fn on_expressions() {
    #[traced("f")]
    fn f() -> [u64; 3] {
        let pair = (
            #[section("tuple")]
            work(1),
            2,
        );
        let sum = u64::max(
            #[section("argument")]
            work(3),
            pair.0 + pair.1,
        );
        let boxed = #[section("initialiser")]
        Box::new(work(4));
        [
            #[section("element")]
            work(5),
            #[section("parentheses")]
            (1 + work(6)),
            sum + *boxed,
        ]
    }
    let each = ["tuple", "argument", "initialiser", "element", "parentheses"];
    let each = each.map(|name| format!("{name}(leaf)")).join(" ");
    sections(&format!("f({each})"), || assert_eq!(f(), [5, 7, 7]));
}

#[test]
fn on_the_value_of_a_block() {
    #[traced("f")]
    fn f(all: &Mutex<Vec<u64>>) -> Option<u64> {
        let inner = {
            #[section("inner")]
            work(1)
        };
        #[section("tail")]
        all.lock().unwrap().first().copied().map(|first| first + work(inner))
    }
    #[traced("g")]
    fn g(number: u64) -> Result<u64, std::num::ParseIntError> {
        #[section("parse")]
        let parsed: u64 = "x".parse()?;
        #[section("never")]
        if number > 0 { Ok(number) } else { Ok(parsed) }
    }
    #[traced("h")]
    fn h() -> Vec<u64> {
        #[section("macro")]
        vec![work(1)]
    }
    sections("f(inner(leaf) tail(leaf))", || assert_eq!(f(&Mutex::new(vec![1])), Some(2)));
    let spans = sections("g(parse)", || drop(g(1)));
    assert!(super::failed(spans.named("g")));
    sections("h(macro(leaf))", || assert_eq!(h(), [1]));
}

#[test]
fn across_awaits() {
    #[traced("f")]
    async fn f(number: u64) -> Result<u64, String> {
        #[section("load", slow = "3600s", number, sql = QUERY)]
        let loaded = later(number).await;
        #[section("both")]
        {
            later(1).await;
            #[section("inner", sql = "select 1")]
            later(2).await;
        }
        let found: Option<u64> = None;
        #[section("missing")]
        let Some(found) = found else {
            yield_now().await;
            return Err(loaded.to_string());
        };
        #[section("tail")]
        Ok(later(found).await)
    }
    const QUERY: &str = "select *";
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let tree = "f(load(leaf) both(leaf inner(leaf)) missing)";
    let spans = sections(tree, || drop(block_on(is_send(f(7)))));
    let load = spans.named("load");
    assert_eq!(load.attribute("db.query.text"), Some(&"select *".into()));
    assert_eq!(load.attribute("number"), Some(&7.into()));
    assert_eq!(spans.named("inner").attribute("db.query.text"), Some(&"select 1".into()));
}

#[test]
fn in_the_future_that_a_function_returns() {
    #[traced("f")]
    fn f() -> impl Future<Output = u64> {
        async move {
            #[section("in f")]
            later(1).await
        }
    }
    #[traced("g")]
    fn g() -> std::pin::Pin<Box<dyn Future<Output = u64> + Send>> {
        Box::pin(async move {
            #[section("in g")]
            later(1).await
        })
    }
    struct Loader;
    #[async_trait::async_trait]
    trait Loads {
        async fn load(&self) -> u64;
    }
    #[async_trait::async_trait]
    impl Loads for Loader {
        #[traced("load")]
        async fn load(&self) -> u64 {
            #[section("in load")]
            let number = later(1).await;
            number
        }
    }
    sections("f(in f(leaf)) g(in g(leaf)) load(in load(leaf))", || {
        block_on(f());
        block_on(g());
        block_on(Loader.load());
    });
}

#[test]
fn in_blocks_of_items_and_by_path() {
    struct Orders;
    #[traced]
    impl Orders {
        fn place(&self) {
            #[traced::section("saved")]
            work(1);
        }
    }
    sections("Orders::place(saved(leaf))", || Orders.place());
}

#[test]
fn a_slow_section_says_so() {
    #[traced("f")]
    fn f() {
        #[section("slow", slow = "1ns")]
        work(1);
    }
    let spans = sections("f(slow(leaf))", f);
    assert_eq!(spans.named("slow").attribute("traced.slow"), Some(&true.into()));
}

#[test]
fn bindings_borrow_and_move_as_without() {
    struct Pair {
        kept: String,
        moved: String,
    }
    #[traced("f")]
    fn f(pair: Pair) -> usize {
        #[section("partial move")]
        let Pair { moved, .. } = pair;
        #[section("extended temporary")]
        let borrowed = &String::from("abc");
        #[section("no move")]
        let _ = pair.kept;
        moved.len() + borrowed.len() + pair.kept.len()
    }
    let pair = Pair { kept: "a".into(), moved: "bc".into() };
    sections("f(partial move extended temporary no move)", || assert_eq!(f(pair), 6));
}
