//! Which arguments are recorded, and under which name each one is received.

use super::async_trait;
use crate::model::{Argument, Function, Policy, Recorded};
use crate::names;
use crate::options::Options;
use crate::report::Report;
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::visit::Visit;
use syn::{Attribute, FnArg, Meta, Pat, PatIdent, PatType};

/// What stands on each parameter, in their order.
pub(crate) type Policies = Vec<Option<Marker>>;

/// `#[public]`, `#[redact]` or `#[skip]` on a parameter.
pub(crate) struct Marker {
    pub(crate) kind: MarkerKind,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkerKind {
    Public,
    Redact,
    Skip,
}

/// Takes the helper attributes off the parameters: from here on the function is one that compiles.
pub(crate) fn take_policies(function: &mut Function, report: &Report) -> Policies {
    function
        .sig
        .inputs
        .iter_mut()
        .map(|input| match input {
            FnArg::Typed(parameter) => take_marker(&mut parameter.attrs, report),
            FnArg::Receiver(receiver) => {
                if let Some(marker) = take_marker(&mut receiver.attrs, report) {
                    report.error(
                        marker.span,
                        "`self` is never recorded; record its parts by `fields(…)`",
                    );
                }
                None
            }
        })
        .collect()
}

fn take_marker(attrs: &mut Vec<Attribute>, report: &Report) -> Option<Marker> {
    let mut taken: Option<Marker> = None;
    attrs.retain(|attribute| {
        let Some(marker) = marker(attribute, report) else { return true };
        if taken.is_some() {
            report.error(marker.span, "an argument has one policy");
        }
        taken = Some(marker);
        false
    });
    taken
}

fn marker(attribute: &Attribute, report: &Report) -> Option<Marker> {
    let name = attribute.path().get_ident()?;
    let kind = match name.to_string().as_str() {
        "public" => MarkerKind::Public,
        "redact" => MarkerKind::Redact,
        "skip" => MarkerKind::Skip,
        _ => return None,
    };
    // A redacted argument is left out, however it is to be redacted.
    if kind != MarkerKind::Redact && !matches!(attribute.meta, Meta::Path(_)) {
        report.error(name.span(), format!("`#[{name}]` takes no options"));
    }
    Some(Marker { kind, span: name.span() })
}

/// The parameters other than `self`, with what stands on them.
pub(crate) fn typed<'a>(
    function: &'a Function,
    policies: &'a Policies,
) -> impl Iterator<Item = (&'a PatType, Option<&'a Marker>)> {
    function.sig.inputs.iter().zip(policies).filter_map(|(input, marker)| match input {
        FnArg::Typed(parameter) => Some((parameter, marker.as_ref())),
        FnArg::Receiver(_) => None,
    })
}

pub(super) fn decide(function: &Function, options: &Options, policies: &Policies) -> Vec<Argument> {
    typed(function, policies)
        .enumerate()
        .map(|(position, (parameter, marker))| {
            let name = plain_name(&parameter.pat);
            let (binding_attrs, attrs) = divide(&parameter.attrs);
            Argument {
                attrs,
                binding_attrs,
                pat: (*parameter.pat).clone(),
                colon: parameter.colon_token,
                ty: (*parameter.ty).clone(),
                received_as: name.cloned().unwrap_or_else(|| names::argument(position)),
                recorded: name.and_then(|name| recorded(name, marker, options)),
            }
        })
        .collect()
}

/// The name of an argument whose pattern is nothing else.
pub(crate) fn plain_name(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) => Some(ident),
        _ => None,
    }
}

/// Every name that the arguments bind.
pub(crate) fn names_of(function: &Function) -> Vec<Ident> {
    let pats = function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) => Some(&parameter.pat),
        FnArg::Receiver(_) => None,
    });
    pats.flat_map(|pat| names_in(pat)).collect()
}

/// Every name that a pattern binds.
pub(crate) fn names_in(pat: &Pat) -> Vec<Ident> {
    struct Names(Vec<Ident>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
            self.0.push(pat.ident.clone());
            syn::visit::visit_pat_ident(self, pat);
        }
    }
    let mut names = Names(Vec::new());
    names.visit_pat(pat);
    names.0
}

fn recorded(name: &Ident, marker: Option<&Marker>, options: &Options) -> Option<Recorded> {
    let key = name.unraw().to_string();
    if async_trait::is_pattern(&key) {
        return None;
    }
    if options.fields.iter().any(|field| field.key == key) {
        return None;
    }
    let policy = match marker.map(|marker| marker.kind) {
        Some(MarkerKind::Public) => Policy::Public,
        Some(MarkerKind::Redact | MarkerKind::Skip) => return None,
        None if options.public.contains(name) => Policy::Public,
        None if options.skip_all || options.skip.contains(name) => return None,
        None if options.redact.contains(name) => return None,
        None => Policy::ByType,
    };
    Some(Recorded { key, policy })
}

/// Lint levels follow the binding, a condition holds for both, the rest stays on the parameter.
fn divide(attrs: &[Attribute]) -> (Vec<Attribute>, Vec<Attribute>) {
    let is = |attribute: &Attribute, names: &[&str]| {
        names.iter().any(|name| attribute.path().is_ident(name))
    };
    let lints = ["allow", "warn", "deny", "forbid", "expect"];
    let both = ["cfg", "cfg_attr"];
    let of = |wanted: &dyn Fn(&Attribute) -> bool| {
        attrs.iter().filter(|attribute| wanted(attribute)).cloned().collect()
    };
    (of(&|a| is(a, &lints) || is(a, &both)), of(&|a| !is(a, &lints)))
}
