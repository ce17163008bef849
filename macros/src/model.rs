//! What is to be traced, as plain data that keeps its spans.

use crate::redact::decision::Decision;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, LitStr, Pat, Path, Signature, Token, Type, Visibility};

/// What `#[traced]` stands on.
#[allow(clippy::large_enum_variant, reason = "one for each function")]
pub(crate) enum Item {
    Function(Function),
    Block(Block),
}

/// An `impl`, a trait, or a module with its content.
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    pub(crate) attrs: Vec<Attribute>,
    /// Everything from there to its braces.
    pub(crate) header: TokenStream,
    pub(crate) inner: Vec<Attribute>,
    pub(crate) members: Vec<Member>,
    /// Where its braces are.
    pub(crate) span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Impl,
    Trait,
    Mod,
}

/// What stands in a block.
#[allow(clippy::large_enum_variant, reason = "one for each function")]
pub(crate) enum Member {
    Function(Function),
    Block(Block),
    Other(TokenStream),
}

/// A function as it was written; its body stays unparsed, so that it is re-emitted as it is.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    pub(crate) body: TokenStream,
}

/// A function and all that was decided about it.
pub(crate) struct TracedFn {
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) shape: Shape,
    pub(crate) outcome: Outcome,
    pub(crate) callsite: Callsite,
    pub(crate) parent: Parent,
    pub(crate) links: Option<Expr>,
    pub(crate) polls: bool,
    pub(crate) fields: Vec<Field>,
    /// Those that speak of names which a pattern binds, and are recorded when it has.
    pub(crate) late_fields: Vec<Field>,
    pub(crate) crate_path: Option<Path>,
}

impl TracedFn {
    /// Whether its call site has keys at all.
    pub(crate) fn records_values(&self) -> bool {
        !self.fields.is_empty() || self.arguments.iter().any(|a| a.told().is_some())
    }
}

impl Argument {
    /// How it is recorded, unless it is known to be left out.
    pub(crate) fn told(&self) -> Option<&Recorded> {
        self.recorded.as_ref().filter(|recorded| !matches!(recorded.policy, Policy::LeftOut))
    }

    /// Whether its name says that it is not used; clippy would take our use for the user's.
    pub(crate) fn claims_to_be_unused(&self) -> bool {
        self.received_as.to_string().starts_with('_')
    }
}

/// One argument other than `self`.
pub(crate) struct Argument {
    /// What stays on the parameter in the signature.
    pub(crate) attrs: Vec<Attribute>,
    /// What moves with the binding into the body: lint levels, and conditions, which do both.
    pub(crate) binding_attrs: Vec<Attribute>,
    pub(crate) pat: Pat,
    pub(crate) colon: Token![:],
    pub(crate) ty: Type,
    /// The name under which it is received; a fresh one where the pattern is not a name.
    pub(crate) received_as: Ident,
    pub(crate) recorded: Option<Recorded>,
    /// An option speaks of it, which uses it as the body would.
    pub(crate) is_mentioned: bool,
}

/// How an argument gets into the span.
pub(crate) struct Recorded {
    pub(crate) key: String,
    pub(crate) policy: Policy,
    pub(crate) class: Option<LitStr>,
    /// What is told is not the argument itself, but what its pattern binds.
    pub(crate) bound: Option<Bound>,
}

/// A variable that a pattern binds, as `req` in `Json(req)`.
pub(crate) struct Bound {
    pub(crate) pat: Pat,
    pub(crate) name: Ident,
}

/// How a value is told.
pub(crate) enum Policy {
    /// Its type is one that is never told by itself.
    LeftOut,
    /// Its type decides; under a name that sounds secret, a number says nothing for itself.
    ByType { sounds_secret: bool },
    /// Its type has a policy, or it is an error.
    Strict,
    /// Somebody wrote it down.
    Decided(Decision),
}

/// What the function becomes.
pub(crate) enum Shape {
    /// A guard around the block.
    Sync,
    /// A function that returns a traced future.
    Async,
    /// An `async fn` that awaits a traced future, because another macro needs to see the `async`.
    AsyncKept,
    /// What `#[async_trait]` made of one: the same function, with the future in the box traced.
    Boxed(BoxedFuture),
    /// A function that returns `impl Future` of this output: the span is that of the future.
    Future(Option<Type>),
    /// A function that returns `impl Stream`.
    Stream,
    /// A function of which the compiler must say whether it returns a future or stream in a box.
    PerhapsBoxed(Option<BoxedFuture>),
}

/// A body that ends with `Box::pin(async move { body })`.
pub(crate) struct BoxedFuture {
    /// What comes before.
    pub(crate) statements: TokenStream,
    /// `Box::pin`.
    pub(crate) constructor: TokenStream,
    /// `async move { body }`.
    pub(crate) future: TokenStream,
    /// What stands between its braces.
    pub(crate) body: TokenStream,
}

