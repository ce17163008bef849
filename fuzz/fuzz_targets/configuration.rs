//! Variables that anybody may have set.
//!
//! Each line is a variable, `=` and its value; a name that no variable has stands for any of them. Nothing panics, the
//! same variables are understood the same way again, and what is said about them is about one that is set, and a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;
use traced::__fuzz::configure;

/// All variables that are asked for where none is set, and where the first ones are.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let asked = RefCell::new(BTreeSet::new());
    configure(
        &|name| {
            asked.borrow_mut().insert(name.to_owned());
            None
        },
        false,
    );
    asked.into_inner().into_iter().collect()
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let variables: HashMap<&str, &str> = text
        .lines()
        .filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            let any = name.bytes().map(usize::from).sum::<usize>() % NAMES.len();
            let known = NAMES.iter().position(|known| known == name);
            Some((NAMES[known.unwrap_or(any)].as_str(), value))
        })
        .collect();
    let lookup = |name: &str| variables.get(name).map(|value| (*value).to_owned());
    for has_terminal in [false, true] {
        let understood = configure(&lookup, has_terminal);
        assert_eq!(understood, configure(&lookup, has_terminal));
        for (variable, warning) in &understood.warnings {
            assert!(variables.contains_key(variable), "{variable} is not set: {warning}");
            assert!(!warning.contains(char::is_control), "{warning:?}");
        }
    }
});
