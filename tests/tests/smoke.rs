#![allow(missing_docs)]
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use traced::__private as p;
use traced::test::capture;
use traced::Instrument;
macro_rules! site { ($n:literal $(, $k:literal)*) => {{ static S: p::Callsite = p::Callsite::new(p::About::new(p::Name::Literal($n), module_path!(), file!(), line!()).keys(&[$($k),*])); &S }} }
struct Yield(bool);
impl Future for Yield { type Output = (); fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> { if self.0 { Poll::Ready(()) } else { self.0 = true; Poll::Pending } } }
fn y() -> Yield { Yield(false) }
fn poll1<F: Future + ?Sized>(f: Pin<&mut F>) -> Poll<F::Output> { f.poll(&mut Context::from_waker(Waker::noop())) }
fn run<F: Future>(f: F) -> F::Output { let mut f = Box::pin(f); loop { if let Poll::Ready(r) = poll1(f.as_mut()) { return r } } }
fn leaf() { let _g = p::enter(site!("leaf")); }
#[test] fn sync_tree() {
    let s = capture(|| { let _r = p::enter(site!("root")); { let _x = p::enter_with(site!("x", "i", "s"), || [p::Value::U64(7), p::Value::Text("héllo wörld, this is")]); leaf(); } leaf(); });
    assert_eq!(s.to_string(), "root(x(leaf) leaf)"); println!("{s:#?}");
    assert_eq!(s.stats().created, 4); assert_eq!(s.stats().pending, 0);
}
#[test] fn async_tree() {
    let s = capture(|| { run(p::traced(site!("a"), async { leaf(); p::traced(site!("b"), async { leaf(); y().await; leaf() }).await; y().await; leaf() })); });
    assert_eq!(s.to_string(), "a(leaf b(leaf leaf) leaf)");
    let s = capture(|| { let _r = p::enter(site!("r")); run(p::traced(site!("a"), async { leaf(); p::traced(site!("b"), async { leaf(); y().await; leaf() }).await; y().await; leaf() })); });
    assert_eq!(s.to_string(), "r(a(leaf b(leaf leaf) leaf))");
}
#[test] fn moved() {
    for late in [false, true] {
    let s = capture(|| {
        let (tx, rx) = std::sync::mpsc::channel::<Pin<Box<dyn Future<Output=()> + Send>>>();
        let mut root = Box::pin(p::traced(site!("a"), async move {
            let mut c: Pin<Box<dyn Future<Output=()> + Send>> = Box::pin(p::traced(site!("c"), async { leaf(); y().await; leaf(); p::traced(site!("d"), async { leaf(); y().await; leaf() }).await; leaf() }));
            std::future::poll_fn(|cx| { assert!(c.as_mut().poll(cx).is_pending()); Poll::Ready(()) }).await;
            tx.send(c).unwrap(); leaf(); y().await; leaf();
        }));
        assert!(poll1(root.as_mut()).is_pending()); let c = rx.recv().unwrap();
        if late { assert!(poll1(root.as_mut()).is_ready()) }
        std::thread::spawn(move || run(c)).join().unwrap();
        if !late { assert!(poll1(root.as_mut()).is_ready()) }
    });
    println!("{s}"); assert_eq!(s.len(), 10); assert!(s.to_string().contains("d(leaf leaf)"), "{s}"); assert_eq!(s.stats().created, 10);
    }
}
#[test] fn spawned_and_threads() {
    let s = capture(|| { let _r = p::enter(site!("root"));
        let f = p::traced(site!("task"), async { leaf(); y().await; leaf() });
        let t = std::thread::spawn(move || run(f)); t.join().unwrap();
        std::thread::spawn(traced::in_current(leaf)).join().unwrap();
        let g = async { leaf(); y().await; leaf() }.in_current(); std::thread::spawn(move || run(g)).join().unwrap();
    });
    assert_eq!(s.to_string(), "root(task(leaf leaf) leaf leaf leaf)");
}
#[test] fn overflow() {
    let s = capture(|| { let _r = p::enter(site!("root")); for i in 0..1_000_000u64 { let g = p::enter(site!("leaf")); if i == 900_000 { p::fail("Boom"); } drop(g); } });
    println!("{} {:?}", s.len(), s.stats());
    assert_eq!(s.stats().created, 1_000_001); assert!(s.iter().any(|s| s.attribute("error.type").is_some()));
    assert_eq!(s.stats().created, s.stats().exported + s.stats().dropped_in_all());
    println!("{:?}", s.iter().find(|s| s.attribute("traced.count").is_some()));
    let s = capture(|| { let _r = p::enter(site!("root")); for _ in 0..300_000u64 { let _g = p::enter(site!("it")); leaf(); {let _h = p::enter(site!("other"));} leaf(); } });
    println!("{} {:?}", s.len(), s.stats());
    assert_eq!(s.stats().created, s.stats().exported + s.stats().dropped_in_all());
}
#[test] fn recursion_full() {
    fn rec(n: u32) { let _g = p::enter(site!("rec")); if n > 0 { rec(n - 1) } }
    let s = capture(|| std::thread::scope(|sc| { let c = traced::current(); assert!(c.is_none()); drop(sc); rec(1000); let _r = p::enter(site!("root")); }));
    assert_eq!(s.len(), 1002);
    let s = capture(|| stacker(60_000, &rec));
    println!("{} {:?}", s.len(), s.stats());
    assert_eq!(s.stats().created, s.stats().exported + s.stats().dropped_in_all());
}
fn stacker(n: u32, f: &dyn Fn(u32)) { f(n.min(10_000)) }
#[test] fn cancel_panic() {
    let s = capture(|| { let mut f = Box::pin(p::traced(site!("a"), async { leaf(); p::traced(site!("b"), async { std::future::pending::<()>().await }).await })); assert!(poll1(f.as_mut()).is_pending()); drop(f); });
    assert_eq!(s.to_string(), "a(leaf b)"); assert_eq!(s.named("b").attribute("traced.outcome"), Some(&"cancelled".into()));
}
