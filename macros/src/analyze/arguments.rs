//! Which arguments are recorded, and under which name each one is received.

use super::async_trait;
use super::returned::is_primitive;
use crate::model::{self, Argument, Bound, Function, Parent, Recorded, mentions};
use crate::names;
use crate::options::Options;
use crate::redact::attribute;
use crate::redact::decision::{Decision, Mask, Policy};
use crate::redact::secret_names::sounds_secret;
use crate::report::Report;
use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Attribute, FnArg, Pat, PatIdent, PatReference, PatType, Type};

/// What stands on each parameter, in their order.
pub(crate) type Policies = Vec<Option<Policy>>;

/// Takes the helper attributes off the parameters: from here on the function is one that compiles.
pub(crate) fn take_policies(function: &mut Function, report: &Report) -> Policies {
    function
        .sig
        .inputs
        .iter_mut()
        .map(|input| match input {
            FnArg::Typed(parameter) => take_policy(&mut parameter.attrs, report),
            FnArg::Receiver(receiver) => {
                if let Some(policy) = take_policy(&mut receiver.attrs, report) {
                    report.error(
                        policy.span,
                        "`self` is never recorded; record its parts by `fields(…)`",
                    );
                }
                None
            }
        })
        .collect()
}

fn take_policy(attrs: &mut Vec<Attribute>, report: &Report) -> Option<Policy> {
    let policy = attribute::together(attribute::take(attrs, report), report)?;
    if policy.is_for_rest || policy.is_expected || policy.message.is_some() {
        let message = "`rest`, `message` and `expected` belong to types, not to arguments";
        report.error(policy.span, message);
    }
    Some(policy)
}

/// The parameters other than `self`, with what stands on them.
pub(crate) fn typed<'a>(
    function: &'a Function,
    policies: &'a Policies,
) -> impl Iterator<Item = (&'a PatType, Option<&'a Policy>)> {
    function.sig.inputs.iter().zip(policies).filter_map(|(input, policy)| match input {
        FnArg::Typed(parameter) => Some((parameter, policy.as_ref())),
        FnArg::Receiver(_) => None,
    })
}

pub(super) fn decide(function: &Function, options: &Options, policies: &Policies) -> Vec<Argument> {
    typed(function, policies)
        .enumerate()
        .map(|(position, (parameter, policy))| {
            let name = plain_name(&parameter.pat);
            let (binding_attrs, attrs) = divide(&parameter.attrs);
            Argument {
                attrs,
                binding_attrs,
                pat: (*parameter.pat).clone(),
                colon: parameter.colon_token,
                ty: (*parameter.ty).clone(),
                received_as: name.cloned().unwrap_or_else(|| names::argument(position)),
                is_mentioned: name.is_some_and(|name| is_mentioned(name, options)),
                recorded: match name {
                    Some(name) => recorded(name, policy, options)
                        .map(|it| Recorded { policy: known(it.policy, &parameter.ty), ..it }),
                    None => bound(&parameter.pat, policy, options),
                },
            }
        })
        .collect()
}

