//! Every place of a value, under every action, with every text: {places} × {actions} × {texts}. What is told under
//! an action has none of the text in it, but for the last four characters where these are asked for.

use crate::output::exported;
use crate::payloads::payloads;
use crate::search::{Searched, escaped, forms};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, OnceLock};
use traced::propagation::Baggage;
use traced::redact::register_error;
use traced::{Context, Redact, SpanId, TraceId, traced};

/// Each place once, with `$place` on what stands there and `$field` on what is inside of a type.
macro_rules! places_under {
    ($action:ident: [$($place:tt)*] [$($field:tt)*]) => {
        mod $action {
            use super::*;

            #[derive(Redact, PartialEq, Eq, PartialOrd, Ord)]
            struct Newtype($($field)* String);

            #[derive(Redact)]
            struct Tuple(#[public] u64, $($field)* String);

            #[derive(Redact)]
            struct Inner {
                $($field)*
                text: String,
                $($field)*
                optional: Option<String>,
            }

            #[derive(Redact)]
            struct Nested {
                inner: Inner,
                optional: Option<Inner>,
                tuple: Tuple,
            }

            #[derive(Redact)]
            enum Choice {
                #[public]
                Positional($($field)* String),
                #[public]
                Named { $($field)* text: String, newtype: Newtype },
                #[redact]
                Hidden(String),
            }

            #[derive(Redact)]
            struct Many {
                #[public(each)]
                each: Vec<Newtype>,
                counted: Vec<Newtype>,
                #[public(each)]
                values: BTreeMap<String, Newtype>,
                keys: BTreeMap<Newtype, Newtype>,
            }

            #[derive(Redact)]
            struct Generic<T: Redact> {
                content: T,
            }

            #[derive(Debug, thiserror::Error, Redact)]
            enum Failed {
                #[error("refused: {text}, {0}", text = 1)]
                Field($($field)* String),
                #[error("caused: {text:?}")]
                Source { $($field)* text: String, source: Cause },
            }

            #[derive(Debug, thiserror::Error, Redact)]
            #[error("because of {0}")]
            struct Cause($($field)* String);

            struct Service {
                text: String,
                newtype: Newtype,
            }

            struct Json<T>(T);

            fn newtype(text: &str) -> Newtype {
                Newtype(text.to_owned())
            }

            fn inner(text: &str) -> Inner {
                Inner { text: text.to_owned(), optional: Some(text.to_owned()) }
            }

            #[traced("argument")]
            fn argument($($place)* text: &str, $($place)* owned: String) {}

            #[traced("destructured")]
            fn destructured(
                Json(inner): Json<Inner>,
                Inner { text, .. }: Inner,
                Json(raw): Json<String>,
                (first, second): (String, &str),
            ) {}

            impl Service {
                #[traced("self", fields($($place)* text = self.text, newtype = self.newtype))]
                fn method(&self) {}
            }

            #[traced("return", ret)]
            fn returned(#[skip] text: &str) -> Newtype {
                newtype(text)
            }

            #[traced("nested")]
            fn nested(nested: &Nested) {}

            #[traced("tuple")]
            fn tuple(tuple: Tuple, pair: (Newtype, Newtype)) {}

            #[traced("enum")]
            fn choice(positional: Choice, named: Choice, hidden: &Choice) {}

            #[traced("newtype")]
            fn wrapped(newtype: Newtype) {}

            #[traced("Option")]
            fn optional($($place)* text: Option<String>, newtype: Option<Newtype>) {}

            #[traced("Vec and maps")]
            fn many(many: &Many, all: Vec<Newtype>, texts: Vec<String>, map: BTreeMap<String, String>) {}

            #[traced("Arc")]
            fn shared($($place)* text: Arc<String>, inner: Arc<Inner>) {}

            #[traced("dyn")]
            fn dynamic(inner: &dyn Redact, boxed: Box<dyn Redact>) {}

            #[traced("generic")]
            fn generic<T, U: Redact>(opaque: T, bounded: U, inside: &Generic<U>) {}

            #[traced("across .await")]
            async fn later($($place)* text: String, inner: Inner) {
                tokio::task::yield_now().await;
                traced::record!($($place)* late = text, inner);
            }

            #[traced("closure")]
            fn closure(make: impl Fn() -> String) {
                let inside = || {
                    let text = make();
                    let _section = traced::section!("in a closure", $($place)* text);
                    traced::span!("expression", $($place)* made = make()).in_scope(|| {});
                };
                inside();
            }

            #[traced("error")]
            fn fails(#[skip] error: Failed) -> Result<(), Failed> {
                Err(error)
            }

            #[traced("error in a box")]
            fn boxed(#[skip] error: Failed) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
                Err(error.into())
            }

            #[traced("event")]
            fn event($($place)* text: &str) {
                let inner = inner(text);
                traced::event!("event", $($place)* text, inner);
                traced::record_error!(Cause(text.to_owned()));
            }

            /// Once: there is room for 64 types in a process.
            fn register() {
                static REGISTERED: OnceLock<[bool; 2]> = OnceLock::new();
                let register = || [register_error::<Failed>(), register_error::<Cause>()];
                assert_eq!(REGISTERED.get_or_init(register), &[true; 2]);
            }

            pub(super) fn all(text: &str) {
                register();
                let own = || text.to_owned();
                argument(text, own());
                destructured(Json(inner(text)), inner(text), Json(own()), (own(), text));
                Service { text: own(), newtype: newtype(text) }.method();
                returned(text);
                let pair = || Tuple(1, own());
                nested(&Nested { inner: inner(text), optional: Some(inner(text)), tuple: pair() });
                tuple(pair(), (newtype(text), newtype(text)));
                let named = Choice::Named { text: own(), newtype: newtype(text) };
                choice(Choice::Positional(own()), named, &Choice::Hidden(own()));
                wrapped(newtype(text));
                optional(Some(own()), Some(newtype(text)));
                let several = || vec![newtype(text), newtype(text)];
                let held = Many {
                    each: several(),
                    counted: several(),
                    values: [("key".to_owned(), newtype(text))].into(),
                    keys: [(newtype(text), newtype(text))].into(),
                };
                many(&held, several(), vec![own()], [(own(), own())].into());
                shared(Arc::new(own()), Arc::new(inner(text)));
                dynamic(&inner(text), Box::new(inner(text)));
                generic(own(), newtype(text), &Generic { content: newtype(text) });
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(later(own(), inner(text)));
                closure(own);
                let caused = || Failed::Source { text: own(), source: Cause(own()) };
                let (_, _) = (fails(Failed::Field(own())), fails(caused()));
                let (_, _) = (boxed(Failed::Field(own())), boxed(caused()));
                event(text);
            }
        }
    };
}

places_under!(marker: [#[redact]] [#[redact]]);
places_under!(classed: [#[redact(class = "canary")]] [#[redact(class = "canary")]]);
places_under!(length: [#[redact(len)]] [#[redact(len)]]);
places_under!(hash: [#[redact(hash)]] [#[redact(hash)]]);
places_under!(hash_of_class: [#[redact(hash, class = "canary")]] [#[redact(hash, class = "canary")]]);
places_under!(last: [#[redact(last = 4)]] [#[redact(last = 4)]]);
places_under!(with: [#[redact(with = constant)]] [#[redact(with = constant)]]);
places_under!(skip: [] [#[skip]]);

fn constant<T>(_: &T) -> &'static str {
    "made by a function"
}

/// What no attribute can stand on, but the context a span is in: no action tells anything of it.
#[traced("in another's context", links = from)]
fn linked(#[skip] from: &Context) {
    traced::link(from);
    traced::event!("baggage", left_out = from.baggage().as_str());
}

#[traced("panics")]
fn panics(#[skip] text: &str) {
    // As any panic, but that nobody prints it.
    std::panic::resume_unwind(Box::new(text.to_owned()));
}

/// The name of a span is a literal; what decides between two of them is the program's code, not its data.
fn named(text: &str) {
    traced::span!("name", text).in_scope(|| {});
}

fn around(text: &str) {
    named(text);
    let baggage = Baggage::EMPTY.with("user", text).unwrap_or_default();
    let from = Context::remote(TraceId::from_u128(7), SpanId::from_u64(7), true);
    let from = from.with_baggage(baggage);
    linked(&from);
    from.in_scope(|| linked(&from));
    let _ = std::panic::catch_unwind(|| panics(text));
}

type Action = (&'static str, fn(&str));

const ACTIONS: [Action; 8] = [
    ("marker", marker::all),
    ("marker of a class", classed::all),
    ("len", length::all),
    ("hash", hash::all),
    ("hash of a class", hash_of_class::all),
    ("last", last::all),
    ("with", with::all),
    ("skip", skip::all),
];

/// The key of hashes, which the process has once.
fn with_key() {
    static KEY: OnceLock<()> = OnceLock::new();
    KEY.get_or_init(|| traced::redact::set_key(b"0123456789abcdef0123456789abcdef").unwrap());
}

fn outputs(action: fn(&str), text: &str) -> Vec<u8> {
    let work = || {
        action(text);
        around(text);
    };
    exported(work).join(&b'\n')
}

/// The end that `last` tells of a long text.
fn end_of(text: &str) -> Option<&str> {
    let (start, _) = text.char_indices().rev().nth(3)?;
    (text.chars().count() >= 12).then(|| &text[start..])
}

fn line_with<'o>(outputs: &'o [u8], form: &[u8]) -> std::borrow::Cow<'o, str> {
    let mut lines = outputs.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.windows(form.len()).any(|part| part == form));
    String::from_utf8_lossy(line.unwrap_or_default())
}

/// In the output of an action, nothing of the text that is not there for any other text as well.
fn assert_nothing_of(
    text: &str,
    forms: &[(&str, Vec<u8>)],
    (name, action): Action,
    without: &Searched<'_>,
) {
    let told = outputs(action, text);
    let told_of = Searched::new(&told);
    let end = if name == "last" { end_of(text) } else { None }.unwrap_or_default();
    let ends = [end.as_bytes().to_vec(), escaped(end)];
    for (form, written) in forms {
        let is_end = ends.iter().any(|end| end.windows(written.len()).any(|part| part == written));
        assert!(
            !told_of.has(written) || without.has(written) || is_end,
            "under {name}, {:?} of {:?} is there {form}, in\n{}",
            String::from_utf8_lossy(written),
            text.chars().take(40).collect::<String>(),
            line_with(&told, written)
        );
    }
}

#[test]
fn nothing_of_a_secret_is_in_what_is_told_of_it() {
    with_key();
    let nothing = ACTIONS.map(|(_, action)| outputs(action, ""));
    let nothing = nothing.each_ref().map(|told| Searched::new(told));
    for text in payloads() {
        let forms = forms(&text);
        for (action, without) in ACTIONS.into_iter().zip(&nothing) {
            assert_nothing_of(&text, &forms, action, without);
        }
    }
}

#[test]
fn every_place_is_recorded() {
    with_key();
    let text = "4242424242424242";
    for ((name, action), shown) in ACTIONS.into_iter().zip([
        "[redacted]",
        "[redacted]",
        "16",
        ":",
        ":",
        "\u{2026}4242",
        "made by a function",
        "",
    ]) {
        let told = exported(|| action(text)).swap_remove(0);
        let told = String::from_utf8_lossy(&told);
        // A closure that is an argument says nothing; what happens inside of it does.
        let lines = told.lines().filter(|line| !line.starts_with("closure "));
        let silent: Vec<_> = lines.filter(|line| !line.contains(shown)).collect();
        assert!(silent.is_empty(), "{name}: {silent:#?}");
        assert_eq!(told.lines().count(), 22, "{told}");
    }
}

/// A leak on purpose.
#[traced("planted")]
fn planted(#[public] written: &str) {}

#[test]
fn a_leak_is_found_in_each_form() {
    let without = outputs(skip::all, "");
    let without = Searched::new(&without);
    let mut seen = HashSet::new();
    for text in
        ["correct horse battery staple", "!#$%&()*+,-./:;<=>?@[]^_`{|}~", "\u{1f980}\u{5e1}\"\0x"]
    {
        for (form, written) in forms(text) {
            // Bytes that are no text cannot be recorded.
            let Ok(written) = String::from_utf8(written) else { continue };
            let told = exported(|| planted(&format!("<{written}>")));
            for (way, told) in crate::output::WAYS.iter().zip(&told) {
                let is_found = Searched::new(told).has(written.as_bytes());
                // What a terminal would obey is escaped there, and a line has an end; memory is shown escaped.
                let is_plain = !written.contains(['"', '\\', '\0']) && written.is_ascii();
                let fits = *way != "console" || written.len() <= 40;
                assert!(is_found || !is_plain || !fits, "{form} in {way}: {written:?}");
                if is_found && !without.has(written.as_bytes()) {
                    seen.insert(form);
                }
            }
        }
    }
    let all: HashSet<_> =
        forms("correct horse battery staple").into_iter().map(|(form, _)| form).collect();
    assert!(all.is_subset(&seen), "{:?}", all.difference(&seen));
}
