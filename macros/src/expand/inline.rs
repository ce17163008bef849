//! `span!`, `section!`, `event!` and `record!`: a block with its own static, so that it fits wherever an
//! expression does.

use super::callsite::{self, Described};
use super::values::{self, Values};
use crate::model::{Inline, InlineKind};
use crate::names::{self, Runtime, generated};
use proc_macro2::TokenStream;

pub(crate) fn inline(inline: &Inline) -> TokenStream {
    let runtime = Runtime::new(inline.crate_path.clone());
    let values = Values::of(&[], &inline.fields, &runtime);
    if cfg!(feature = "off") {
        return never(inline, &values, &runtime);
    }
    let described = Described {
        keys: values::keys(&[], inline.fields.iter()),
        rows: values::rows(&[], inline.fields.iter(), &runtime),
    };
    let items = callsite::items(&inline.callsite, described, &runtime);
    let call = call(inline, &values, &runtime);
    let slots = values.slots();
    generated! { { #items #slots #call } }
}

fn call(inline: &Inline, values: &Values, runtime: &Runtime) -> TokenStream {
    let (site, closure) = (names::site(), values.closure(runtime));
    match inline.kind {
        InlineKind::Span => generated! { #runtime::span(&#site, #closure) },
        InlineKind::Section => generated! { #runtime::section(&#site, #closure) },
        InlineKind::Event => generated! { #runtime::event(&#site, #closure) },
        InlineKind::Record if inline.at_root => {
            generated! { #runtime::record(&#site, #runtime::Target::LocalRoot, #closure) }
        }
        InlineKind::Record => {
            generated! { #runtime::record(&#site, #runtime::Target::Current, #closure) }
        }
    }
}

/// Values are type-checked, so that code that is fine without tracing is fine with it, and never evaluated.
fn never(inline: &Inline, values: &Values, runtime: &Runtime) -> TokenStream {
    let result = match inline.kind {
        InlineKind::Span => Some(generated! { #runtime::no_span() }),
        InlineKind::Section => Some(generated! { #runtime::no_section() }),
        InlineKind::Event | InlineKind::Record => None,
    };
    let (slots, closure) = (values.slots(), values.closure(runtime));
    let checked = generated! { if false { #runtime::call_once(#closure); } };
    let checked = (!inline.fields.is_empty()).then_some(checked);
    generated! { { #slots #checked #result } }
}
