#![allow(unused)]

use traced::Redact;

#[derive(Redact)]
struct Vouched {
    #[public(display)]
    display: std::net::Ipv4Addr,
    #[public(debug)]
    debug: std::net::Ipv4Addr,
    #[public(with = ToString::to_string)]
    with: std::net::Ipv4Addr,
}

fn main() {}
