//! `links`: other spans that a span refers to.

use traced::test::capture;
use traced::{Context, traced};
use traced_tests::{block_on, leaf};

fn somewhere() -> Context {
    let mut context = Context::none();
    capture(|| {
        let _open = traced::span!("elsewhere").enter();
        context = traced::current();
    });
    context
}

#[test]
fn one_or_many_are_linked_and_the_body_keeps_them() {
    #[traced(links = from)]
    fn one(from: Context) -> Context {
        from
    }
    #[traced(links = batch)]
    fn many(batch: Vec<Context>) -> usize {
        batch.len()
    }
    #[traced(links = batch.iter().take(2))]
    async fn some(batch: Vec<Context>) -> usize {
        leaf();
        batch.len()
    }
    #[traced(links = from)]
    async fn perhaps(from: Option<Context>) {
        drop(from);
    }
    let (first, second, third) = (somewhere(), somewhere(), somewhere());
    let all = vec![first.clone(), second.clone(), third];
    let spans = capture(|| {
        one(first.clone());
        many(all.clone());
        block_on(some(all.clone()));
        block_on(perhaps(None));
    });
    let linked: Vec<_> = spans
        .iter()
        .map(|span| span.links.iter().map(|link| link.trace_id).collect::<Vec<_>>())
        .collect();
    let ids: Vec<_> = all.iter().map(Context::trace_id).collect();
    assert_eq!(linked, [&ids[..1], &ids[..], &ids[..2], &[], &[]]);
}
