//! Rules across options and the function that they stand on.

use crate::analyze::arguments::{Policies, names_in, plain_name, typed};
use crate::analyze::members::is_naked;
use crate::analyze::{is_primitive, returned};
use crate::model::{Errors, Form, Function, ReturnedForm};
use crate::options::Options;
use crate::redact::decision::{Decision, Mask, Policy};
use crate::report::{Report, nearest};
use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Expr, Generics, Type};

pub(crate) fn function(
    function: &Function,
    options: &Options,
    policies: &Policies,
    report: &Report,
) {
    no_const_fn(function, report);
    no_naked_fn(function, report);
    something_is_returned(function, options, report);
    something_is_polled(function, options, report);
    one_parent(options, report);
    keys_once(options, report);
    let names = bound_names(function, policies);
    listed_arguments_exist(options, function, &names, report);
    strict_returns(options, report);
    one_policy_each(options, function, policies, report);
    public_arguments_have_names(function, options, policies, report);
    sigils_do_not_publish_generics(function, options, policies, report);
}

/// Rules for what functions take from their block.
pub(crate) fn block(options: &Options, names: &[Ident], report: &Report) {
    if let Some(name) = &options.name {
        let message = "the functions of a block have a name each; put `#[traced(name = …)]` on the one that is meant";
        report.error(name.span(), message);
    }
    one_parent(options, report);
    keys_once(options, report);
    let decided = options.policies.iter().map(|(name, _)| name);
    let listed = options.skip.iter().chain(decided);
    for listed in listed.filter(|name| *name != "self" && !names.contains(name)) {
        report.error(listed.span(), no_such_argument(listed, names));
    }
}

fn no_const_fn(function: &Function, report: &Report) {
    if let Some(constness) = &function.sig.constness {
        let message = "a `const fn` cannot be traced, because it may run in the compiler, where there \
                       is no clock; trace the functions that call it, or remove `const`";
        report.error(constness.span, message);
    }
}

fn no_naked_fn(function: &Function, report: &Report) {
    if let Some(attribute) = function.attrs.iter().find(|attribute| is_naked(attribute)) {
        let message = "a naked function is its assembly and nothing else, so that there is no place for a span; \
                       trace the functions that call it";
        report.error(attribute.meta.span(), message);
    }
}

fn strict_returns(options: &Options, report: &Report) {
    let publishes = matches!(options.ret, Some(ReturnedForm::Display | ReturnedForm::Debug));
    if let Some(span) = options.ret_span.filter(|_| options.strict && publishes) {
        let message =
            "`strict` tells nothing that has no policy: write `ret`, and declare what is returned";
        report.error(span, message);
    }
}

fn something_is_returned(function: &Function, options: &Options, report: &Report) {
    if returned(&function.sig).is_some_and(|ty| !matches!(ty, Type::Never(_))) {
        return;
    }
    if let Some(span) = options.ret_span {
        report.error(span, "the function returns nothing that `ret` could record; remove `ret`");
    }
    if let Some(Errors::On { written: Some(span), .. }) = &options.err {
        let message = "the function returns no `Result` that `err` could look at; remove `err`, or say that a call failed \
                       by `traced::fail!(\"why\")`";
        report.error(*span, message);
    }
}

fn something_is_polled(function: &Function, options: &Options, report: &Report) {
    let Some(span) = options.polls_span else { return };
    let returns_value = || match returned(&function.sig) {
        None | Some(Type::Reference(_) | Type::Tuple(_) | Type::Never(_)) => true,
        Some(Type::Path(path)) => path.path.get_ident().is_some_and(is_primitive),
        Some(_) => false,
    };
    if function.sig.asyncness.is_none() && returns_value() {
        let message =
            "`polls` counts the polls of a future, and this function returns none; remove `polls`";
        report.error(span, message);
    }
}

fn one_parent(options: &Options, report: &Report) {
    if let (Some(_), Some(parent)) = (options.root_span, options.parent_span) {
        report.error(parent, "a span with `root` has no parent; remove one of the two");
    }
}

fn keys_once(options: &Options, report: &Report) {
    for (position, field) in options.fields.iter().enumerate() {
        if options.fields[..position].iter().any(|earlier| earlier.key == field.key) {
            report.error(field.key_span, format!("the key `{}` is given twice", field.key));
        }
    }
}

