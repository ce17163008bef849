//! Shapes of functions that `#[traced]` compiles on, without a warning of its own.

#![allow(
    improper_ctypes_definitions,
    clippy::empty_loop,
    clippy::infinite_loop,
    clippy::non_minimal_cfg,
    clippy::too_many_arguments,
    clippy::extra_unused_type_parameters
)]
use std::fmt::{Debug, Display};
use std::future::Future;
use std::sync::Mutex;
use traced::traced;

#[traced]
pub fn nothing() {}
#[traced]
pub fn number(a: u64, b: &str) {
    drop((a, b));
}
#[traced]
pub fn ret(a: u64) -> u64 {
    a + 1
}
#[traced]
pub fn tail(m: Mutex<u32>) -> u32 {
    *m.lock().unwrap()
}
#[traced]
pub fn tail2(m: Mutex<Vec<u32>>) -> Option<u32> {
    m.lock().unwrap().first().copied()
}
#[traced]
pub fn reborrow<'a>(v: &'a mut Vec<u8>) -> Result<&'a mut u8, String> {
    v.push(1);
    v.get_mut(0).ok_or_else(String::new)
}
#[traced]
pub fn reborrow2(v: &mut (u8, u8)) -> Result<&mut u8, String> {
    Ok(&mut v.0)
}
#[traced]
pub fn elided(v: &str) -> Option<&str> {
    v.split(' ').next()
}
#[traced]
pub fn questions(s: &str) -> Result<u8, Box<dyn std::error::Error>> {
    let n: u8 = s.parse()?;
    if n == 0 {
        return Err("zero".into());
    }
    Ok(n)
}
#[traced]
pub fn io() -> std::io::Result<()> {
    Err(std::io::ErrorKind::Other.into())
}
#[traced]
pub fn coerced(n: u8) -> Box<dyn Fn() -> u8> {
    Box::new(move || n)
}
#[traced]
pub fn never() -> ! {
    panic!("x")
}
#[traced]
pub fn diverges() {
    loop {}
}
#[traced]
pub fn diverges_with(x: String) -> Result<u8, u8> {
    drop(x);
    panic!()
}
#[traced]
pub fn impl_arg(x: impl Display) -> String {
    x.to_string()
}
#[traced]
pub fn impl_ret(x: u8, s: String) -> impl Fn() -> usize {
    move || s.len() + x as usize
}
#[traced]
pub fn generic<T: Debug, const N: usize>(x: [T; N]) -> Option<T> {
    x.into_iter().next()
}
#[traced]
pub fn dynamic(x: &dyn Debug) -> String {
    format!("{x:?}")
}
#[traced]
pub fn patterns(
    (a, _): (String, String),
    mut b: Vec<u8>,
    _: String,
    [c, ..]: [u8; 3],
    &d: &u8,
    ref e: u8,
) -> usize {
    b.push(c);
    a.len() + b.len() + d as usize + *e as usize
}
#[traced]
pub fn r#match(r#type: u64, r#in: &str) -> usize {
    usize::try_from(r#type).unwrap() + r#in.len()
}
#[traced]
pub unsafe fn unsafe_fn(p: *const u8) -> u8 {
    unsafe { *p }
}
#[traced]
pub unsafe extern "C" fn extern_fn(p: *const u8) -> Result<u8, ()> {
    unsafe { Ok(*p) }
}
#[traced]
#[track_caller]
pub fn tracked(x: Option<u8>) -> Result<u32, String> {
    let _ = x;
    Ok(std::panic::Location::caller().line())
}
#[traced]
pub fn recursive(n: u64) -> u64 {
    if n < 2 { n } else { recursive(n - 1) + recursive(n - 2) }
}
#[traced]
pub fn inner_attr() -> u8 {
    #![allow(unused_variables)]
    let x = 1;
    2
}
#[traced]
pub fn names(
    span: u8,
    result: u8,
    __traced: u8,
    values: u8,
    _guard: u8,
    error_type: u8,
    runtime: u8,
    argument_0: u8,
    f: u8,
) -> Result<u8, u8> {
    Ok(span + result + values + error_type + runtime + argument_0 + f)
}
#[traced]
pub fn names_pat((a, b): (u8, u8), argument_0: u8) -> u8 {
    a + b + argument_0
}
#[traced]
pub fn cfg_args(#[cfg(any())] a: Nothing, #[cfg(not(any()))] b: u64) -> u64 {
    b
}
#[traced]
pub fn allowed(#[allow(unused_variables)] a: String, _b: String) {}
#[traced]
pub fn closure_state(mut f: impl FnMut() -> u8) -> Option<u8> {
    f();
    Some(f())
}
#[traced]
pub fn mutates(mut n: u64) -> Option<u64> {
    n += 1;
    Some(n)
}
#[traced]
pub fn slice_ref<'a, 'b>(a: &'a [u8], b: &'b [u8]) -> Result<(&'a u8, &'b u8), ()>
where
    'a: 'b,
{
    Ok((a.first().ok_or(())?, b.first().ok_or(())?))
}
#[traced(skip_all)]
pub fn skipped(a: u64, b: String) -> u64 {
    drop(b);
    a
}
#[traced("a name", skip(a), public(b), kind = client, level = "debug", target = "t", slow = "10ms", fields(len = b.len(), x.y = %b, who = ?b.clone(), lit = "t", later, "k.q" = 3, ?a))]
pub fn options(a: u64, b: String) -> u64 {
    drop(b);
    a
}
#[traced(root)]
pub fn root() {}
#[traced(parent = &id)]
pub fn parent(id: traced::Context, name: String) -> Result<(), String> {
    drop((id, name));
    Ok(())
}
#[traced]
pub fn attrs(#[public] a: &str, #[skip] b: u64, #[redact] c: &str, #[redact(last = 4)] d: &str) {
    drop((a, b, c, d));
}
#[traced(name = "x", level = 2)]
pub fn int_level() {}
#[traced(level = Level::DEBUG)]
pub fn path_level() {}

#[derive(Debug, Default)]
pub struct Orders {
    pub a: String,
    pub b: Mutex<u8>,
}
impl Orders {
    #[traced]
    pub fn by_ref(&self, n: u64) -> Result<&str, String> {
        drop(n);
        Ok(&self.a)
    }
    #[traced]
    pub fn by_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.a)
    }
    #[traced]
    pub fn by_mut_unit(&mut self) {
        self.a.clear();
    }
    #[traced]
    pub fn by_value(self) -> String {
        self.a
    }
    #[traced]
    pub fn by_value_unit(mut self) {
        self.a.push('x');
        drop(self.a);
    }
    #[traced]
    pub fn by_box(self: Box<Self>) {}
    #[traced]
    pub fn by_arc(self: std::sync::Arc<Self>) -> Result<Self, std::sync::Arc<Self>> {
        std::sync::Arc::try_unwrap(self)
    }
    #[traced]
    pub fn by_pin(mut self: std::pin::Pin<&mut Self>) -> u8 {
        self.as_mut().get_mut().a.clear();
        1
    }
    #[traced]
    pub fn lock(&self) -> u8 {
        *self.b.lock().unwrap()
    }
    #[traced]
    pub fn new() -> Self {
        Self::default()
    }
    #[allow(clippy::unwrap_used, clippy::unused_self)]
    #[traced(fields(held = %self.b.lock().unwrap(), len = self.a.len(), %self.a))]
    pub fn held(&self) -> u8 {
        1
    }
    #[allow(clippy::unwrap_used, clippy::unused_self)]
    #[traced(fields(held = %self.b.lock().unwrap()))]
    pub async fn held_async(&self) -> u8 {
        1
    }
    #[traced]
    pub async fn a_ref(&self, n: u64) -> Result<&str, String> {
        yielded().await;
        drop(n);
        Ok(&self.a)
    }
    #[traced]
    pub async fn a_mut(&mut self, n: &mut u64) -> Option<&mut String> {
        *n += 1;
        Some(&mut self.a)
    }
    #[traced]
    pub async fn a_value(self) -> String {
        self.a
    }
    #[traced]
    pub async fn a_box(self: Box<Self>, _: String) {}
}
#[traced]
pub async fn yielded() {}
#[traced]
pub async fn a_elided(a: &str, b: &str) -> usize {
    yielded().await;
    a.len() + b.len()
}
#[traced]
pub async fn a_questions(s: &str) -> Result<u8, Box<dyn std::error::Error>> {
    let n: u8 = s.parse()?;
    yielded().await;
    if n == 0 {
        return Err("zero".into());
    }
    Ok(n)
}
#[traced]
pub async fn a_coerced(n: u8) -> Box<dyn Fn() -> u8> {
    Box::new(move || n)
}
#[traced]
pub async fn a_impl_arg(x: impl Display) -> String {
    x.to_string()
}
#[traced]
pub async fn a_impl_ret(x: u8) -> impl Fn() -> u8 {
    move || x
}
#[traced]
pub async fn a_impl_in(x: u8) -> Result<impl Fn() -> u8, String> {
    Ok(move || x)
}
#[traced]
pub async fn a_generic<T: Debug + Send, const N: usize>(x: [T; N]) -> Option<T> {
    yielded().await;
    x.into_iter().next()
}
#[traced]
pub async fn a_patterns((a, _): (String, String), mut b: Vec<u8>, _: String) -> usize {
    b.push(0);
    yielded().await;
    a.len() + b.len()
}
#[traced]
pub async fn a_two<'a, 'b>(a: &'a str, b: &'b mut Vec<&'a str>) -> Option<&'a str> {
    b.push(a);
    b.pop()
}
#[traced]
pub async fn a_anon(a: &mut Vec<&str>, b: &u8, c: std::borrow::Cow<'_, str>) {
    a.clear();
    drop((b, c));
}
#[traced]
pub async fn a_never() -> ! {
    loop {
        yielded().await;
    }
}
#[traced]
pub async fn a_diverges(x: u8) -> Result<(), ()> {
    drop(x);
    loop {
        yielded().await;
    }
}
#[traced]
pub async unsafe fn a_unsafe(p: *const u8) -> u8 {
    unsafe { *p }
}
#[traced]
pub async fn a_recursive(n: u64) -> u64 {
    if n < 2 { n } else { Box::pin(a_recursive(n - 1)).await + 1 }
}
#[traced(parent = &id)]
pub async fn a_parent(id: traced::Context, name: String) -> Result<(), String> {
    drop((id, name));
    Ok(())
}
#[traced(root, skip_all)]
pub async fn a_root(id: u64, name: String) {
    drop((id, name));
}
#[traced]
pub async fn a_names(
    span: u8,
    result: u8,
    __traced: u8,
    values: u8,
    _guard: u8,
    error_type: u8,
) -> Result<u8, u8> {
    Ok(span + result + values + error_type)
}
#[traced]
#[must_use]
pub async fn a_must() -> u8 {
    1
}
pub trait Store {
    fn get(&self, k: u64) -> impl Future<Output = Option<u64>> + Send;
    async fn put(&mut self, k: u64);
    #[traced]
    async fn default(&self) -> u8 {
        1
    }
    #[traced]
    fn sync_default(&self, n: u8) -> Result<u8, ()> {
        Ok(n)
    }
}
#[derive(Debug)]
pub struct Mem(pub u64);
impl Store for Mem {
    #[traced]
    async fn get(&self, k: u64) -> Option<u64> {
        yielded().await;
        Some(k + self.0)
    }
    #[traced]
    async fn put(&mut self, k: u64) {
        self.0 = k;
    }
}
#[async_trait::async_trait]
pub trait Boxed {
    async fn go(&self, s: &str) -> Result<u8, String>;
    #[traced]
    async fn dflt(&self) -> u8 {
        3
    }
}
#[async_trait::async_trait]
impl Boxed for Mem {
    #[traced]
    async fn go(&self, s: &str) -> Result<u8, String> {
        yielded().await;
        Err(s.to_owned())
    }
}
pub fn sends() {
    fn send<T: Send>(_: T) {}
    let mem = Mem(1);
    send(a_elided("", ""));
    send(mem.get(1));
    send(a_questions(""));
    send(a_generic([1u8]));
}
#[allow(clippy::single_match_else)]
pub fn inline(n: u64, s: &str, v: &Mutex<Vec<String>>) {
    traced::event!("plain");
    traced::event!("values", n, checks = 3, text = "lit", order.id = n + 1, "a.b" = true, d = %s, q = ?v.lock().unwrap(), #[public] w = v.lock().unwrap()[0].clone(), l = %v.lock().unwrap()[0], #[public] who = s, ?s, #[public] first = s.to_owned(), neg = -1, f = 1.5,);
    traced::record!(account.open = n > 1);
    traced::record!(@root, user.id = n, %s);
    let _section = traced::section!("load", slow = "50ms", n);
    let _other = traced::section!("load");
    traced::span!("job", n = n).in_scope(|| 1);
    match n {
        0 => traced::event!("zero"),
        _ => traced::event!("more", n),
    }
}
pub mod hostile {
    #![allow(
        dead_code,
        non_camel_case_types,
        clippy::empty_enums,
        clippy::upper_case_acronyms,
        clippy::enum_variant_names
    )]
    pub struct Ok;
    pub struct Err;
    pub struct Some;
    pub struct None;
    pub struct Option;
    pub struct Result;
    pub struct Fn;
    pub struct Box;
    pub struct Future;
    pub struct String;
    pub mod std {}
    pub mod core {}
    pub mod traced {}
    pub const SITE: u8 = 1;
    #[::traced::traced]
    pub fn f(a: u64, b: Option) -> Result {
        drop_(a, b);
        Result
    }
    #[::traced::traced]
    pub fn g() -> ::core::result::Result<u8, u8> {
        ::core::result::Result::Ok(SITE)
    }
    #[::traced::traced]
    pub async fn h(a: u64) -> ::core::result::Result<u64, u8> {
        ::core::result::Result::Ok(a)
    }
    fn drop_(_: u64, _: Option) {}
}
#[test]
fn every_shape_compiles() {
    // Being here is the proof; that calls still do what they did is shown by a few.
    assert_eq!(ret(1), 2);
    assert_eq!(recursive(10), 55);
}