/// What becomes of the value returned.
#[allow(clippy::large_enum_variant, reason = "one for each function")]
pub(crate) enum Outcome {
    /// It cannot be an error, or a closure would change what the caller sees.
    Ignored,
    /// The block runs in a closure for the sake of what it consumes, nothing else.
    Enclosed,
    /// Something is said about it.
    Observed(Observation),
}

/// What is said about the value returned.
pub(crate) struct Observation {
    /// Nothing leaves the block early, so that it needs no closure to be seen whole.
    pub(crate) in_place: bool,
    /// The body, where what leaves it early had to be led to its end.
    pub(crate) redirected: Option<TokenStream>,
    pub(crate) errors: Errors,
    pub(crate) returned: Option<ReturnedForm>,
}

/// What is said about an `Err`.
#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "one for each function")]
pub(crate) enum Errors {
    /// It is a value like others.
    Off,
    On {
        description: Description,
        /// Says which ones are no failure.
        expected: Option<Expr>,
        /// Where `err` was written.
        written: Option<Span>,
    },
}

impl Errors {
    /// What holds where nothing is written.
    pub(crate) fn by_type() -> Self {
        Self::On { description: Description::ByType, expected: None, written: None }
    }

    /// For functions of which not all return a `Result`.
    pub(crate) fn of_a_block(self) -> Self {
        match self {
            Self::Off => Self::Off,
            Self::On { description, expected, .. } => {
                Self::On { description, expected, written: None }
            }
        }
    }
}

/// How an `Err` is described.
#[derive(Clone)]
pub(crate) enum Description {
    /// By the policy of its type.
    ByType,
    /// By the name of its type alone.
    Type,
    Display,
    Debug,
    /// By what a function says about it.
    Map(Expr),
}

/// How the value returned is recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReturnedForm {
    ByType,
    Display,
    Debug,
}

/// The static description of a place.
pub(crate) struct Callsite {
    pub(crate) name: Name,
    pub(crate) target: Option<Expr>,
    pub(crate) level: Option<&'static str>,
    pub(crate) kind: Option<&'static str>,
    pub(crate) slow_ns: Option<u64>,
    pub(crate) sample: Option<Expr>,
    pub(crate) limit_per_second: Option<f64>,
    pub(crate) uncompressed: bool,
    pub(crate) attach: bool,
}

impl Callsite {
    /// One of which nothing else is said.
    pub(crate) fn named(name: Name) -> Self {
        Self {
            name,
            target: None,
            level: None,
            kind: None,
            slow_ns: None,
            sample: None,
            limit_per_second: None,
            uncompressed: false,
            attach: false,
        }
    }
}

pub(crate) enum Name {
    /// The compiler's path of the function.
    Path,
    Literal(LitStr),
}

/// Where a span hangs.
#[derive(Clone)]
pub(crate) enum Parent {
    Current,
    Root,
    Of(Expr),
}

/// One `key = value`.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) form: Form,
}

/// How the value of a field is published.
#[derive(Clone)]
pub(crate) enum Form {
    /// Declared, to be recorded later.
    Declared,
    /// A text literal.
    Literal(LitStr),
    /// Text that is in the program under a name.
    Static(Expr),
    /// Its type decides.
    ByType(Expr),
    /// `#[public]`, `#[redact]`…
    Decided(Expr, Decision, Option<LitStr>),
    /// `%`.
    Display(Expr),
    /// `?`.
    Debug(Expr),
}

impl Form {
    /// Whether the value speaks of one of these names.
    pub(crate) fn mentions(&self, names: &[Ident]) -> bool {
        match self {
            Self::Declared | Self::Literal(_) => false,
            Self::Static(value)
            | Self::ByType(value)
            | Self::Decided(value, ..)
            | Self::Display(value)
            | Self::Debug(value) => mentions(value, names),
        }
    }
}

/// Whether an expression speaks of one of these names.
pub(crate) fn mentions(value: &Expr, names: &[Ident]) -> bool {
    fn any(tokens: TokenStream, names: &[Ident]) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(name) => names.contains(&name),
            TokenTree::Group(group) => any(group.stream(), names),
            _ => false,
        })
    }
    any(value.to_token_stream(), names)
}

/// A function-like macro.
pub(crate) struct Inline {
    pub(crate) kind: InlineKind,
    pub(crate) crate_path: Option<Path>,
    pub(crate) at_root: bool,
    pub(crate) callsite: Callsite,
    pub(crate) fields: Vec<Field>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum InlineKind {
    Span,
    Section,
    Event,
    Record,
}
