//! `#[traced]` on an `impl`, a trait or a module.

use traced::data::SpanKind;
use traced::test::{Spans, capture};
use traced::traced;
use traced_tests::{block_on, yield_now};

fn names(spans: &Spans) -> Vec<&str> {
    spans.iter().map(|span| &*span.name).collect()
}

#[derive(Debug, Default)]
struct Orders {
    open: u64,
    last: String,
}

#[traced(skip(token), kind = client, fields(open = self.open))]
impl Orders {
    const LIMIT: u64 = 3;

    fn new(token: &str) -> Self {
        let _ = token;
        Self::default()
    }

    fn place(&mut self, order: u64, token: u64) -> Result<u64, String> {
        self.open += 1;
        if order > Self::LIMIT {
            return Err(self.last.clone());
        }
        Ok(order + token)
    }

    #[traced(kind = server, name = "cancel it", skip(order))]
    async fn cancel(&mut self, order: u64) {
        yield_now().await;
        self.open = order;
    }

    #[untraced]
    fn quiet(&self) -> u64 {
        self.open + 1
    }

    const fn limit() -> u64 {
        Self::LIMIT
    }

    fn last(&self) -> &String {
        &self.last
    }

    #[traced]
    fn meant(&self) -> u64 {
        self.open
    }

    fn says_more(#[public] token: &str) -> usize {
        token.len()
    }
}

#[test]
fn methods_inherit_what_the_block_says_and_override_it() {
    let spans = capture(|| assert_eq!(Orders::says_more("abc"), 3));
    assert_eq!(spans[0].attribute("token"), Some(&"abc".into()));
    let mut orders = Orders::new("");
    let spans = capture(|| {
        let mut orders = Orders::new("secret");
        orders.place(7, 8).unwrap_err();
        block_on(orders.cancel(9));
        assert_eq!(Orders::limit(), 3);
        assert_eq!(orders.last(), "");
        orders.quiet();
        orders.meant();
    });
    assert_eq!(names(&spans), ["Orders::new", "Orders::place", "cancel it", "Orders::meant"]);
    let [new, place, cancel, meant] = [0, 1, 2, 3].map(|at| &spans[at]);
    assert_eq!(new.kind, SpanKind::Client);
    assert_eq!(new.attributes, [], "no `self`, no field of it");
    assert_eq!(place.attribute("order"), Some(&7.into()));
    assert_eq!(place.attribute("token"), None);
    assert_eq!(place.attribute("open"), Some(&0.into()));
    assert!(super::failed(place));
    assert_eq!(cancel.kind, SpanKind::Server);
    assert_eq!(cancel.attribute("order"), None);
    assert_eq!(cancel.attribute("open"), Some(&1.into()));
    assert_eq!(meant.kind, SpanKind::Client);
    orders.place(1, 1).unwrap();
}

#[traced]
trait Greets {
    const NAME: &'static str;
    fn name(&self) -> String;
    fn greets(&self, times: u64) -> String {
        self.name().repeat(usize::try_from(times).unwrap())
    }
    async fn greets_later(&self) -> String {
        yield_now().await;
        self.name()
    }
    fn generic<T: Into<u64>>(&self, number: T) -> u64
    where
        Self: Sized,
    {
        number.into()
    }
}

struct Door<const N: usize>;

#[traced]
impl Greets for Door<{ 1 + 1 }> {
    const NAME: &'static str = "door";
    fn name(&self) -> String {
        Self::NAME.to_owned()
    }
}

#[test]
fn default_bodies_are_the_traits_and_the_rest_is_the_types() {
    let spans = capture(|| {
        assert_eq!(Door::<2>.greets(2), "doordoor");
        assert_eq!(block_on(Door::<2>.greets_later()), "door");
        assert_eq!(Door::<2>.generic(3_u32), 3);
    });
    let expected =
        ["Greets::greets", "Door::name", "Greets::greets_later", "Door::name", "Greets::generic"];
    assert_eq!(names(&spans), expected);
}

#[async_trait::async_trait]
trait Loads: Send + Sync {
    async fn load(&self, key: u64) -> Result<u64, String>;
    async fn load_text(&self, key: &str) -> usize;
}

struct Above;
struct Below;

#[traced(skip(key))]
#[async_trait::async_trait]
impl Loads for Above {
    async fn load(&self, key: u64) -> Result<u64, String> {
        yield_now().await;
        Err(key.to_string())
    }
    #[traced(public(key))]
    async fn load_text(&self, key: &str) -> usize {
        yield_now().await;
        key.len()
    }
}

#[async_trait::async_trait]
#[traced]
impl Loads for Below {
    async fn load(&self, key: u64) -> Result<u64, String> {
        yield_now().await;
        let number = u64::try_from(-1_i64).map_err(|_| key.to_string())?;
        Ok(number)
    }
    #[traced(public(key))]
    async fn load_text(&self, key: &str) -> usize {
        yield_now().await;
        key.len()
    }
}

#[test]
fn async_trait_above_and_below() {
    let all: [Box<dyn Loads>; 2] = [Box::new(Above), Box::new(Below)];
    let spans = capture(|| {
        for loads in all {
            block_on(loads.load(7)).unwrap_err();
            assert_eq!(block_on(loads.load_text("abc")), 3);
        }
    });
    assert_eq!(
        names(&spans),
        ["Above::load", "Above::load_text", "Below::load", "Below::load_text"]
    );
    assert!(super::failed(&spans[0]) && super::failed(&spans[2]));
    assert_eq!(spans[0].attribute("key"), None);
    assert_eq!(spans[2].attribute("key"), Some(&7.into()));
    assert_eq!(spans[1].attribute("key"), Some(&"abc".into()));
    assert_eq!(spans[3].attribute("key"), Some(&"abc".into()));
}

#[traced(skip_all)]
mod shop {
    //! Inner documentation stays where it is.
    #![allow(clippy::missing_const_for_fn)]

    pub(super) static STARTED: u64 = 1;
    macro_rules! generate {
        ($name:ident) => {
            pub(super) fn $name() -> u64 {
                1
            }
        };
    }
    generate!(generated);

    pub(super) struct Cart(pub(super) u64);

    pub(super) fn open(number: u64) -> Cart {
        Cart(number + STARTED)
    }

    impl Cart {
        pub(super) fn add(&mut self, number: u64) {
            self.0 += number;
        }
        pub(super) fn total(&self) -> u64 {
            self.0
        }
    }

    #[untraced]
    impl Drop for Cart {
        fn drop(&mut self) {
            self.0 = 0;
        }
    }

    #[traced(fields(inside = 1))]
    pub(super) mod inner {
        pub(in crate::blocks) fn work() {
            drop(String::new());
        }
    }
}

#[test]
fn a_module_is_traced_down_to_its_modules() {
    let spans = capture(|| {
        let mut cart = shop::open(1);
        cart.add(2);
        assert_eq!(cart.total(), 4);
        assert_eq!(shop::generated(), 1);
        shop::inner::work();
    });
    assert_eq!(names(&spans), ["shop::open", "Cart::add", "inner::work"]);
    assert_eq!(spans[0].attributes, []);
    assert_eq!(spans[2].attribute("inside"), Some(&1.into()));
}
