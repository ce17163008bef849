//! parse → analyze → check → expand. On any mistake the item is emitted unchanged beside the errors.

use crate::analyze::{Surroundings, arguments, attribute_macros, conditional, members};
use crate::model::{Block, BlockKind, Function, InlineKind, Item, Member};
use crate::options::{Heir, Options};
use crate::report::Report;
use crate::{analyze, check, expand, sections};
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Attribute;

pub(crate) fn traced(options: TokenStream, item: TokenStream) -> TokenStream {
    let report = Report::new();
    let options = Options::parse(options, &report);
    let parsed = syn::parse2::<Item>(item.clone()).map_err(|error| report.add(error));
    // What is wrong with the options is told once, whatever they stand on.
    let errors = report.finish();
    match (errors, parsed) {
        (errors, Err(())) => errors.into_iter().chain([item]).collect(),
        (errors, Ok(Item::Function(it))) => {
            function(it, options, Surroundings::Plain, Found { errors, around: false }, &[])
        }
        (errors, Ok(Item::Block(it))) => {
            let block = block(it, &options, Surroundings::Plain, errors.is_some());
            quote! { #errors #block }
        }
    }
}

/// What was found before a function is looked at.
struct Found {
    errors: Option<TokenStream>,
    /// Somebody has reported mistakes of the block around it already.
    around: bool,
}

/// `conditions` are those under which the function is compiled.
fn function(
    mut function: Function,
    options: Options,
    surroundings: Surroundings,
    Found { errors, around }: Found,
    conditions: &[Attribute],
) -> TokenStream {
    if let Some(conditional::Arms { with, without }) = conditional::divide(&function) {
        let arms = [with, without].map(|(condition, mut arm)| {
            let conditions = [conditions, std::slice::from_ref(&condition)].concat();
            arm.attrs.insert(0, condition);
            self::function(
                arm,
                options.clone(),
                surroundings,
                Found { errors: None, around },
                &conditions,
            )
        });
        return quote! { #errors #(#arms)* };
    }
    let report = Report::new();
    let policies = arguments::take_policies(&mut function, &report);
    check::function(&function, &options, &policies, &report);
    let body = sections::expand(&function.body, options.crate_path.as_ref(), &report);
    let found = report.finish_under(conditions);
    let has_errors = around || errors.is_some() || found.is_some();
    if has_errors || cfg!(feature = "off") {
        function.body = sections::strip(&function.body);
        return quote! { #errors #found #function };
    }
    function.body = body.unwrap_or(function.body);
    expand::function(&analyze::function(function, options, &policies, surroundings))
}

fn block(
    block: Block,
    options: &Options,
    surroundings: Surroundings,
    has_errors: bool,
) -> TokenStream {
    let report = Report::new();
    check::block(options, &names_in(&block), &report);
    let errors = report.finish();
    let has_errors = has_errors || errors.is_some();
    let block = members_of(block, options, surroundings, has_errors);
    quote! { #errors #block }
}

fn members_of(
    block: Block,
    options: &Options,
    surroundings: Surroundings,
    has_errors: bool,
) -> TokenStream {
    let Block { kind, attrs, header, inner, members, span } = block;
    let surroundings = match kind {
        // Whatever stands on a module leaves the functions in it alone.
        BlockKind::Mod => surroundings,
        _ if attribute_macros::follow(&attrs) => Surroundings::AnotherMacro,
        BlockKind::Impl | BlockKind::Trait => surroundings,
    };
    let members = members.into_iter().map(|it| match it {
        Member::Function(it) => member(it, options, surroundings, has_errors),
        Member::Block(it) => nested(it, options, surroundings, has_errors),
        Member::Other(tokens) => tokens,
    });
    let braces = quote_spanned! { span => { #(#inner)* #(#members)* } };
    quote! { #(#attrs)* #header #braces }
}

fn member(
    mut function: Function,
    around: &Options,
    surroundings: Surroundings,
    has_errors: bool,
) -> TokenStream {
    if let Some(conditional::Arms { with, without }) = conditional::divide(&function) {
        let arms = [with, without].map(|(condition, mut arm)| {
            arm.attrs.insert(0, condition);
            member(arm, around, surroundings, has_errors)
        });
        return quote! { #(#arms)* };
    }
    let own = members::take_own(&mut function.attrs);
    let is_meant = own.options.is_some();
    if own.untraced || !is_meant && members::is_passed_over(&function) {
        return without_policies(function);
    }
    let report = Report::new();
    let mut options = Options::parse(own.options.unwrap_or_default(), &report);
    let conditions: Vec<_> =
        function.attrs.iter().filter(|it| it.path().is_ident("cfg")).cloned().collect();
    let errors = report.finish_under(&conditions);
    let names = arguments::names_without_policy(&function);
    options.inherit(around, &Heir { names: &names, has_self: function.sig.receiver().is_some() });
    let found = Found { errors, around: has_errors };
    self::function(function, options, surroundings, found, &conditions)
}

/// A block in a module.
fn nested(
    mut it: Block,
    around: &Options,
    surroundings: Surroundings,
    has_errors: bool,
) -> TokenStream {
    let own = members::take_own(&mut it.attrs);
    if own.untraced {
        return expand::block_as_it_is(it);
    }
    let Some(own) = own.options else { return members_of(it, around, surroundings, has_errors) };
    let report = Report::new();
    let mut options = Options::parse(own, &report);
    let errors = report.finish();
    let has_errors = has_errors || errors.is_some();
    let names = names_in(&it);
    options.inherit(around, &Heir { names: &names, has_self: true });
    let block = block(it, &options, surroundings, has_errors);
    quote! { #errors #block }
}

/// A function that is not traced keeps nothing that only `#[traced]` understands.
fn without_policies(mut function: Function) -> TokenStream {
    let report = Report::new();
    arguments::take_policies(&mut function, &report);
    let errors = report.finish();
    function.body = sections::strip(&function.body);
    quote! { #errors #function }
}

fn names_in(block: &Block) -> Vec<Ident> {
    let names = |member: &Member| match member {
        Member::Function(function) => arguments::names_of(function),
        Member::Block(block) => names_in(block),
        Member::Other(_) => Vec::new(),
    };
    block.members.iter().flat_map(names).collect()
}

pub(crate) fn inline(kind: InlineKind, input: TokenStream) -> TokenStream {
    let report = Report::new();
    let inline = analyze::inline::parse(kind, input, &report);
    if let Some(errors) = report.finish() {
        // An expression, because that is what the macro stands for.
        return quote! { { #errors } };
    }
    expand::inline(&inline)
}
