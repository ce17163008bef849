//! Rules across options and the function that they stand on.

use crate::analyze::arguments::{MarkerKind, Policies, names_in, plain_name, typed};
use crate::analyze::{is_primitive, returned};
use crate::model::{Errors, Function};
use crate::options::Options;
use crate::report::{Report, nearest};
use proc_macro2::Ident;
use syn::Type;

pub(crate) fn function(
    function: &Function,
    options: &Options,
    policies: &Policies,
    report: &Report,
) {
    no_const_fn(function, report);
    something_is_returned(function, options, report);
    something_is_polled(function, options, report);
    one_parent(options, report);
    keys_once(options, report);
    let names = bound_names(function, policies);
    listed_arguments_exist(options, function, &names, report);
    one_policy_each(options, function, policies, report);
    public_arguments_have_names(function, options, policies, report);
}

/// Rules for what functions take from their block.
pub(crate) fn block(options: &Options, names: &[Ident], report: &Report) {
    if let Some(name) = &options.name {
        let message = "the functions of a block have a name each; put `#[traced(name = …)]` on the one that is meant";
        report.error(name.span(), message);
    }
    one_parent(options, report);
    keys_once(options, report);
    let listed = options.skip.iter().chain(&options.public).chain(&options.redact);
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
    for listed in skipped.chain(&options.public).chain(&options.redact) {
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
    for name in &options.public {
        if options.skip.contains(name) || options.redact.contains(name) {
            report.error(name.span(), format!("`{name}` cannot be both public and left out"));
        }
    }
    for (parameter, marker) in typed(function, policies) {
        let (Some(name), Some(marker)) = (plain_name(&parameter.pat), marker) else { continue };
        let public = marker.kind == MarkerKind::Public;
        let lists: &[&Vec<Ident>] =
            if public { &[&options.skip, &options.redact] } else { &[&options.public] };
        if lists.iter().any(|list| list.contains(name)) {
            report.error(marker.span, format!("`{name}` cannot be both public and left out"));
        }
    }
}

fn public_arguments_have_names(
    function: &Function,
    options: &Options,
    policies: &Policies,
    report: &Report,
) {
    let message = "only an argument with a plain name can be public; take it apart in the body";
    for (parameter, marker) in typed(function, policies) {
        if plain_name(&parameter.pat).is_some() {
            continue;
        }
        if let Some(marker) = marker.filter(|marker| marker.kind == MarkerKind::Public) {
            report.error(marker.span, message);
        }
        let names = names_in(&parameter.pat);
        for listed in options.public.iter().filter(|listed| names.contains(listed)) {
            report.error(listed.span(), message);
        }
    }
}

/// Every name that the arguments bind, inside of patterns too.
fn bound_names(function: &Function, policies: &Policies) -> Vec<Ident> {
    typed(function, policies).flat_map(|(parameter, _)| names_in(&parameter.pat)).collect()
}
