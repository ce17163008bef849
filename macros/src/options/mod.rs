//! The options of `#[traced(…)]`: the table, and one file per family.
//!
//! A new option is a function in its family's file and one line in [`TABLE`].

mod crate_path;
pub(crate) mod fields;
mod inherit;
mod name;
mod outcome;
mod parent;
mod place;
mod redact;
mod sampling;
mod timing;

pub(crate) use crate_path::leading_crate_path;
pub(crate) use inherit::Heir;
pub(crate) use timing::threshold;

use crate::model::{Errors, Field, Parent, ReturnedForm};
use crate::redact::decision::Policy;
use crate::report::{Report, here, nearest};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, LitStr, Path, Token, token};

type ReadOption = fn(&mut Options, &Ident, ParseStream<'_>) -> syn::Result<()>;

const TABLE: &[(&str, ReadOption)] = &[
    ("name", name::name),
    ("target", name::target),
    ("skip", redact::skip),
    ("skip_all", redact::skip_all),
    ("public", redact::policies),
    ("redact", redact::policies),
    ("rename", redact::rename),
    ("strict", redact::strict),
    ("fields", fields::fields),
    ("err", outcome::err),
    ("ret", outcome::ret),
    ("slow", timing::slow),
    ("polls", timing::polls),
    ("kind", place::kind),
    ("level", place::level),
    ("attach", place::attach),
    ("sample", sampling::sample),
    ("limit", sampling::limit),
    ("uncompressed", sampling::uncompressed),
    ("root", parent::root),
    ("parent", parent::parent),
    ("links", parent::links),
    ("crate", crate_path::crate_path),
];

/// What `tracing` calls otherwise, and what to write instead.
const FROM_TRACING: &[(&str, &str)] =
    &[("follows_from", "`follows_from` is `links = …` here: a context, or a list of them")];

/// What was written in the attribute.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) target: Option<Expr>,
    pub(crate) skip: Vec<Ident>,
    pub(crate) skip_all: bool,
    /// Arguments and what was decided about them.
    pub(crate) policies: Vec<(Ident, Policy)>,
    pub(crate) renames: Vec<(Ident, LitStr)>,
    /// An argument without policy is a mistake.
    pub(crate) strict: bool,
    pub(crate) fields: Vec<Field>,
    pub(crate) err: Option<Errors>,
    pub(crate) ret: Option<ReturnedForm>,
    /// Where it was written, for the rule that something must be returned; likewise below.
    pub(crate) ret_span: Option<Span>,
    pub(crate) polls: bool,
    pub(crate) polls_span: Option<Span>,
    pub(crate) slow_ns: Option<u64>,
    pub(crate) kind: Option<&'static str>,
    pub(crate) level: Option<&'static str>,
    pub(crate) attach: bool,
    pub(crate) sample: Option<Expr>,
    pub(crate) limit_per_second: Option<f64>,
    pub(crate) uncompressed: bool,
    pub(crate) parent: Option<Parent>,
    pub(crate) links: Option<Expr>,
    /// Where `root` and `parent` were written, for the rule that they exclude each other.
    pub(crate) root_span: Option<Span>,
    pub(crate) parent_span: Option<Span>,
    pub(crate) crate_path: Option<Path>,
}

impl Options {
    fn new() -> Self {
        Self {
            name: None,
            target: None,
            skip: Vec::new(),
            skip_all: false,
            policies: Vec::new(),
            renames: Vec::new(),
            strict: false,
            fields: Vec::new(),
            err: None,
            ret: None,
            ret_span: None,
            polls: false,
            polls_span: None,
            slow_ns: None,
            kind: None,
            level: None,
            attach: false,
            sample: None,
            limit_per_second: None,
            uncompressed: false,
            parent: None,
            links: None,
            root_span: None,
            parent_span: None,
            crate_path: None,
        }
    }

    pub(crate) fn parse(tokens: TokenStream, report: &Report) -> Self {
        let mut options = Self::new();
        let read = |input: ParseStream<'_>| {
            options.read_all(input, report);
            Ok(())
        };
        if let Err(error) = read.parse2(tokens) {
            report.add(error);
        }
        options
    }

    /// Reads on behind a mistake, so that the next one is found too.
    fn read_all(&mut self, input: ParseStream<'_>, report: &Report) {
        let mut seen = Vec::new();
        while !input.is_empty() {
            match self.read_one(input, &mut seen) {
                Ok(()) if input.is_empty() || input.peek(Token![,]) => {}
                Ok(()) => {
                    // Without the comma, what follows is an option all the same.
                    report.add(here(input, missing_comma(input)));
                    if input.peek(Ident::peek_any) {
                        continue;
                    }
                }
                Err(error) => report.add(error),
            }
            skip_to_next_option(input);
        }
    }

    fn read_one(&mut self, input: ParseStream<'_>, seen: &mut Vec<String>) -> syn::Result<()> {
        if input.peek(LitStr) {
            once("name", input.span(), seen)?;
            return name::bare(self, input);
        }
        let Ok(key) = input.call(Ident::parse_any) else {
            return Err(here(input, "expected an option, or the name of the span as a string"));
        };
        let written = key.unraw().to_string();
        if let Some(instead) = FROM_TRACING.iter().find(|(name, _)| *name == written) {
            return Err(syn::Error::new(key.span(), instead.1));
        }
        let Some((name, read)) = TABLE.iter().find(|(name, _)| *name == written) else {
            return Err(unknown(&key, &written));
        };
        once(name, key.span(), seen)?;
        read(self, &key, input)
    }
}

/// Lists may be split over several options; everything else is said once.
fn once(name: &str, span: Span, seen: &mut Vec<String>) -> syn::Result<()> {
    let is_list = matches!(name, "skip" | "public" | "redact" | "rename" | "fields");
    if !is_list && seen.iter().any(|earlier| earlier == name) {
        return Err(syn::Error::new(span, format!("`{name}` is given twice")));
    }
    seen.push(name.to_owned());
    Ok(())
}

fn unknown(key: &Ident, written: &str) -> syn::Error {
    let names = || TABLE.iter().map(|(name, _)| *name);
    let hint = nearest(written, names()).map_or_else(
        || format!("there are {}", names().collect::<Vec<_>>().join(", ")),
        |name| format!("did you mean `{name}`?"),
    );
    syn::Error::new(key.span(), format!("unknown option `{written}`; {hint}"))
}

/// `tracing` does without; here it is shown where one belongs.
fn missing_comma(input: ParseStream<'_>) -> String {
    match input.fork().call(Ident::parse_any) {
        Ok(option) => format!("expected `,` between options: `, {option}`"),
        Err(_) => "expected `,` between options".to_owned(),
    }
}

fn skip_to_next_option(input: ParseStream<'_>) {
    while !input.is_empty() {
        if input.parse::<Option<Token![,]>>().is_ok_and(|comma| comma.is_some()) {
            return;
        }
        let _: syn::Result<TokenTree> = input.parse();
    }
}

/// `= value`.
fn equals<'a>(key: &Ident, input: ParseStream<'a>, example: &str) -> syn::Result<ParseStream<'a>> {
    let has_value = input.parse::<Option<Token![=]>>()?.is_some() && !input.is_empty();
    if has_value {
        return Ok(input);
    }
    let message = format!("`{key}` needs a value, as in `{key} = {example}`");
    Err(syn::Error::new(key.span(), message))
}

/// An option that is only named.
fn no_value(key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(token::Paren) || input.peek(Token![=]) {
        return Err(syn::Error::new(key.span(), format!("`{key}` takes no value")));
    }
    Ok(())
}