fn is_mentioned(name: &Ident, options: &Options) -> bool {
    let names = std::slice::from_ref(name);
    let parent = match &options.parent {
        Some(Parent::Of(parent)) => Some(parent),
        _ => None,
    };
    options.fields.iter().any(|field| field.form.mentions(names))
        || parent.into_iter().chain(&options.links).any(|value| mentions(value, names))
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

/// The names of arguments that no policy stands on: what their block says holds for them.
pub(crate) fn names_without_policy(function: &Function) -> Vec<Ident> {
    let is_policy = |attribute: &Attribute| {
        ["public", "redact", "skip"].iter().any(|name| attribute.path().is_ident(name))
    };
    let pats = function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) if !parameter.attrs.iter().any(is_policy) => Some(&parameter.pat),
        _ => None,
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

fn recorded(name: &Ident, own: Option<&Policy>, options: &Options) -> Option<Recorded> {
    let plain_key = name.unraw().to_string();
    if async_trait::is_pattern(&plain_key) {
        return None;
    }
    let listed = || options.policies.iter().find(|(listed, _)| listed == name).map(|(_, p)| p);
    let policy = own.filter(|own| own.decision.is_some()).or_else(listed).or(own);
    let decision = policy.and_then(|policy| policy.decision.as_ref());
    if let Some(Decision::Skip) = decision {
        return None;
    }
    let is_skipped = options.skip_all || options.skip.contains(name);
    if decision.is_none() && is_skipped {
        return None;
    }
    let key = key(name, policy, options);
    if options.fields.iter().any(|field| field.key == key) {
        return None;
    }
    let class = policy.and_then(|policy| policy.class.clone());
    let policy = match decision {
        Some(decision) => model::Policy::Decided(decision.clone()),
        None if options.strict => model::Policy::Strict,
        None => model::Policy::ByType { sounds_secret: sounds_secret(&key) },
    };
    Some(Recorded { key, policy, class, bound: None })
}

/// What the names of types tell already: of what is left out, the compiler is not asked for each function anew. What has
/// the name of a number may be a type of the program's own, and is asked.
fn known(policy: model::Policy, ty: &Type) -> model::Policy {
    match policy {
        model::Policy::ByType { sounds_secret } => match primitive(ty) {
            Some(name) if sounds_secret || name == "str" => model::Policy::LeftOut,
            _ => model::Policy::ByType { sounds_secret },
        },
        other => other,
    }
}

/// The name of a number or a bool that this refers to, which a type of the program may have as well.
pub(crate) fn named_like_number(ty: &Type) -> Option<&Ident> {
    primitive(ty).filter(|name| *name != "str" && *name != "char")
}

/// The type of the language that this refers to.
fn primitive(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Reference(reference) => primitive(&reference.elem),
        Type::Paren(paren) => primitive(&paren.elem),
        Type::Group(group) => primitive(&group.elem),
        Type::Path(path) => {
            path.path.get_ident().filter(|name| is_primitive(name) && *name != "Self")
        }
        _ => None,
    }
}

fn key(name: &Ident, policy: Option<&Policy>, options: &Options) -> String {
    let own = policy.and_then(|policy| policy.rename.as_ref());
    let listed = || options.renames.iter().find(|(renamed, _)| renamed == name).map(|(_, key)| key);
    let rename = own.or_else(listed).map(syn::LitStr::value);
    rename.unwrap_or_else(|| name.unraw().to_string())
}

/// What a wrapper holds that is taken apart in the parameter, `Json(req): Json<CreateOrder>`: told if its type has
/// a policy, and the wrapper none. Anything else that a pattern binds is left out.
fn bound(pat: &Pat, own: Option<&Policy>, options: &Options) -> Option<Recorded> {
    let hidden = |own: &Policy| {
        matches!(own.decision, Some(Decision::Skip | Decision::Redact(Mask::Marker)))
    };
    if own.is_some_and(hidden) {
        return None;
    }
    let mut pat = pat.clone();
    let mut only = OnlyName::default();
    only.visit_pat(&pat);
    let OnlyName { name: Some(name), is_more: false } = only else { return None };
    ByReference.visit_pat_mut(&mut pat);
    let recorded = recorded(&name, None, options)?;
    let bound = Some(Bound { pat, name });
    Some(Recorded { bound, ..recorded })
}

/// The name of a pattern that binds one, and takes no reference apart.
#[derive(Default)]
struct OnlyName {
    name: Option<Ident>,
    is_more: bool,
}

impl<'ast> Visit<'ast> for OnlyName {
    fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
        self.is_more |= self.name.replace(pat.ident.clone()).is_some() || pat.subpat.is_some();
    }

    fn visit_pat_reference(&mut self, _: &'ast PatReference) {
        self.is_more = true;
    }
}

/// The same pattern for a reference to the value.
struct ByReference;

impl VisitMut for ByReference {
    fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
        pat.mutability = None;
        pat.by_ref = None;
    }
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
