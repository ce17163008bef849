//! What a few shapes expand to, as a person would read it.

use proc_macro2::TokenStream;
use std::path::Path;

/// Compares with `src/tests/<name>.rs.expanded`; `BLESS=1` writes it.
fn snapshot(name: &str, options: &str, item: &str) {
    let parse = |text: &str| text.parse::<TokenStream>().expect("a token stream");
    let expanded = crate::driver::traced(parse(options), parse(item));
    compare(name, &syn::parse2(expanded).expect("items"));
}

fn snapshot_inline(name: &str, kind: crate::model::InlineKind, input: &str) {
    let expression = crate::driver::inline(kind, input.parse().expect("a token stream"));
    compare(name, &syn::parse_quote! { fn place() { #expression } });
}

fn compare(name: &str, file: &syn::File) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/tests/{name}.rs.expanded"));
    let found = prettyplease::unparse(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).expect("a writable snapshot");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "the expansion changed; read it, then bless it with BLESS=1");
}

#[test]
fn sync_without_arguments() {
    snapshot("sync_without_arguments", "", "pub fn beat() { tick(); }");
}

#[test]
fn sync_with_arguments() {
    snapshot(
        "sync_with_arguments",
        "",
        "fn place(order: u64, #[public] currency: &str, mut items: Vec<Item>) { items.clear(); }",
    );
}

#[test]
fn sync_with_result() {
    snapshot(
        "sync_with_result",
        r#""place", slow = "100ms", kind = client"#,
        "fn place(&mut self, #[skip] order: Order) -> Result<&mut Receipt, Error> { self.find(order)? }",
    );
}

#[test]
fn a_place_with_everything() {
    snapshot(
        "a_place_with_everything",
        r#"name = "all", target = "shop", level = "debug", kind = server, slow = "1s", sample = 1,
           limit = "30/min", uncompressed, attach"#,
        "fn all() {}",
    );
}

#[test]
fn async_with_result() {
    snapshot(
        "async_with_result",
        "",
        "pub async fn charge(&self, order: u64, (a, _): Pair) -> io::Result<Receipt> { self.pay(a).await }",
    );
}

#[test]
fn async_under_another_macro() {
    snapshot(
        "async_under_another_macro",
        "root, fields(version = VERSION, host = %host(), later)",
        "#[tokio::main] async fn main() { serve().await; }",
    );
}

#[test]
fn event_with_values() {
    snapshot_inline(
        "event_with_values",
        crate::model::InlineKind::Event,
        r#""validated", checks = 3, order.total = total + 1, #[public] currency = self.currency"#,
    );
}
