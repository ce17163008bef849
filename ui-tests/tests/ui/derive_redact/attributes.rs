#![allow(unused)]

use traced::Redact;

const CLASS: &str = "pii";

#[derive(Redact)]
struct Wrong {
    #[redact(last = 5)]
    too_much: String,
    #[redact(last = 0)]
    nothing: String,
    #[redact(last = "4")]
    no_number: String,
    #[public(display)]
    no_reason: String,
    #[public(debug, reason = "")]
    empty_reason: String,
    #[redact(class = CLASS)]
    no_literal: String,
    #[public(rename = stringify!(x))]
    no_literal_name: String,
    #[redact]
    #[redact]
    twice: String,
    #[redact(len)]
    #[public]
    conflict: String,
    #[redact(len, hash)]
    two_masks: String,
    #[redact(display)]
    publishes: String,
    #[public(len)]
    masks: String,
    #[redact(lenght)]
    misspelled: String,
    #[public(max = 3)]
    max_of_what: String,
    #[public(each, max = 1000)]
    too_many: Vec<String>,
    #[redact(rest)]
    rest_on_a_field: String,
    #[public = "x"]
    value: String,
    #[traced(publik)]
    spelled_under_traced: String,
}

#[derive(Redact)]
#[redact]
struct WithoutRest {
    text: String,
}

#[derive(Redact)]
#[public(message = "no {field} of mine")]
struct Message {
    #[public]
    other: u64,
}

fn main() {}
