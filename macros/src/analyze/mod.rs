//! Syntax and options become a model in which everything is decided.

pub(crate) mod arguments;
mod async_trait;
mod attribute_macros;
mod function;
pub(crate) mod inline;
pub(crate) mod outcome;

use crate::model::{Callsite, Function, Name, Shape, TracedFn};
use crate::options::Options;
pub(crate) use outcome::{can_be_written_again, consumes, never_returns, returned};

use arguments::Policies;

pub(crate) fn function(function: Function, options: Options, policies: &Policies) -> TracedFn {
    let shape = shape(&function);
    let outcome = outcome::decide(&function, &shape);
    let arguments = arguments::decide(&function, &options, policies);
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
        parent: options.parent,
        fields: options.fields,
        crate_path: options.crate_path,
    }
}

fn shape(function: &Function) -> Shape {
    if function.sig.asyncness.is_none() {
        return async_trait::boxed_future(function).map_or(Shape::Sync, Shape::Boxed);
    }
    // `impl Future<Output = !>` is not stable.
    if never_returns(&function.sig) || attribute_macros::follow(&function.attrs) {
        return Shape::AsyncKept;
    }
    Shape::Async
}
