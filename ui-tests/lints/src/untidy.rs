//! Functions that deserve a lint each.

use traced::traced;

#[traced]
fn unused_argument(a: u8, b: String) -> u8 {
    let unused = 1;
    let mut never_changed = 2;
    never_changed + a
}

#[traced]
fn unused_result(text: &str) {
    text.parse::<u8>();
    "abc".len();
}

#[traced]
fn dead() {}

#[traced]
pub fn needless_lifetimes<'a>(a: &'a str) -> &'a str {
    a
}

#[traced]
pub fn needless_return(a: u8) -> u8 {
    return a;
}

#[traced]
pub fn needless_return_of_result(a: u8) -> Result<u8, String> {
    return Ok(a);
}

#[traced]
pub fn needless_borrow(a: &String) -> usize {
    let b = &a;
    (&b).len()
}

#[traced]
pub fn by_value(a: String, b: Vec<u8>) -> usize {
    a.len() + b.len()
}

#[traced]
pub fn unreachable_after_return(a: u8) -> u8 {
    return a;
    let b = 1;
    b
}

#[traced]
pub fn unreachable_after_panic(a: u8) -> u8 {
    panic!("{a}");
    a
}

#[traced]
pub fn unwraps(a: Option<u8>) -> Result<u8, String> {
    let b = a.unwrap();
    Ok(b as u8 + 1)
}

#[traced]
pub fn needless_question_mark(a: Option<u8>) -> Option<u8> {
    Some(a?)
}

#[traced]
pub fn wraps(a: u8) -> Result<u8, String> {
    Ok(a)
}

#[traced]
pub fn clones(a: &u8) -> u8 {
    let b = a.clone();
    b
}

#[traced]
pub fn unused_braces(a: u8) -> u8 {
    let b = { a };
    let c = (a + b);
    if (c == 1) { 1 } else { c }
}

#[traced]
pub fn single_match(a: Option<u8>) {
    match a {
        Some(b) => println!("{}", b),
        None => {}
    }
}

#[traced]
pub fn underscore_used(_a: u8, _b: u8) -> u8 {
    _a + 1
}

#[traced]
pub fn shadows(a: u8) -> u8 {
    let a = a + 1;
    let a = a * 2;
    a
}

#[traced]
pub fn too_many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> u8 {
    a + b + c + d + e + f + g + h
}

#[traced]
pub fn by_reference(a: &u8, b: &mut u8) -> u8 {
    *a
}

#[traced]
pub fn boxes(a: Box<Vec<u8>>, b: &Vec<u8>) -> usize {
    a.len() + b.len()
}

#[traced]
pub unsafe fn without_safety(a: *const u8) -> u8 {
    *a
}

#[traced]
pub fn items_after_statements() -> u8 {
    let a = 1;
    fn inner() -> u8 {
        1
    }
    a + inner()
}

#[traced]
pub fn never_loops(a: u8) -> u8 {
    loop {
        if a == 0 {
            return 1;
        }
        return a;
    }
}

#[traced]
pub fn cognitive(a: u8) -> u8 {
    if a == 0 { 1 } else if a == 1 { 1 } else { 2 }
}

#[traced]
pub fn bool_arguments(a: bool, b: bool, c: bool, d: bool) -> bool {
    if a == true { return b } else { return c && d }
}

#[traced]
pub fn empty(a: u8) {}

#[traced]
pub fn without_semicolon(a: &mut Vec<u8>) {
    a.clear()
}

#[traced]
pub fn assigned_and_unread(mut a: u8) {
    a = 3;
}

#[traced]
pub fn let_unit() {
    let a = empty(1);
    a
}

pub struct Untidy {
    a: u8,
}

impl Untidy {
    #[traced]
    pub fn new() -> Self {
        Self { a: 1 }
    }
    #[traced]
    pub fn no_self(&self) -> u8 {
        1
    }
    #[traced]
    pub fn getter(&self) -> u8 {
        self.a
    }
    #[traced]
    pub fn into_something(&self) -> Self {
        Untidy { a: self.a }
    }
    #[traced]
    pub fn should_implement_trait(self) -> Result<Untidy, ()> {
        Ok(self)
    }
}

#[traced]
pub async fn unused_argument_later(a: u8, b: String) -> u8 {
    let unused = 1;
    std::future::ready(()).await;
    a
}

#[traced]
pub async fn must_use_later(a: u8) -> Result<u8, String> {
    std::future::ready(()).await;
    wraps(a);
    must_not_be_dropped();
    return Ok(a);
}

#[traced]
async fn must_not_be_dropped() -> u8 {
    std::future::ready(1).await
}

#[traced]
pub async fn holds_a_lock(a: &std::sync::Mutex<u8>) -> u8 {
    let b = a.lock().unwrap();
    std::future::ready(()).await;
    *b
}

#[traced]
#[expect(unused_variables)]
pub fn expected(a: u8) {}

#[traced]
pub fn with_sections(a: u8) -> u8 {
    #[section("one")]
    let b = a.clone();
    #[section("two", b)]
    {
        let unused = 1;
    }
    #[section("three")]
    b
}
