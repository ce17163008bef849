//! Three dozen orders, most of them ordinary, and some who look theirs up. Nobody traces the customers.

use crate::domain::{Card, NewOrder};
use reqwest::{Client, StatusCode};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;

const ORDERS: u64 = 36;
/// At one time.
const CUSTOMERS: u64 = 3;

pub(crate) const EMAIL: &str = "jane.doe@example.com";
pub(crate) const GOOD_CARD: &str = "4242424242424242";
const DECLINED_CARD: &str = "4000000000000002";
const CARD_OF_ISSUER_THAT_IS_DOWN: &str = "4000000000000119";
pub(crate) const CARDS: [&str; 3] = [GOOD_CARD, DECLINED_CARD, CARD_OF_ISSUER_THAT_IS_DOWN];

/// How often each answer was given.
pub(crate) type Answers = BTreeMap<&'static str, usize>;

pub(crate) async fn visit(orders: &str) -> Result<Answers, reqwest::Error> {
    let orders: Arc<str> = orders.into();
    // The shop is on this machine.
    let client = Client::builder().no_proxy().build()?;
    let mut customers = JoinSet::new();
    for first in 1..=CUSTOMERS {
        let (orders, client) = (orders.clone(), client.clone());
        customers.spawn(async move {
            let mut answers = Vec::new();
            for id in (first..=ORDERS).filter(|id| id % CUSTOMERS == first % CUSTOMERS) {
                let order = format!("http://{orders}/orders/{id}");
                let answer = client.put(&order).json(&ordered(id)).send().await?;
                answers.push(name_of(answer.status()));
                if id % 6 == 0 {
                    answers.push(name_of(client.get(&order).send().await?.status()));
                }
            }
            Ok(answers)
        });
    }
    let mut answers = Answers::new();
    while let Some(customer) = customers.join_next().await {
        for answer in customer.unwrap_or_else(|_| Ok(Vec::new()))? {
            *answers.entry(answer).or_default() += 1;
        }
    }
    Ok(answers)
}

fn ordered(id: u64) -> NewOrder {
    let sku = match id % 12 {
        4 => "last-copy",
        7 => "IMPORT-7",
        2 | 6 | 10 => "turntable",
        _ => "record",
    };
    let number = match id % 12 {
        5 => DECLINED_CARD,
        11 => CARD_OF_ISSUER_THAT_IS_DOWN,
        _ => GOOD_CARD,
    };
    NewOrder {
        sku: sku.into(),
        quantity: 1,
        email: EMAIL.into(),
        card: Card { number: number.into() },
    }
}

fn name_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200 => "looked up",
        201 => "placed",
        402 => "card declined",
        404 => "not found",
        409 => "out of stock",
        503 => "payment not available",
        _ => "something else",
    }
}
