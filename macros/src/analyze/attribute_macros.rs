//! Attributes that stand after `#[traced]` may be macros that want to see the function as it was written,
//! as `#[tokio::main]` refuses what is not an `async fn`.

use syn::Attribute;

/// What the compiler and its tools understand themselves.
const INERT: &[&str] = &[
    "allow",
    "automatically_derived",
    "cfg",
    "clippy",
    "cold",
    "coverage",
    "deny",
    "deprecated",
    "diagnostic",
    "doc",
    "expect",
    "export_name",
    "forbid",
    "ignore",
    "inline",
    "link_section",
    "must_use",
    "no_mangle",
    "optimize",
    "rustfmt",
    "should_panic",
    "target_feature",
    "track_caller",
    "warn",
];

/// Whether any attribute may be a macro. `cfg_attr` may hide one.
pub(crate) fn follow(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attribute| {
        let first = attribute.path().segments.first();
        !first.is_some_and(|segment| INERT.iter().any(|inert| segment.ident == inert))
    })
}
