//! Options as `tracing` writes them; `docs/from-tracing.md` lists them.

use traced::data::Status;
use traced::test::capture;
use traced::traced;

struct Orders;

impl Orders {
    #[traced(
        "place",
        skip(self, card),
        level = tracing::Level::DEBUG,
        target = "shop",
        fields(order.id = order, who = %name, what = ?name, later, also_later = tracing::field::Empty),
        ret(Debug),
        err(Debug),
        parent = None,
    )]
    fn place(&self, order: u64, name: &str, card: &str) -> Result<u8, String> {
        traced::record!(also_later = 7);
        let _ = card;
        if name.is_empty() { Err("no name".to_owned()) } else { Ok(1) }
    }

    #[traced(skip_all, level = 2, name = "other", err(Display))]
    fn other(&self, order: u64) -> Result<(), String> {
        Err(order.to_string())
    }
}

#[test]
fn they_mean_the_same() {
    let spans = capture(|| {
        Orders.place(1, "a", "4111").unwrap();
        Orders.place(1, "", "4111").unwrap_err();
        Orders.other(9).unwrap_err();
    });
    let place = &spans[0];
    assert_eq!(place.name, "place");
    assert_eq!(place.attribute("order.id"), Some(&1.into()));
    assert_eq!(place.attribute("who"), Some(&"a".into()));
    assert_eq!(place.attribute("what"), Some(&"\"a\"".into()));
    assert_eq!(place.attribute("later"), None);
    assert_eq!(place.attribute("also_later"), Some(&7.into()));
    assert_eq!(place.attribute("card"), None);
    assert_eq!(place.attribute("return"), Some(&"1".into()));
    assert_eq!(spans[1].status, Status::Error("\"no name\"".into()));
    assert_eq!(spans[2].name, "other");
    assert_eq!(spans[2].attribute("order"), None);
    assert_eq!(spans[2].status, Status::Error("9".into()));
}

#[test]
fn a_field_stands_in_for_an_argument_of_its_name() {
    #[traced("f", fields(order = order + 1, other))]
    fn f(order: u64, other: u64) -> u64 {
        order + other
    }
    let spans = capture(|| {
        f(1, 2);
    });
    let all: Vec<_> = spans[0].attributes.iter().map(|(key, _)| key.as_ref()).collect();
    assert_eq!(all, ["order"], "once, and what is declared is for later");
    assert_eq!(spans[0].attribute("order"), Some(&2.into()));
}
