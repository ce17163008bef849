//! What is done with the value returned. Whether it is an error is decided by its type, so that aliases
//! count and everything else costs nothing.

use super::policy;
use crate::analyze;
use crate::model::{Description, Errors, Observation, Outcome, ReturnedForm, TracedFn};
use crate::names::{self, Runtime, generated};
use crate::redact::decision::Shown;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Expr, Type};

/// Says what there is to say about `result`, a reference to the value.
pub(super) fn observe(
    observation: &Observation,
    result: &TokenStream,
    runtime: &Runtime,
) -> TokenStream {
    let checked = must_be_result(observation, result, runtime);
    let said = match (&observation.errors, observation.returned) {
        (Errors::On { description: Description::ByType, expected: None, .. }, None) => {
            failed_by_type(result, &generated! { #runtime::Expected::AsDeclared }, runtime)
        }
        (errors, returned) => both_sides(errors, returned, result, runtime),
    };
    let handed_over = match &observation.errors {
        Errors::On { .. } => Some(handed_over(result, runtime)),
        Errors::Off => None,
    };
    generated! {
        {
            use #runtime::by_outcome::*;
            #checked
            #said
            #handed_over
        }
    }
}

/// The same as a closure, for who has the value later.
pub(super) fn observer(traced: &TracedFn, runtime: &Runtime) -> TokenStream {
    let Outcome::Observed(observation) = &traced.outcome else { return generated! { |_| {} } };
    let result = names::result();
    let observe = observe(observation, &generated! { #result }, runtime);
    let ty = analyze::returned(&traced.function.sig).and_then(analyze::known_later);
    let hint = ty.filter(|ty| !matches!(ty, Type::Infer(_)));
    let hint = hint.map(|ty| generated! { let _: &#ty = #result; });
    if hint.is_none() {
        return generated! { |#result| #observe };
    }
    generated! { |#result| { #hint #observe } }
}

/// A future that says it when its output is there. An inner `async` block would do the same at twice the
/// size.
pub(super) fn observed(
    traced: &TracedFn,
    future: TokenStream,
    output: Option<&Type>,
    runtime: &Runtime,
) -> TokenStream {
    let Outcome::Observed(_) = &traced.outcome else { return future };
    let observer = observer(traced, runtime);
    let output = output.map(|ty| generated! { ::<#ty, _, _> });
    generated! { #runtime::observed #output (#future, #observer) }
}

/// Somebody wrote `err`, who must have had an error in mind.
fn must_be_result(
    observation: &Observation,
    result: &TokenStream,
    runtime: &Runtime,
) -> Option<TokenStream> {
    let Errors::On { written: Some(written), .. } = &observation.errors else { return None };
    let can_fail = runtime.at(*written, "can_fail");
    let span = Span::mixed_site().located_at(*written);
    let result = at(result, span);
    Some(quote_spanned! { span => #can_fail(#result); })
}

/// The same tokens, underlined there.
fn at(tokens: &TokenStream, span: Span) -> TokenStream {
    let moved = tokens.clone().into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    moved.collect()
}

fn failed_by_type(result: &TokenStream, expected: &TokenStream, runtime: &Runtime) -> TokenStream {
    generated! {
        (&#runtime::Outcome(#result)).fail_by_type(#expected);
    }
}

/// The whole error goes to whoever asked for it with `on_error`.
fn handed_over(result: &TokenStream, runtime: &Runtime) -> TokenStream {
    generated! {
        (&&#runtime::Outcome(#result)).hand_over();
    }
}

fn both_sides(
    errors: &Errors,
    returned: Option<ReturnedForm>,
    result: &TokenStream,
    runtime: &Runtime,
) -> TokenStream {
    let (value, error) = (names::value(), names::error());
    let on_value = returned.map(|form| on_value(form, runtime));
    let on_error = match errors {
        Errors::Off => None,
        Errors::On { description, expected, written } => {
            let span = Span::mixed_site().located_at(written.unwrap_or_else(Span::call_site));
            Some(on_error(description, expected.as_ref(), result, span, runtime))
        }
    };
    let value = if on_value.is_some() { value } else { names::unused() };
    let error = if on_error.is_some() { error } else { names::unused() };
    generated! {
        match (&#runtime::Outcome(#result)).split() {
            ::core::result::Result::Ok(#value) => { #on_value }
            ::core::result::Result::Err(#error) => { #on_error }
        }
    }
}

fn on_value(form: ReturnedForm, runtime: &Runtime) -> TokenStream {
    let value = names::value();
    match form {
        ReturnedForm::ByType => generated! {
            use #runtime::by_type::*;
            #runtime::returned((&#runtime::Probe(#value)).value());
        },
        ReturnedForm::Display => returned_as(&Shown::Display, runtime),
        ReturnedForm::Debug => returned_as(&Shown::Debug, runtime),
    }
}

fn returned_as(shown: &Shown, runtime: &Runtime) -> TokenStream {
    let value = names::value();
    let told = policy::vouched(shown, generated! { &#value }, Span::mixed_site(), runtime);
    generated! { #runtime::returned(#told); }
}

fn on_error(
    description: &Description,
    expected: Option<&Expr>,
    result: &TokenStream,
    span: Span,
    runtime: &Runtime,
) -> TokenStream {
    let error = names::error();
    let error = Ident::new(&error.to_string(), span);
    let no_message = generated! { #runtime::Value::LeftOut };
    let type_name = generated! { #runtime::Value::literal(::core::any::type_name_of_val(#error)) };
    let (error_type, message) = match description {
        Description::ByType => return on_error_by_type(expected, result, runtime),
        Description::Type => (type_name, no_message),
        Description::Display => (
            type_name,
            policy::vouched(&Shown::Display, quote_spanned! { span => &#error }, span, runtime),
        ),
        Description::Debug => (
            type_name,
            policy::vouched(&Shown::Debug, quote_spanned! { span => &#error }, span, runtime),
        ),
        Description::Map(function) => {
            let described = asked(function, runtime);
            let leaf = runtime.at(function.span(), "Leaf");
            let span = Span::mixed_site().located_at(function.span());
            (quote_spanned! { span => #leaf::leaf(&#described) }, no_message)
        }
    };
    let failed = generated! { #runtime::failed(#error_type, #message) };
    let Some(function) = expected else { return failed };
    let is_expected = asked(function, runtime);
    generated! {
        if #is_expected {
            #runtime::expected(#error_type, #message)
        } else {
            #failed
        }
    }
}

fn on_error_by_type(
    expected: Option<&Expr>,
    result: &TokenStream,
    runtime: &Runtime,
) -> TokenStream {
    let declared = generated! { #runtime::Expected::AsDeclared };
    let Some(function) = expected else { return failed_by_type(result, &declared, runtime) };
    let is_expected = asked(function, runtime);
    let expected = generated! { if #is_expected { #runtime::Expected::Yes } else { #declared } };
    failed_by_type(result, &expected, runtime)
}

/// `function(error)`, where the function may be a closure whose argument has no type.
fn asked(function: &Expr, runtime: &Runtime) -> TokenStream {
    let error = names::error();
    let span = Span::mixed_site().located_at(function.span());
    quote_spanned! { span => #runtime::call_with(#error, #function) }
}
