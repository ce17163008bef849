//! Syntax and options become a model in which everything is decided.

pub(crate) mod arguments;
mod async_trait;
pub(crate) mod attribute_macros;
mod body;
pub(crate) mod conditional;
mod early_exits;
mod function;
pub(crate) mod inline;
mod item;
pub(crate) mod members;
mod outcome;
mod returned;

use crate::model::{Callsite, Field, Function, Name, Parent, Shape, TracedFn};
use crate::options::Options;
pub(crate) use body::ends_with_value;
pub(crate) use outcome::consumes;
use returned::{Promise, may_be_boxed_future, promise};
pub(crate) use returned::{
    can_be_written_again, is_primitive, known_later, may_borrow, never_returns, returned,
    written_again,
};

pub(crate) use arguments::named_like_number;
use arguments::{Policies, names_in, plain_name};
use proc_macro2::Ident;
use syn::FnArg;

/// What else will transform a function after us.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surroundings {
    Plain,
    /// A macro on the block around it, which wants to see an `async fn`.
    AnotherMacro,
}

pub(crate) fn function(
    function: Function,
    mut options: Options,
    policies: &Policies,
    surroundings: Surroundings,
) -> TracedFn {
    let shape = shape(&function, surroundings);
    let outcome = outcome::decide(&function, &shape, &options);
    let arguments = arguments::decide(&function, &options, policies);
    let (fields, late_fields) = divide_fields(&function, std::mem::take(&mut options.fields));
    let callsite = Callsite {
        name: options.name.map_or(Name::Path, Name::Literal),
        target: options.target,
        level: options.level,
        kind: options.kind,
        slow_ns: options.slow_ns,
        sample: options.sample,
        limit_per_second: options.limit_per_second,
        uncompressed: options.uncompressed,
        attach: options.attach,
    };
    TracedFn {
        function,
        arguments,
        shape,
        outcome,
        callsite,
        parent: options.parent.unwrap_or(Parent::Current),
        links: options.links,
        polls: options.polls,
        fields,
        late_fields,
        crate_path: options.crate_path,
    }
}

/// Fields that are known when the function is called, and those that speak of what a pattern binds.
fn divide_fields(function: &Function, fields: Vec<Field>) -> (Vec<Field>, Vec<Field>) {
    let bound: Vec<Ident> = function
        .sig
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(parameter) if plain_name(&parameter.pat).is_none() => Some(&parameter.pat),
            _ => None,
        })
        .flat_map(|pat| names_in(pat))
        .collect();
    fields.into_iter().partition(|field| !field.form.mentions(&bound))
}

fn shape(function: &Function, surroundings: Surroundings) -> Shape {
    if function.sig.asyncness.is_none() {
        return shape_of_sync(function);
    }
    // `impl Future<Output = !>` is not stable.
    let is_seen_by_others =
        surroundings == Surroundings::AnotherMacro || attribute_macros::follow(&function.attrs);
    if never_returns(&function.sig) || is_seen_by_others {
        return Shape::AsyncKept;
    }
    Shape::Async
}

fn shape_of_sync(function: &Function) -> Shape {
    if let Some(boxed) = async_trait::boxed_future(function) {
        return Shape::Boxed(boxed);
    }
    let ty = returned(&function.sig);
    // What would have to happen in a closure, or after it, would be the caller that `Location::caller` sees.
    if outcome::has_track_caller(&function.attrs) {
        return Shape::Sync;
    }
    match ty.and_then(promise) {
        Some(Promise::Future(output)) => return Shape::Future(output),
        Some(Promise::Stream) => return Shape::Stream,
        None => {}
    }
    if ty.is_some_and(may_be_boxed_future) {
        let boxed = body::boxed_future(&function.body);
        let boxed = boxed.filter(|boxed| !body::leaves_early(&boxed.statements));
        return Shape::PerhapsBoxed(boxed);
    }
    Shape::Sync
}
