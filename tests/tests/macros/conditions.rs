//! `cfg` and `cfg_attr` around everything.

use traced::test::capture;
use traced::traced;
use traced_tests::block_on;

#[traced]
fn on_parameters(
    #[cfg_attr(all(), public)] text: &str,
    #[cfg_attr(any(), public)] secret: &str,
    #[cfg_attr(all(), skip)] number: u64,
    #[cfg(any())] absent: Absent,
) -> usize {
    text.len() + secret.len() + usize::try_from(number).unwrap()
}

#[traced]
async fn on_parameters_of_async(
    #[cfg_attr(all(), public, allow(unused_variables))] text: &str,
) -> usize {
    1
}

#[cfg_attr(all(), traced(public(text), fields(more = 1)))]
fn on_the_function(text: &str) -> usize {
    text.len()
}

#[cfg_attr(any(), traced)]
fn not_at_all() {}

#[traced]
#[cfg_attr(all(), inline, must_use)]
fn others_stay() -> u8 {
    1
}

struct Methods;

#[traced]
impl Methods {
    #[cfg_attr(all(), untraced)]
    fn left_out(&self) -> u8 {
        1 + 1
    }
    #[cfg_attr(any(), untraced)]
    fn kept(&self) -> u8 {
        1 + 1
    }
    #[cfg_attr(all(), traced(name = "renamed"))]
    fn named(&self) -> u8 {
        1 + 1
    }
    #[cfg(any())]
    fn absent(&self) -> Absent {
        nothing
    }
}

#[test]
fn conditions_are_the_compilers_to_decide() {
    let spans = capture(|| {
        on_parameters("text", "secret", 7);
        block_on(on_parameters_of_async("text"));
        on_the_function("text");
        not_at_all();
        assert_eq!(others_stay(), 1);
        Methods.left_out();
        Methods.kept();
        Methods.named();
    });
    let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
    let expected = ["on_parameters", "on_parameters_of_async", "on_the_function", "others_stay"];
    assert_eq!(names[..4], expected.map(|name| format!("conditions::{name}")));
    assert_eq!(names[4..], ["Methods::kept", "renamed"]);
    assert_eq!(spans[0].attribute("text"), Some(&"text".into()));
    assert_eq!(spans[0].attributes.len(), 1);
    assert_eq!(spans[1].attribute("text"), Some(&"text".into()));
    assert_eq!(spans[2].attribute("text"), Some(&"text".into()));
}