fn listed_arguments_exist(
    options: &Options,
    function: &Function,
    names: &[Ident],
    report: &Report,
) {
    let takes_self = function.sig.receiver().is_some();
    // Leaving `self` out is the habit of who comes from `tracing`, and no mistake.
    let skipped = options.skip.iter().filter(|name| !(takes_self && *name == "self"));
    let decided = options.policies.iter().map(|(name, _)| name);
    let renamed = options.renames.iter().map(|(name, _)| name);
    for listed in skipped.chain(decided).chain(renamed) {
        if listed == "self" && takes_self {
            report
                .error(listed.span(), "`self` is never recorded; record its parts by `fields(…)`");
        } else if !names.contains(listed) {
            report.error(listed.span(), no_such_argument(listed, names));
        }
    }
}

fn no_such_argument(listed: &Ident, names: &[Ident]) -> String {
    let names = names.iter().map(ToString::to_string).collect::<Vec<_>>();
    match nearest(&listed.to_string(), names.iter().map(String::as_str)) {
        Some(name) => format!("no argument is called `{listed}`; did you mean `{name}`?"),
        None => format!("no argument is called `{listed}`"),
    }
}

fn one_policy_each(options: &Options, function: &Function, policies: &Policies, report: &Report) {
    let named = |name: &Ident, policy: &Policy| {
        Some((name.clone(), policy.decision.as_ref()?.name(), policy.span))
    };
    let skipped = options.skip.iter().map(|name| (name.clone(), "skip", name.span()));
    let listed = options.policies.iter().filter_map(|(name, policy)| named(name, policy));
    let marked = typed(function, policies)
        .filter_map(|(parameter, policy)| named(plain_name(&parameter.pat)?, policy?));
    let all: Vec<_> = skipped.chain(listed).chain(marked).collect();
    for (position, (name, policy, span)) in all.iter().enumerate() {
        let earlier = all[..position].iter().find(|(earlier, other, _)| {
            earlier == name && (other != policy || *policy == "redact")
        });
        if let Some((_, other, _)) = earlier {
            report.error(*span, format!("`{name}` is both `{other}` and `{policy}`"));
        }
    }
}

fn public_arguments_have_names(
    function: &Function,
    options: &Options,
    policies: &Policies,
    report: &Report,
) {
    let message = "only an argument with a plain name can be told; take it apart in the body";
    let tells = |policy: &Policy| {
        let decision = policy.decision.as_ref();
        decision.is_some_and(|d| !matches!(d, Decision::Skip | Decision::Redact(Mask::Marker)))
    };
    for (parameter, policy) in typed(function, policies) {
        if plain_name(&parameter.pat).is_some() {
            continue;
        }
        if let Some(policy) = policy.filter(|policy| tells(policy)) {
            report.error(policy.span, message);
        }
        let names = names_in(&parameter.pat);
        for (listed, policy) in &options.policies {
            if names.contains(listed) && tells(policy) {
                report.error(policy.span, message);
            }
        }
    }
}

/// `%` and `?` ask a type for `Display` or `Debug`; of a generic one nobody knows whether it has a policy.
fn sigils_do_not_publish_generics(
    function: &Function,
    options: &Options,
    policies: &Policies,
    report: &Report,
) {
    for field in &options.fields {
        let (Form::Display(value) | Form::Debug(value)) = &field.form else { continue };
        let Some(root) = root_variable(value) else { continue };
        let parameters = typed(function, policies).map(|(parameter, _)| parameter);
        let mut named = parameters.filter(|p| plain_name(&p.pat) == Some(root));
        if named.any(|parameter| is_generic(&parameter.ty, &function.sig.generics)) {
            let message = format!(
                "`{root}` is generic, and may come with a policy of its own: publish it as it is by \
                 `#[public(display, reason = \"…\")]`, or ask for `{root}: impl traced::Redact`"
            );
            report.error(root.span(), message);
        }
    }
}

fn root_variable(value: &Expr) -> Option<&Ident> {
    match value {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Reference(reference) => root_variable(&reference.expr),
        Expr::Paren(paren) => root_variable(&paren.expr),
        Expr::Unary(unary) => root_variable(&unary.expr),
        _ => None,
    }
}

/// Whether the type is a parameter of the function, behind whatever references.
fn is_generic(ty: &Type, generics: &Generics) -> bool {
    match ty {
        Type::ImplTrait(_) => true,
        Type::Path(path) => {
            let name = path.path.get_ident();
            name.is_some_and(|name| generics.type_params().any(|param| param.ident == *name))
        }
        Type::Reference(reference) => is_generic(&reference.elem, generics),
        Type::Paren(paren) => is_generic(&paren.elem, generics),
        Type::Group(group) => is_generic(&group.elem, generics),
        _ => false,
    }
}

/// Every name that the arguments bind, inside of patterns too.
fn bound_names(function: &Function, policies: &Policies) -> Vec<Ident> {
    typed(function, policies).flat_map(|(parameter, _)| names_in(&parameter.pat)).collect()
}
