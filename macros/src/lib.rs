//! The macros of `traced`; depend on `traced` instead.

mod analyze;
mod check;
mod driver;
mod expand;
mod model;
mod names;
mod options;
mod redact;
mod report;
mod sections;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// A type that says itself what of it may be told.
///
/// Each field is decided: `#[public]`, `#[redact]`, `#[redact(len)]`, `#[redact(hash)]`, `#[redact(last = 4)]`, `#[skip]`,
/// or a type that itself has a policy.
#[proc_macro_derive(Redact, attributes(public, redact, skip, expected, traced))]
pub fn derive_redact(input: TokenStream) -> TokenStream {
    redact::redact(input.into()).into()
}

/// `Debug` under the policy of `Redact`: logs tell no more than traces.
#[proc_macro_derive(SafeDebug, attributes(traced))]
pub fn derive_safe_debug(input: TokenStream) -> TokenStream {
    redact::safe_debug(input.into()).into()
}

/// A value of one field that is public wherever it is recorded, under the name that it has there.
#[proc_macro_derive(Public, attributes(traced))]
pub fn derive_public(input: TokenStream) -> TokenStream {
    redact::public(input.into()).into()
}

/// Makes every call of a function a span; on an `impl`, a trait or a module with its content, every call of
/// every function in it.
///
/// # Options
///
/// | option | meaning | default |
/// |---|---|---|
/// | `name = "…"`, `"…"` | the span's name, a literal | `Type::method`, `module::function` |
/// | `skip(a, b)`, `skip_all` | leave arguments out | – |
/// | `public(a)`, `redact(b)`, `rename(…)`; on an argument `#[public]`, `#[redact]`, `#[skip]` | the policy of an argument | its type's |
/// | `strict` | an argument without policy is a mistake | off |
/// | `fields(k = expr, a.b = %expr, k = ?expr, %x, k)` | more attributes; `%` and `?` publish by `Display` and `Debug`; a bare `k` is recorded later; fields see what patterns bind | – |
/// | `err`, `err = display`, `debug`, `type`, `off` | how an `Err` is described | on for every `Result`, by its type |
/// | `err(map = path)` | what `error.type` says: `path(&error)` gives text or a number | the type's name |
/// | `err(expected = path)` | which errors are no failure: `path(&error)` is true | none |
/// | `ret`, `ret = display`, `ret = debug` | the value returned, or what is in its `Ok`, as attribute `return` | off |
/// | `slow = "100ms"` | at or over it the span is marked and its trace kept; units ns, us, ms, s | off |
/// | `polls` | of a future: how often it was polled, busy and idle time | off |
/// | `kind = server` | `client`, `producer`, `consumer`, `internal` | `internal` |
/// | `root`, `parent = expr` | where it hangs; a variable stays the body's | what is current |
/// | `links = expr` | other spans: a context, or an iterator over them | – |
/// | `sample = 0.01`, `limit = "100/s"` | how many spans of this place are recorded | all |
/// | `uncompressed` | many spans in a row stay many | off |
/// | `level = "debug"`, `target = "…"` | for filters | `info`, the module |
/// | `attach` | the exact context of OpenTelemetry inside of the span | off |
/// | `crate = path` | where `traced` is | `::traced` |
///
/// What a block says holds for its functions, which may say it otherwise in their own `#[traced(…)]`; `#[untraced]`
/// leaves one out. Both need no import there. `const fn`s, naked functions and getters (`self.field`, a reference to one, a
/// clone of one, a literal) are passed over in blocks without a word.
///
/// # Sections
///
/// `#[section("name", slow = "50ms", key = value, sql = QUERY)]` times a statement, a block or an expression inside of the
/// function as a child span, also across `.await`. In closures, in nested `async` blocks and in the input of macros
/// `let _section = traced::section!("name");` does.
///
/// # Futures and streams
///
/// The span of a function that returns `impl Future` or `impl Stream`, or a `Pin<Box<dyn …>>` of one by whatever alias,
/// lasts as long as that does, from its first poll. What the function does before it returns belongs to its caller. Other
/// traits beside `Future` in an `impl` would be lost, so that such a value is given back as it is.
///
/// # What it changes, and cannot help
///
/// - A `const fn` may run in the compiler, where there is no clock, and a naked function has no room for anything: refused.
/// - Under `#[track_caller]` a body whose `return` or `?` a macro may hide is not asked for its result: it would have
///   to run in a closure, which would be the caller that `Location::caller` sees.
/// - A box that is not made by `Box::pin(async …)` at the end of the body goes into another box, which outlives only what
///   its output does: `Pin<Box<dyn Future<Output = T> + 'a>>` needs `T: 'a`.
/// - `async fn … -> impl Fn(u32) -> u32` does not tell a closure the types of its arguments; write them.
/// - rustdoc shows a generated name for an argument that is a pattern, but for `async fn`s, which it shows as written.
/// - The lint `unreachable_pub` underlines the attribute of an `async fn` instead of its signature. Other lints, clippy's
///   among them, are neither added nor lost.
#[proc_macro_attribute]
pub fn traced(options: TokenStream, item: TokenStream) -> TokenStream {
    driver::traced(options.into(), item.into()).into()
}

/// Leaves out a function, or a block in a module, of a block with `#[traced]`.
///
/// Inside of such a block it needs no import. It does nothing by itself.
#[proc_macro_attribute]
pub fn untraced(_nothing: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// A span that is not open yet: `span!("name", key = value)`.
#[proc_macro]
pub fn span(input: TokenStream) -> TokenStream {
    driver::inline(model::InlineKind::Span, input.into()).into()
}

/// A child span that lasts as long as the guard it returns: `section!("name", slow = "50ms")`.
#[proc_macro]
pub fn section(input: TokenStream) -> TokenStream {
    driver::inline(model::InlineKind::Section, input.into()).into()
}

/// Something that happened at this moment of the current span: `event!("name", key = value)`.
#[proc_macro]
pub fn event(input: TokenStream) -> TokenStream {
    driver::inline(model::InlineKind::Event, input.into()).into()
}

/// Attributes on the current span, or with `@root, ` on the local root: `record!(key = value)`.
#[proc_macro]
pub fn record(input: TokenStream) -> TokenStream {
    driver::inline(model::InlineKind::Record, input.into()).into()
}

/// The function `sounds_secret`, for crates that meet names when the program runs.
#[doc(hidden)]
#[proc_macro]
pub fn __secret_names(_nothing: TokenStream) -> TokenStream {
    redact::secret_names::code().into()
}
