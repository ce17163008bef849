//! `parent` and `root`: where a span hangs.

use traced::test::capture;
use traced::{Context, traced};
use traced_tests::{block_on, parent_of};

#[test]
fn a_named_parent_is_borrowed_not_taken() {
    #[traced(parent = from)]
    fn owned(from: Context) -> Context {
        from
    }
    #[traced(parent = from)]
    fn borrowed(from: &Context) -> bool {
        from.is_none()
    }
    #[traced(parent = from)]
    async fn later(from: Option<Context>) -> Option<Context> {
        from
    }
    let spans = capture(|| {
        let _open = traced::span!("far").enter();
        let far = traced::current();
        let _near = traced::section!("near");
        owned(far.clone());
        borrowed(&far);
        block_on(later(Some(far)));
    });
    for span in spans.iter().filter(|span| !["far", "near"].contains(&&*span.name)) {
        assert_eq!(parent_of(&spans, span).unwrap().name, "far", "{spans}");
    }
    assert_eq!(spans.len(), 5);
}

#[test]
fn none_is_a_root_as_in_tracing() {
    #[traced(parent = None)]
    fn alone() {}
    let spans = capture(|| {
        let _open = traced::span!("outer").enter();
        alone();
    });
    assert!(parent_of(&spans, spans.named("none_is_a_root_as_in_tracing::alone")).is_none());
}
