//! Arguments that are more than a name.

use super::span;
use traced::traced;
use traced_tests::block_on;

struct Point {
    x: u32,
    y: u32,
}

struct Json<T>(T);

#[traced]
fn wild(_: u32) {}

#[traced]
fn tuple((a, b): (u32, u32)) -> u32 {
    a + b
}

#[traced]
fn fields(Point { x, y }: Point) -> u32 {
    x + y
}

#[traced(fields(sum = x + y, x))]
fn fields_of_a_pattern(Point { x, y }: Point, z: u32) -> u32 {
    x + y + z
}

#[traced(fields(sum = x + y))]
async fn fields_of_a_pattern_later(Point { x, y }: Point, z: u32) -> u32 {
    x + y + z
}

#[traced(fields(who = %name))]
fn generic_wrapper(Json((name, _)): Json<(String, u8)>) -> usize {
    name.len()
}

#[traced]
fn mutable(mut a: u32, mut b: Vec<u8>) -> u32 {
    a += 1;
    b.clear();
    a
}

#[traced]
fn slices([a, .., b]: [u8; 4], &c: &u8, ref d: u8) -> u8 {
    a + b + c + *d
}

#[traced]
fn bound(whole @ (a, _): (u8, u8)) -> u8 {
    whole.1 + a
}

#[traced]
fn cfg_argument(x: u32, #[cfg(any())] y: Absent) -> u32 {
    x
}

#[traced]
fn raw(r#match: u32, r#in: u32) -> u32 {
    r#match + r#in
}

#[traced]
fn r#type(r#match: u32) -> u32 {
    r#match
}

#[traced]
#[allow(clippy::too_many_arguments)]
fn our_names(
    debug: u8,
    display: u8,
    span: u8,
    result: u8,
    self_: u8,
    __traced: u8,
    value: u8,
    error: u8,
    returned: u8,
    future: u8,
) -> Result<u8, u8> {
    Ok(debug + display + span + result + self_ + __traced + value + error + returned + future)
}

#[traced(ret, err = debug)]
#[allow(clippy::too_many_arguments)]
async fn our_names_later(
    debug: u8,
    display: u8,
    span: u8,
    result: u8,
    self_: u8,
    __traced: u8,
    value: u8,
    error: u8,
) -> Result<u8, u8> {
    Ok(debug + display + span + result + self_ + __traced + value + error)
}

#[traced]
fn unused(#[allow(unused_variables)] a: u8, _b: u8, _: &str) {}

#[test]
fn patterns_bind_and_plain_names_are_recorded() {
    assert_eq!(span("patterns::wild", || wild(1)).attributes, []);
    span("patterns::tuple", || assert_eq!(tuple((1, 2)), 3));
    span("patterns::fields", || assert_eq!(fields(Point { x: 1, y: 2 }), 3));
    span("patterns::mutable", || assert_eq!(mutable(1, vec![1]), 2));
    span("patterns::slices", || assert_eq!(slices([1, 0, 0, 2], &3, 4), 10));
    span("patterns::bound", || assert_eq!(bound((1, 2)), 3));
    let it = span("patterns::cfg_argument", || assert_eq!(cfg_argument(7), 7));
    assert_eq!(it.attribute("x"), Some(&7.into()));
    let it = span("patterns::raw", || assert_eq!(raw(1, 2), 3));
    assert_eq!(it.attribute("match"), Some(&1.into()));
    let it = span("patterns::type", || assert_eq!(r#type(1), 1));
    assert_eq!(it.attribute("match"), Some(&1.into()));
    let it = span("patterns::our_names", || {
        assert_eq!(our_names(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), Ok(10));
    });
    assert_eq!(it.attributes.len(), 10);
    let it = span("patterns::our_names_later", || {
        assert_eq!(block_on(our_names_later(1, 1, 1, 1, 1, 1, 1, 1)), Ok(8));
    });
    assert_eq!(it.attributes.len(), 9);
    assert_eq!(it.attribute("return"), Some(&8.into()));
    let it = span("patterns::unused", || unused(1, 2, ""));
    assert_eq!(it.attributes.len(), 2);
}

#[test]
fn fields_see_what_patterns_bind() {
    let it = span("patterns::fields_of_a_pattern", || {
        assert_eq!(fields_of_a_pattern(Point { x: 1, y: 2 }, 3), 6);
    });
    assert_eq!(it.attribute("sum"), Some(&3.into()));
    assert_eq!(it.attribute("z"), Some(&3.into()));
    let it = span("patterns::fields_of_a_pattern_later", || {
        assert_eq!(block_on(fields_of_a_pattern_later(Point { x: 1, y: 2 }, 3)), 6);
    });
    assert_eq!(it.attribute("sum"), Some(&3.into()));
    assert_eq!(it.attribute("z"), Some(&3.into()));
    let it = span("patterns::generic_wrapper", || {
        assert_eq!(generic_wrapper(Json(("abc".into(), 1))), 3);
    });
    assert_eq!(it.attribute("who"), Some(&"abc".into()));
}
